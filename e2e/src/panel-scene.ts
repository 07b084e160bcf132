import assert from 'node:assert/strict';
import { setTimeout as delay } from 'node:timers/promises';
import { AxeBuilder } from '@axe-core/playwright';
import { dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { panelEnsure } from '@dollarbox/panel/build';
import { canaryOf } from '@dollarbox/testbed/canary';
import { CHROMIUM_FLAGS, chromiumEnsure } from '@dollarbox/testbed/chromium';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { quietBrowserCreate } from '@dollarbox/testbed/quiet-browser';
import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
  type Response,
  chromium,
} from 'playwright-core';
import { Client } from 'pg';
import { replyIsWatched, secretLook, secretsNone } from './secret-watch.ts';
import { type ServerProcess, serverStart } from './server-process.ts';
import { WAIT_MS, until } from './wait.ts';

/** A server with the panel, and a browser to view it with. */
export interface PanelScene {
  server: ServerProcess;
  /** Of the tests' shared database server, since one of its own takes the panel's server seconds to start. */
  databaseUrl: string;
  browser: Browser;
  /** The account that the first start created. */
  owner: Person;
  /** Opens a page in a browser profile of its own. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  /** @throws AssertionError if a page logged an error or violated its policy since the last call. */
  faultsNone(): void;
  close(): Promise<void>;
}

export interface Person {
  email: string;
  password: string;
}

/** What the browser itself logs about refused requests, which the panel shows. */
const REFUSAL = /^Failed to load resource: the server responded with a status of 4\d\d/;

/**
 * With this variable each request of a page to the API waits for a random time of at most so many milliseconds, and its
 * reply for another one. Run the panel's tests with it to find those that rely on the order in which replies arrive, also
 * compared with the events of what they report.
 */
const REQUEST_DELAY_MAX_MS = Number(process.env['TEST_REQUEST_DELAY_MS'] ?? 0);

/** What a page accepts where it follows a stream, whose reply has no end. */
const STREAMS = /ndjson|event-stream/;

async function requestsDelay(context: BrowserContext): Promise<void> {
  await context.route(/\/api\//, async (route) => {
    const wait = () => delay(Math.random() * REQUEST_DELAY_MAX_MS);
    const isStream = STREAMS.test(route.request().headers()['accept'] ?? '');
    await wait();
    try {
      if (isStream) return await route.continue();
      // Without its header, the request takes the cookies of this moment, as it does if it is continued.
      const { cookie: _cookie, ...headers } = route.request().headers();
      const response = await route.fetch({ headers, maxRedirects: 0 });
      await wait();
      await route.fulfill({ response });
    } catch {
      // The page is gone.
    }
  });
}

export async function panelSceneOpen(
  environment: Record<string, string> = {},
): Promise<PanelScene> {
  await panelEnsure((text) => process.stderr.write(`${text}\n`));
  const installed = await chromiumEnsure();
  const { url: databaseUrl } = await databaseCreate();
  const server = await serverStart({
    ENGINE: 'fake',
    DATABASE_URL: databaseUrl,
    SECRET_KEY: canaryOf('as long as it has to be, 32 characters or more'),
    ...environment,
  });
  const quiet = await quietBrowserCreate(installed, server.url);
  const { executablePath } = quiet;
  const browser = await chromium.launch({ executablePath, args: [...CHROMIUM_FLAGS] });
  const faults: string[] = [];
  const looks: Promise<void>[] = [];
  const word = (name: string) =>
    new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(server.output())?.[1] ?? '';

  return {
    server,
    databaseUrl,
    browser,
    owner: { email: word('account'), password: word('password') },
    async visit(options = {}) {
      const context = await browser.newContext({
        baseURL: server.url,
        reducedMotion: 'reduce',
        ...options,
      });
      context.setDefaultTimeout(WAIT_MS);
      if (REQUEST_DELAY_MAX_MS > 0) await requestsDelay(context);
      context.on('response', (response) => void looks.push(responseLook(response)));
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
      await Promise.all(looks);
      await server.remove();
      secretsNone();
    },
  };
}

/** Looks for secrets in an error or a page that a browser received. */
async function responseLook(response: Response): Promise<void> {
  if (!replyIsWatched(response.status(), response.headers()['content-type'] ?? '')) return;
  const { pathname } = new URL(response.url());
  try {
    secretLook(`the reply to ${response.request().method()} ${pathname}`, await response.text());
  } catch {
    // The page was left before the browser had the whole reply.
  }
}

/**
 * Creates the container `web` in the scene's first org, and waits until it runs.
 * @returns a function that deletes it.
 */
export async function containerMake({ server }: PanelScene): Promise<() => Promise<void>> {
  const client = dollarboxClientCreate({ baseUrl: server.url, token: server.token });
  const body = { name: 'web', image: 'web:1' };
  const params = { header: { Prefer: 'wait=60' } };
  const { id } = await unwrap(client.POST('/containers/', { params, body }));
  return async () => {
    await unwrap(client.DELETE('/containers/{id}/', { params: { path: { id } } }));
  };
}

/** Types address and password on the sign-in page, where `page` must be. */
export async function passwordSend(page: Page, { email, password }: Person): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
}

/** Signs in and waits for the page of the person's org. */
export async function signIn(page: Page, person: Person): Promise<void> {
  await page.goto('/sign-in');
  await passwordSend(page, person);
  await homeSeen(page);
}

/** Waits for the page that signing in leads to: that of the person's org. */
export async function homeSeen(page: Page): Promise<void> {
  await page.waitForURL(({ pathname }) => /^\/orgs\/[^/]/.test(pathname));
  await page.getByRole('heading', { level: 1 }).waitFor();
}

/** Waits for a page by its title. */
export async function headingSeen(page: Page, name: string): Promise<void> {
  await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
}

/** Waits until nothing loads any more. The network never falls idle on a page of an org, which follows its events. */
export async function loadedSeen(page: Page): Promise<void> {
  await until('everything is loaded', async () => {
    const loading = page.getByRole('status').filter({ hasText: 'Loading' });
    return (await loading.count()) === 0;
  });
}

/** Waits until an element with this text has the focus. */
export async function focusSeen(page: Page, text: string): Promise<void> {
  await until(`the focus is on "${text}"`, async () => {
    const focused = await page.evaluate('document.activeElement.innerText.trim()');
    return focused === text || undefined;
  });
}

/** Holds back requests to a path until the returned function is called. */
export async function requestsHold(page: Page, path: string): Promise<() => void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  await page.route(path, async (route) => {
    await promise;
    await route.continue();
  });
  return resolve;
}

/**
 * Does something when the page next sends a request, before the server receives it. Done before the step that sends it,
 * the page might find out by itself, and look different before that step is taken.
 */
export async function beforeRequest(
  page: Page,
  method: 'GET' | 'POST',
  path: string | RegExp,
  act: () => Promise<unknown>,
): Promise<void> {
  let isDone = false;
  await page.route(path, async (route) => {
    if (isDone || route.request().method() !== method) return route.fallback();
    isDone = true;
    await act();
    return route.fallback();
  });
}

/** Ages the proofs of identity of all sessions until they no longer count. */
export async function proofsAge(databaseUrl: string): Promise<void> {
  const client = new Client({ connectionString: databaseUrl });
  await client.connect();
  await client.query("update sessions set proven_at = proven_at - interval '6 minutes'");
  await client.end();
}

/** @throws AssertionError with the faults that axe finds on the page in its present state. */
export async function axeNone(page: Page, what: string): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).analyze();
  const found = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html, failureSummary }) => `${html}\n${failureSummary}`),
  }));
  assert.deepEqual(found, [], what);
}

/** @throws AssertionError if the page is wider than the window. */
export async function widthFits(page: Page, what: string): Promise<void> {
  const over = await page.evaluate('document.documentElement.scrollWidth - innerWidth');
  assert.equal(over, 0, `${what} is wider than the window`);
}

/** Waits until a field reports that its value is wrong, and why. @returns the fault. */
export async function faultSeen(field: Locator): Promise<string> {
  return until('a fault at the field', async () => {
    if ((await field.getAttribute('aria-invalid')) !== 'true') return null;
    const [id = ''] = ((await field.getAttribute('aria-describedby')) ?? '').split(' ');
    const text = `document.getElementById(${JSON.stringify(id)})?.innerText`;
    return (await field.page().evaluate(text)) as string | undefined;
  });
}
