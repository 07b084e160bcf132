import assert from 'node:assert/strict';
import { AxeBuilder } from '@axe-core/playwright';
import { panelEnsure } from '@dollarbox/panel/build';
import { CHROMIUM_FLAGS, chromiumEnsure } from '@dollarbox/testbed/chromium';
import { quietBrowserMake } from '@dollarbox/testbed/quiet-browser';
import {
  type Browser,
  type BrowserContextOptions,
  type Locator,
  type Page,
  chromium,
} from 'playwright-core';
import { Client } from 'pg';
import { type ServerProcess, serverStart } from './server-process.ts';
import { until } from './wait.ts';

/** A server with the panel, and a browser to look at it with. */
export interface PanelScene {
  server: ServerProcess;
  browser: Browser;
  /** The account that the first start made. */
  owner: Person;
  /** A page in a browser profile of its own. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  /** @throws AssertionError when a page logged an error or broke its policy since the last call. */
  faultsNone(): void;
  close(): Promise<void>;
}

export interface Person {
  email: string;
  password: string;
}

/** What the browser itself notes of refusals, which the panel shows. */
const REFUSAL = /^Failed to load resource: the server responded with a status of 4\d\d/;

export async function panelSceneOpen(
  environment: Record<string, string> = {},
): Promise<PanelScene> {
  await panelEnsure((text) => process.stderr.write(`${text}\n`));
  const installed = await chromiumEnsure();
  const server = await serverStart({ ENGINE: 'fake', ...environment });
  const quiet = await quietBrowserMake(installed, server.url);
  const { executablePath } = quiet;
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
  const faults: string[] = [];
  const word = (name: string) =>
    new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(server.output())?.[1] ?? '';

  return {
    server,
    browser,
    owner: { email: word('account'), password: word('password') },
    async visit(options = {}) {
      const context = await browser.newContext({
        baseURL: server.url,
        reducedMotion: 'reduce',
        ...options,
      });
      const page = await context.newPage();
      page.on('pageerror', (error) => faults.push(error.message));
      page.on('console', (message) => {
        const text = message.text();
        if (['error', 'warning'].includes(message.type()) && !REFUSAL.test(text)) faults.push(text);
      });
      return page;
    },
    faultsNone() {
      assert.deepEqual(faults.splice(0), []);
    },
    async close() {
      await browser.close();
      quiet.close();
      await server.remove();
    },
  };
}

/** Types address and password at the sign-in page, where `page` must be. */
export async function passwordSend(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Signs in and waits for the home page. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto('/sign-in');
  await passwordSend(page, person);
  await headingSeen(page, 'Home');
}

/** Waits for a page by its title. */
export async function headingSeen(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Waits until the focus is on an element with this text. */
export async function focusSeen(page: Page, text: string): Promise<void> {
  await until(`the focus is on "${text}"`, async () => {
    const focused = await page.evaluate('document.activeElement.innerText.trim()');
    return focused === text || undefined;
  });
}

/** Makes all proofs of who sits there as old as they would be after a while, and count no more. */
export async function proofsAge(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query("update sessions set proven_at = proven_at - interval '6 minutes'");
  await client.end();
}

/** @throws AssertionError with what axe found wrong with the page as it is now. */
export async function axeNone(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
  }));
  assert.deepEqual(found, [], what);
}

/** @throws AssertionError when the page is wider than the window. */
export async function widthFits(page: Page, what: string): Promise<void> {
  const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  assert.equal(over, 0, `${what} is wider than the window`);
}

/** Waits until a field says that what is in it is wrong, and why. @returns the fault. */
export async function faultSeen(field: Locator): Promise<string> {
  return until('a fault at the field', async () => {
    if ((await field.getAttribute('aria-invalid')) !== 'true') return null;
    const [id = ''] = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
    const text = `document.getElementById(${JSON.stringify(id)})?.innerText`;
    return (await field.page().evaluate(text)) as string | undefined;
  });
}
