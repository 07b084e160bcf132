import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { libraryIsThere } from './node-library.mjs';

const bootstrap = JSON.stringify(import.meta.resolve('./bootstrap.mjs'));
const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** A project whose npm is a script: it counts its runs and does what `npm` specifies. */
function projectCreate(npm: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'bootstrap-test-'));
  folders.push(folder);
  writeFileSync(join(folder, 'package-lock.json'), lockOf('1.0.0'));
  npmReplace(folder, npm);
  return folder;
}

function npmReplace(folder: string, npm: string): void {
  const script = `
    const fs = require('node:fs');
    fs.appendFileSync('runs', process.argv.slice(2).join(' ') + '\\n');
    const install = () => {
      fs.mkdirSync('node_modules/.bin', { recursive: true });
      fs.writeFileSync('node_modules/.bin/node', '');
    };
    ${npm}`;
  writeFileSync(join(folder, 'npm-cli.js'), script);
}

function lockOf(version: string): string {
  const packages = {
    '': {},
    server: { version: '0.1.0' },
    'node_modules/a': { version, integrity: 'x' },
    'node_modules/b': { version, integrity: 'y', optional: true },
  };
  return JSON.stringify({ packages });
}

function ensure(folder: string) {
  const script = `
    import { installEnsure } from ${bootstrap};
    await installEnsure(${JSON.stringify(folder)}).catch((error) => {
      console.error('FAILED', error.message);
      process.exitCode = 1;
    });`;
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    env: { ...process.env, npm_execpath: join(folder, 'npm-cli.js') },
    stdio: ['ignore', 'inherit', 'pipe'],
  });
}

async function ensured(folder: string): Promise<{ code: unknown; said: string }> {
  const child = ensure(folder);
  const [said, [code]] = await Promise.all([text(child.stderr), once(child, 'close')]);
  return { code, said };
}

function runs(folder: string): string[] {
  const path = join(folder, 'runs');
  return existsSync(path) ? readFileSync(path, 'utf8').trim().split('\n') : [];
}

test('packages are installed once, and again when the lock file has changed', async () => {
  const folder = projectCreate('install();');
  assert.equal((await ensured(folder)).code, 0);
  assert.equal((await ensured(folder)).code, 0);
  assert.equal(runs(folder).length, 1);
  assert.match(runs(folder)[0] ?? '', /^ci --include=dev /);
  writeFileSync(join(folder, 'package-lock.json'), lockOf('1.0.1'));
  await ensured(folder);
  assert.equal(runs(folder).length, 2);
});

test('of two starts at once one installs, and the other waits for it', async () => {
  const folder = projectCreate(`
    const wait = () => (fs.existsSync('go') ? install() : setTimeout(wait, 10));
    wait();`);
  const starts = [ensure(folder), ensure(folder)];
  const waits = /Waiting for another start \(pid \d+\)/;
  let said = '';
  for (const { stderr } of starts) {
    stderr.setEncoding('utf8').on('data', (part: string) => {
      said += part;
      if (waits.test(said)) writeFileSync(join(folder, 'go'), '');
    });
  }
  const codes = (await Promise.all(starts.map((start) => once(start, 'close')))).flat();
  assert.deepEqual([codes, runs(folder).length], [[0, null, 0, null], 1]);
  assert.match(said, waits);
});

test('an installation that was killed is done again', async () => {
  const folder = projectCreate('install(); setInterval(() => {}, 1000);');
  const killed = ensure(folder);
  while (!existsSync(join(folder, 'node_modules/.bin/node'))) await delay(10);
  killed.kill('SIGKILL');
  await once(killed, 'exit');
  npmReplace(folder, 'install();');
  assert.equal((await ensured(folder)).code, 0);
  assert.equal(runs(folder).length, 2);
});

test('a complete manual npm install is good enough, an older one is not', async () => {
  const folder = projectCreate('install();');
  await ensured(folder);
  const note = join(folder, 'node_modules', '.package-lock.json');
  for (const [version, expectedRuns] of [
    ['1.0.1', 1],
    ['1.0.0', 2],
  ] as const) {
    rmSync(join(folder, 'node_modules', '.dollarbox-lock'));
    writeFileSync(join(folder, 'package-lock.json'), lockOf('1.0.1'));
    const packages = { 'node_modules/a': { version, integrity: 'x' } };
    writeFileSync(note, JSON.stringify({ packages }));
    assert.equal((await ensured(folder)).code, 0);
    assert.equal(runs(folder).length, expectedRuns, version);
  }
});

test('without a network, with a failing npm or without install scripts there is one sentence', async () => {
  const cases: [npm: string, sentence: RegExp][] = [
    [
      'console.error("npm error code EAI_AGAIN"); process.exit(1);',
      /^FAILED The packages could not be fetched: no npm registry answers/m,
    ],
    [
      'console.error("npm error code EINTEGRITY"); process.exit(7);',
      /npm error code EINTEGRITY\n+FAILED npm ci failed \(exit code 7\)/,
    ],
    ['', /^FAILED The project's own Node is not there after the installation/m],
  ];
  for (const [npm, sentence] of cases) {
    const folder = projectCreate(npm);
    const { code, said } = await ensured(folder);
    assert.equal(code, 1);
    assert.match(said, sentence);
    assert.equal(existsSync(join(folder, 'node_modules', '.dollarbox-lock')), false);
  }
});

/** A wrapper around a program that reports each signal, and exits as instructed on SIGTERM. */
function wrapper(end: string, isUnderNpm = false) {
  const program = `
    for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log(name));
    process.on('SIGTERM', () => { ${end} });
    console.log('ready', process.pid);
    setInterval(() => {}, 1000);`;
  const script = `
    import { runForwarding } from ${bootstrap};
    runForwarding(process.execPath, ['-e', ${JSON.stringify(program)}]);`;
  const args = ['--input-type=module', '-e', script];
  // As npm does: the trailing command keeps the shell from replacing itself with the program.
  const shellArgs = ['-c', '"$@"; exit $?', 'sh', process.execPath, ...args];
  const child = spawn(isUnderNpm ? 'sh' : process.execPath, isUnderNpm ? shellArgs : args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
    env: { ...process.env, npm_lifecycle_event: isUnderNpm ? 'start' : undefined },
  });
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (data: string) => (said += data));
  const saw = async (count: number) => {
    while (said.split('\n').length <= count) await delay(10);
  };
  return { child, saw, said: () => said };
}

test('a signal to the whole group, and the same from npm, reach the program once', async () => {
  const { child, saw, said } = wrapper('process.exit(7);');
  await saw(1);
  assert.ok(child.pid !== undefined);
  process.kill(-child.pid, 'SIGINT');
  child.kill('SIGINT');
  await saw(2);
  // If there were a second SIGINT, it would have arrived before this signal.
  child.kill('SIGTERM');
  const [code] = await once(child, 'close');
  assert.equal(code, 7);
  assert.deepEqual(said().trim().split('\n').slice(1), ['SIGINT', 'SIGTERM']);
});

test('a program is asked to end when npm and its shell are gone', async () => {
  const { child, saw, said } = wrapper('process.exit(0);', true);
  await saw(1);
  child.kill('SIGKILL');
  await once(child, 'close');
  assert.deepEqual(said().trim().split('\n').slice(1), ['SIGTERM']);
});

test('a program that a signal ends is reported as a shell would', async () => {
  const { child, saw, said } = wrapper('');
  await saw(1);
  process.kill(Number(said().trim().split(' ')[1]), 'SIGKILL');
  assert.deepEqual(await once(child, 'close'), [137, null]);
});

test('a library that the loader does not list is missing, and no list is no proof', () => {
  assert.equal(libraryIsThere(''), true);
  assert.equal(libraryIsThere('\tlibc.so.6 (libc6,x86-64) => /lib/libc.so.6\n'), false);
  assert.equal(libraryIsThere('\tlibatomic.so.1 (libc6,x86-64) => /lib/libatomic.so.1\n'), true);
});

test('an old Node is refused in one sentence', async () => {
  const { nodeVersionCheck } = await import('./bootstrap.mjs');
  assert.throws(
    () => nodeVersionCheck('18.20.4'),
    /^Error: Node 18\.20\.4 is too old: install Node 20 or newer/,
  );
  nodeVersionCheck('20.0.0');
  nodeVersionCheck('26.10.0');
});
