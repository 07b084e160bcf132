import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type DollarboxClient, dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { chromiumSkip } from '@dollarbox/testbed/chromium';
import fc from 'fast-check';
import type { Page } from 'playwright-core';
import { type PanelScene, headingSeen, panelSceneOpen, signIn } from './panel-scene.ts';
import { until } from './wait.ts';

type Env = Record<string, string>;

/** What text areas, `.env` files and JSON have to treat with care. */
const ODD = [
  '"',
  "'",
  '\\',
  '\n',
  '\r',
  '\t',
  ' ',
  '#',
  '=',
  '$',
  '`',
  '\u2028',
  '\u00a0',
  'é',
  '😀',
];
const value = fc.oneof(
  // No container can have a NUL in a variable.
  fc.string({ unit: 'binary', maxLength: 20 }).map((text) => text.replaceAll('\0', '')),
  fc.array(fc.constantFrom(...ODD, 'a'), { maxLength: 8 }).map((parts) => parts.join('')),
);
const name = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/);
const env = fc.dictionary(name, value, { minKeys: 1, maxKeys: 5, noNullPrototype: true });

describe('the editor of variables', { skip: chromiumSkip() }, () => {
  let scene: PanelScene;
  let client: DollarboxClient;
  let page: Page;
  let id: number;
  before(async () => {
    scene = await panelSceneOpen();
    client = dollarboxClientCreate({ baseUrl: scene.server.url, token: scene.server.token });
    const body = { name: 'env', image: 'web:1' };
    ({ id } = await unwrap(client.POST('/containers/', { body })));
    page = await scene.visit();
    await signIn(page, scene.owner);
  });
  after(() => scene.close());

  const path = () => ({ params: { path: { id } } });
  const envRead = async () => (await unwrap(client.GET('/containers/{id}/', path()))).env;

  async function editorOpen(before: Env): Promise<void> {
    await unwrap(client.PATCH('/containers/{id}/', { ...path(), body: { env: before } }));
    await page.goto('/orgs/main/containers/env/env');
    await headingSeen(page, 'env');
    await page.getByRole('button', { name: 'Edit as text' }).waitFor();
  }
  async function modeSwitch(times: number): Promise<void> {
    for (let count = 0; count < times; count += 1) {
      await page.getByRole('button', { name: 'Edit as text' }).click();
      await page.getByRole('button', { name: 'Edit as rows' }).click();
    }
  }
  async function save(): Promise<void> {
    const saved = page.waitForResponse((response) => response.request().method() === 'PATCH');
    await page.getByRole('button', { name: 'Save', exact: true }).click();
    assert.equal((await saved).status(), 200);
  }

  it('gives any map back byte for byte, from rows to text and back and to the server', async () => {
    await fc.assert(
      fc.asyncProperty(env, async (before) => {
        await editorOpen(before);
        await modeSwitch(2);
        // Only what differs is saved.
        await page.getByRole('button', { name: 'Add variable' }).click();
        const index = Object.keys(before).length + 1;
        await page.getByLabel(`Name of variable ${index}`).fill('MARK_OF_THE_TEST');
        await modeSwitch(1);
        await page.getByRole('button', { name: 'Edit as text' }).click();
        await save();
        assert.deepEqual(await envRead(), { ...before, MARK_OF_THE_TEST: '' });
      }),
      { numRuns: 15 },
    );
    scene.faultsNone();
  });

  it('saves what is typed into rows as it is typed', async () => {
    await fc.assert(
      fc.asyncProperty(env, async (typed) => {
        // A text area knows only one line break.
        const wanted = Object.fromEntries(
          Object.entries(typed).map(([key, text]) => [key, text.replaceAll('\r', '')]),
        );
        await editorOpen({});
        for (const [index, [key, text]] of Object.entries(wanted).entries()) {
          await page.getByRole('button', { name: 'Add variable' }).click();
          await page.getByLabel(`Name of variable ${index + 1}`).fill(key);
          await page.getByLabel(`Value of ${key}`, { exact: true }).fill(text);
        }
        await modeSwitch(1);
        await save();
        await until('the saved variables', async () => {
          return Object.keys(await envRead()).length === Object.keys(wanted).length;
        });
        assert.deepEqual(await envRead(), wanted);
      }),
      { numRuns: 10 },
    );
    scene.faultsNone();
  });
});
