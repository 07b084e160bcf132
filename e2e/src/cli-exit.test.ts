import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type CliScene, cliSceneOpen } from './cli-scene.ts';

const MAIN = fileURLToPath(new URL('../../cli/src/main.ts', import.meta.url));

let scene: CliScene;
before(async () => {
  scene = await cliSceneOpen();
});
after(() => scene?.close());

test('exit codes say why the program ended', async () => {
  const { server } = scene;
  const restricted = async (...more: string[]) => {
    const args = ['--user', 'owner@localhost', '--name', 'x', ...more];
    return String((await server.admin('token-create', ...args))['token']);
  };
  const readOnly = { DOLLARBOX_TOKEN: await restricted('--scope', 'read') };
  await server.admin('org-limits', '--org', 'main', '--containers', '1');
  await scene.json('create', 'only', 'nginx:1.27');
  const none = { DOLLARBOX_TOKEN: '' };
  for (const [code, args, env] of [
    [0, ['ps']],
    [0, ['--help']],
    [0, ['version']],
    [1, ['create', 'only', 'nginx:1.27']],
    [1, ['stop', 'only'], readOnly],
    [2, ['no-such-command']],
    [2, ['--org', 'main', 'ps']],
    [2, ['ps', '--no-such-flag']],
    [2, ['ps', '--output', 'xml']],
    [2, ['stop']],
    [2, ['create', 'Not A Name', 'nginx:1.27']],
    [2, ['ps', '--json', 'nope']],
    [2, ['ps', '--url', 'ftp://example.com']],
    [2, ['ps', '--context', 'nowhere']],
    [4, ['ps'], none],
    [4, ['ps', '--token', 'dbx_wrong']],
    [5, ['stop', 'nope']],
    [5, ['stop', '99999']],
    [5, ['ps', '--org', 'nowhere']],
    [6, ['create', 'second', 'nginx:1.27']],
  ] as [number, string[], Record<string, string>?][]) {
    const result = await scene.run(args, env === undefined ? {} : { env });
    assert.equal(result.code, code, `${args.join(' ')}: ${result.stderr}`);
    assert.equal(result.stderr === '', code === 0, args.join(' '));
    assert.doesNotMatch(result.stderr, /\n {4}at /);
  }
});

test('a flag before the command is said to come after it', async () => {
  const { stderr } = await scene.run(['--org', 'main', 'ps']);
  assert.match(stderr, /^error: The command comes first, .*"dollarbox ps --org …"/);
});

test('waiting in vain exits with 124', async () => {
  const cli = await cliSceneOpen({ ROLE: 'api' });
  try {
    const args = ['create', 'slow', 'nginx:1.27', '--wait', '--timeout', '1'];
    const { code, stderr } = await cli.run(args);
    assert.equal(code, 124, stderr);
    assert.match(stderr, /error: Not settled within 1 s\. Container slow is pending/);
  } finally {
    await cli.close();
  }
});

interface Program {
  child: ChildProcess;
  /** Resolves when the standard error has this in it. */
  says(text: string): Promise<void>;
  ended: Promise<{ code: number | null; stdout: string; stderr: string }>;
}

/** The program in a process of its own. */
function programStart(args: readonly string[], env: Record<string, string> = {}): Program {
  const { server, home } = scene;
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: {
      ...process.env,
      ...{ DOLLARBOX_URL: server.url, DOLLARBOX_TOKEN: server.token, XDG_CONFIG_HOME: home },
      ...env,
    },
  });
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const) {
    child[stream].setEncoding('utf8').on('data', (text: string) => {
      written[stream] += text;
      child.emit('written');
    });
  }
  return {
    child,
    async says(text) {
      while (!written.stderr.includes(text)) await once(child, 'written');
    },
    ended: once(child, 'close').then(([code]) => ({ code: code as number | null, ...written })),
  };
}

test('an interrupted program exits with 130, and leaves what it had begun', async () => {
  await scene.run(['delete', 'only', '--yes']);
  const program = programStart(['events', '--follow']);
  const waiting = programStart(['wait', 'endless']);
  const waited = await waiting.ended;
  assert.equal(waited.code, 5);
  // The stream is open when an event arrives.
  let isOver = false;
  program.child.stdout?.once('data', () => {
    isOver = true;
    program.child.kill('SIGINT');
  });
  while (!isOver) {
    await scene.run(['volumes', 'create', 'v', '--size', '1']);
    await scene.run(['volumes', 'delete', 'v', '--yes']);
  }
  const { code, stderr } = await program.ended;
  assert.equal(code, 130, stderr);
  assert.match(stderr, /Interrupted\.\n$/);
});

test('data is all that goes to the standard output, without colours when piped', async () => {
  const { code, stdout, stderr } = await programStart(['create', 'piped', 'nginx:1.27', '--wait'])
    .ended;
  assert.equal(code, 0, stderr);
  assert.ok(!(stdout + stderr).includes('\u001B'));
  assert.equal(stdout.split('\n').length, 3);
  await scene.run(['delete', 'piped', '--yes']);
});

test('colours are for terminals, unless NO_COLOR says no', async () => {
  const isTerminal = true;
  const colored = /\p{Cc}\[/u;
  assert.match((await scene.run(['ps'], { isTerminal })).stdout, colored);
  const env = { NO_COLOR: '1' };
  assert.doesNotMatch((await scene.run(['ps'], { isTerminal, env })).stdout, colored);
  assert.doesNotMatch((await scene.run(['--help'], { isTerminal, env })).stdout, colored);
  assert.doesNotMatch((await scene.run(['ps'])).stdout, colored);
});

test('a context is used as flag, variable or file say, in this order', async () => {
  const { server, home } = scene;
  const folder = join(home, 'dollarbox');
  const path = join(folder, 'config.json');
  mkdirSync(folder, { recursive: true });
  const context = { url: server.url, token: server.token };
  const contexts = { here: context, wrong: { ...context, token: 'dbx_wrong' } };
  writeFileSync(path, JSON.stringify({ current: 'wrong', contexts }), { mode: 0o644 });
  const env = { DOLLARBOX_TOKEN: '', DOLLARBOX_URL: '' };
  assert.equal((await scene.run(['ps'], { env })).code, 4);
  assert.equal((await scene.run(['ps', '--context', 'here'], { env })).code, 0);
  const variable = { ...env, DOLLARBOX_CONTEXT: 'here' };
  assert.equal((await scene.run(['ps'], { env: variable })).code, 0);
  assert.equal((await scene.run(['ps', '--context', 'wrong'], { env: variable })).code, 4);

  const used = await scene.run(['context', 'use', 'here', '--org', 'main'], { env });
  assert.equal(used.code, 0, used.stderr);
  assert.equal(statSync(path).mode & 0o777, 0o600);
  const listed = await scene.run(['context', 'list', '-o', 'json'], { env });
  assert.deepEqual(JSON.parse(listed.stdout), [
    { name: 'here', current: true, url: server.url, org: 'main' },
    { name: 'wrong', current: false, url: server.url, org: null },
  ]);
  assert.doesNotMatch(listed.stdout, /dbx_/);
  const whoami = await scene.run(['whoami', '-o', 'json'], { env });
  const known = JSON.parse(whoami.stdout) as { context: string; email: string; org: string };
  assert.deepEqual([known.context, known.org], ['here', 'main']);
  assert.equal(known.email, 'owner@localhost');

  // The token of a context goes to its own address only.
  const elsewhere = await scene.run(['ps', '--url', 'http://127.0.0.1:9'], { env });
  assert.equal(elsewhere.code, 4);
  assert.equal((await scene.run(['context', 'delete', 'wrong'], { env })).code, 0);
  assert.doesNotMatch(readFileSync(path, 'utf8'), /wrong/);
});

test('signing out ends the token of the context, and no other', async () => {
  const { server, home } = scene;
  const args = ['--user', 'owner@localhost', '--name', 'cli', '--scope', 'read'];
  const token = String((await server.admin('token-create', ...args))['token']);
  const path = join(home, 'dollarbox', 'config.json');
  const contexts = { out: { url: server.url, token } };
  writeFileSync(path, JSON.stringify({ current: 'out', contexts }));
  const { code, stderr } = await scene.run(['logout']);
  assert.equal(code, 0, stderr);
  assert.deepEqual(JSON.parse(readFileSync(path, 'utf8')), { current: null, contexts: {} });
  assert.equal((await scene.run(['ps', '--token', token])).code, 4);
  assert.equal((await scene.run(['ps'])).code, 0);
  assert.equal((await scene.run(['logout'], { env: { DOLLARBOX_TOKEN: '' } })).code, 4);
});
