import assert from 'node:assert/strict';
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dollarboxClientCreate, unwrap } from '@dollarbox/client';
import type { Page } from 'playwright-core';
import { type Cli, type CliOptions, cliOpen } from './cli-scene.ts';
import {
  type PanelScene,
  headingSeen,
  panelSceneOpen,
  passwordSend,
  signIn,
} from './panel-scene.ts';
import { until } from './wait.ts';

let scene: PanelScene;
let cli: Cli;
before(async () => {
  scene = await panelSceneOpen();
  cli = cliOpen(scene.server);
});
after(async () => {
  cli?.close();
  await scene?.close();
});

interface LoginRun {
  /** What was written to the standard error matches this. @returns the first group. */
  says(pattern: RegExp): Promise<string>;
  ended: ReturnType<Cli['run']>;
}

/** Runs `dollarbox login` as a person without a token or a browser of their own. */
function loginStart(args: readonly string[] = [], options: CliOptions = {}): LoginRun {
  let written = '';
  const ended = cli.run(['login', ...args], {
    ...options,
    env: { DOLLARBOX_TOKEN: '' },
    onWrite: (_stream, text) => (written += text),
  });
  const says = (pattern: RegExp) =>
    Promise.race([
      until(String(pattern), async () => pattern.exec(written)?.[1]),
      ended.then(
        ({ code, stderr }) => pattern.exec(stderr)?.[1] ?? assert.fail(`${code}\n${stderr}`),
      ),
    ]);
  return { says, ended };
}

const ADDRESS = /^Allow it in your browser: (\S+)$/m;
const CODE = /^ {2}([B-Z]{4}-[B-Z]{4}-[B-Z]{4})$/m;

interface Stored {
  current: string;
  contexts: Record<string, { url: string; token: string; org?: string }>;
}

const stored = (): Stored =>
  JSON.parse(readFileSync(join(cli.home, 'dollarbox', 'config.json'), 'utf8')) as Stored;

const whoami = (token: string) =>
  unwrap(dollarboxClientCreate({ baseUrl: scene.server.url, token }).GET('/whoami/'));

const CALLBACK = /^http:\/\/127\.0\.0\.1:\d+\/callback/;

/** A page of a browser on the machine of the program. The browser has a network of its own, so the test connects both. */
async function visitBeside(): Promise<Page> {
  const page = await scene.visit();
  await page.route(CALLBACK, async (route) => route.fulfill({ response: await route.fetch() }));
  return page;
}

/** The page has an answer from the program, at an address of the program's own. */
async function programPageSeen(page: Page, text: string): Promise<void> {
  await page.waitForURL(CALLBACK);
  await page.getByText(text).waitFor();
}

describe('login with the browser', () => {
  it('grants a token after signing in, which is kept as a context and ended by logout', async () => {
    const page = await visitBeside();
    const login = loginStart(['--org', 'main']);
    const address = await login.says(ADDRESS);
    await page.goto(address);
    await page.waitForURL(/\/sign-in\?next=/);
    await passwordSend(page, scene.owner);
    await headingSeen(page, 'Sign in a program');
    await page.getByText(/^dollarbox on /).waitFor();
    await page
      .getByText(
        `This computer (${new URL(new URL(address).searchParams.get('redirect_uri') ?? '').host})`,
      )
      .waitFor();
    await page.getByText(scene.owner.email).first().waitFor();
    assert.equal(await page.getByLabel('Org').inputValue(), 'main');
    assert.equal(await page.getByLabel('Scope').inputValue(), 'write');
    assert.equal(await page.getByLabel('Expires in').inputValue(), '90');
    await page.getByLabel('Scope').selectOption('read');
    await page.getByRole('button', { name: 'Allow' }).click();
    await programPageSeen(page, 'You are signed in.');
    const { code, stdout, stderr } = await login.ended;
    assert.equal(code, 0, stderr);
    assert.equal(stdout, '');
    assert.match(stderr, /^Signed in to http:\/\/localhost:\d+ as owner@localhost\.$/m);
    assert.ok(!stderr.includes('dbx_'));

    assert.equal(statSync(join(cli.home, 'dollarbox', 'config.json')).mode & 0o777, 0o600);
    const name = new URL(scene.server.url).host;
    assert.equal(stored().current, name);
    const token = stored().contexts[name]?.token ?? '';
    const { scope, org, expires_at: expiresAt } = await whoami(token);
    assert.deepEqual([scope, org], ['read', 'main']);
    assert.ok(Date.parse(expiresAt ?? '') > Date.now());
    const env = { DOLLARBOX_TOKEN: '', DOLLARBOX_URL: '' };
    assert.equal((await cli.run(['ps'], { env })).code, 0);

    assert.equal((await cli.run(['logout'], { env })).code, 0);
    await assert.rejects(whoami(token), { status: 401 });
    assert.deepEqual(stored().contexts, {});
    assert.equal((await cli.run(['ps'], { env })).code, 4);
    scene.faultsNone();
  });

  it('ends the token that it replaces', async () => {
    const page = await visitBeside();
    await signIn(page, scene.owner);
    const tokens: string[] = [];
    for (let round = 0; round < 2; round += 1) {
      const login = loginStart(['--context', 'again', '--scope', 'read']);
      await page.goto(await login.says(ADDRESS));
      await page.getByRole('button', { name: 'Allow' }).click();
      await programPageSeen(page, 'You are signed in.');
      assert.equal((await login.ended).code, 0);
      tokens.push(stored().contexts['again']?.token ?? '');
    }
    await assert.rejects(whoami(tokens[0] ?? ''), { status: 401 });
    assert.equal((await whoami(tokens[1] ?? '')).scope, 'read');
  });

  it('exits with 4 when the person refuses, and 130 when it is interrupted', async () => {
    const page = await visitBeside();
    await signIn(page, scene.owner);
    const login = loginStart();
    await page.goto(await login.says(ADDRESS));
    await page.getByRole('button', { name: 'Refuse' }).click();
    await programPageSeen(page, 'Refused.');
    const { code, stderr } = await login.ended;
    assert.equal(code, 4);
    assert.match(stderr, /error: It was refused in the browser\./);

    const controller = new AbortController();
    const interrupted = loginStart([], { signal: controller.signal });
    await interrupted.says(ADDRESS);
    controller.abort(new Error('enough'));
    assert.equal((await interrupted.ended).code, 1);
  });

  it('takes no answer that did not come from the page that it opened', async () => {
    const login = loginStart();
    const address = new URL(await login.says(ADDRESS));
    const target = address.searchParams.get('redirect_uri') ?? '';
    for (const query of ['', '?code=x', '?code=x&state=wrong', '?error=access_denied']) {
      assert.equal((await fetch(`${target}${query}`)).status, 404);
    }
    const state = address.searchParams.get('state') ?? '';
    const forged = new URLSearchParams({ code: 'x', state });
    assert.equal((await fetch(`${target}?${forged}`)).status, 200);
    assert.equal((await login.ended).code, 5);
  });
});

describe('login by a code', () => {
  it('grants a token to who types the code elsewhere', async () => {
    const login = loginStart(['--no-browser', '--context', 'far']);
    const code = await login.says(CODE);
    const page = await scene.visit();
    await signIn(page, scene.owner);
    await page.goto('/device');
    await headingSeen(page, 'Sign in a program');
    await page.getByRole('textbox', { name: 'Code' }).fill('BBBB-BBBB-BBBB');
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText('No program waits for this code.').waitFor();
    await page.getByRole('textbox', { name: 'Code' }).fill(code.toLowerCase());
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByText(/^dollarbox on /).waitFor();
    await page.getByText(/^(127\.0\.0\.1|::1|::ffff:127\.0\.0\.1)$/).waitFor();
    await page.getByLabel('Expires in').selectOption('never');
    await page.getByRole('button', { name: 'Allow' }).click();
    await page.getByText('Allowed.').waitFor();
    const { code: exit, stderr } = await login.ended;
    assert.equal(exit, 0, stderr);
    const {
      scope,
      org,
      expires_at: expiresAt,
    } = await whoami(stored().contexts['far']?.token ?? '');
    assert.deepEqual([scope, org, expiresAt], ['write', null, null]);
    scene.faultsNone();
  });

  it('exits with 4 when the person refuses', async () => {
    const login = loginStart(['--no-browser']);
    const code = await login.says(CODE);
    const page = await scene.visit();
    await signIn(page, scene.owner);
    await page.goto(`/device?code=${code}`);
    await page.getByRole('button', { name: 'Continue' }).click();
    await page.getByRole('button', { name: 'Refuse' }).click();
    await page.getByText('Refused.').waitFor();
    assert.equal((await login.ended).code, 4);
  });
});

describe('login with a token that exists', () => {
  it('takes it from the standard input, if it is valid', async () => {
    const args = ['--token-stdin', '--context', 'script'];
    const login = await loginStart(args, { stdin: `${scene.server.token}\n` }).ended;
    assert.equal(login.code, 0, login.stderr);
    assert.equal(stored().contexts['script']?.token, scene.server.token);
    const held = readFileSync(join(cli.home, 'dollarbox', 'config.json'), 'utf8');
    assert.equal((await loginStart(args, { stdin: 'dbx_wrong\n' }).ended).code, 4);
    assert.equal(readFileSync(join(cli.home, 'dollarbox', 'config.json'), 'utf8'), held);
  });
});
