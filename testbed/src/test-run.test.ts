import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { test } from 'node:test';
import { processIsAlive } from '@dollarbox/host/process-lock';
import {
  TEST_RUN_VARIABLE,
  testInstallations,
  testRunFolder,
  testRunIsAlive,
  testRunProcessesEnd,
  testRunsDead,
} from './test-run.ts';

/** A separate run with a child in another session that ignores SIGTERM, like a server left behind. */
function runner() {
  const script = `
    import { spawn } from 'node:child_process';
    import { testInstallationNote, testRunBegin } from ${JSON.stringify(import.meta.resolve('./test-run.ts'))};
    const run = testRunBegin();
    testInstallationNote('abc');
    const left = spawn('sh', ['-c', 'trap "" TERM; echo ready; exec sleep 300'], {
      stdio: ['ignore', 'pipe', 'ignore'], detached: true,
    });
    left.stdout.on('data', () => console.log(run.id, left.pid));
    process.stdin.on('data', () => {});
    process.on('SIGTERM', () => { run.end(); process.exit(); });`;
  const env = { ...process.env };
  delete env[TEST_RUN_VARIABLE];
  return spawn(process.execPath, ['--input-type=module', '-e', script], {
    env,
    stdio: ['pipe', 'pipe', 'inherit'],
  });
}

test(
  'a killed run is known as dead, and its processes are found and ended, wherever they went',
  { timeout: 600_000 },
  async () => {
    const child = runner();
    const [id = '', left = ''] = String(await once(child.stdout, 'data'))
      .trim()
      .split(' ');
    assert.equal(testRunIsAlive(id), true);
    assert.equal(testRunsDead().includes(id), false);
    assert.deepEqual(testInstallations(id), ['abc']);

    child.kill('SIGKILL');
    await once(child, 'exit');
    assert.equal(testRunIsAlive(id), false);
    assert.equal(testRunsDead().includes(id), true);
    assert.equal(processIsAlive(Number(left), null), true);
    assert.equal((await testRunProcessesEnd(id)).length, 1);
    assert.equal(processIsAlive(Number(left), null), false);
    rmSync(testRunFolder(id), { recursive: true });
  },
);

test('a run that ends leaves no folder', { timeout: 600_000 }, async () => {
  const child = runner();
  const [id = ''] = String(await once(child.stdout, 'data'))
    .trim()
    .split(' ');
  child.kill('SIGTERM');
  await once(child, 'exit');
  assert.equal(existsSync(testRunFolder(id)), false);
});
