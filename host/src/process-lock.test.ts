import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import {
  processIsAlive,
  processLockAcquire,
  processLockWait,
  processStartTime,
} from './process-lock.mjs';

const folder = mkdtempSync(join(tmpdir(), 'lock-test-'));
after(() => rmSync(folder, { recursive: true }));
const module = fileURLToPath(new URL('./process-lock.mjs', import.meta.url));

/** A process that tries to take the lock, prints `held` or the holder's pid, and keeps running. */
function contender(path: string) {
  const script = `
    import { processLockAcquire } from ${JSON.stringify(module)};
    const lock = processLockAcquire(${JSON.stringify(path)});
    process.stdout.write('holder' in lock ? String(lock.holder.pid) : 'held');
    process.stdin.resume();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const answer = once(child.stdout, 'data').then(([data]) => String(data));
  const killed = async () => {
    child.kill('SIGKILL');
    await once(child, 'close');
  };
  return { child, answer, killed };
}

test('a live holder is named, and its release frees the lock', async () => {
  const path = join(folder, 'live');
  const first = contender(path);
  assert.equal(await first.answer, 'held');
  const refused = processLockAcquire(path);
  assert.ok('holder' in refused);
  assert.equal(refused.holder.pid, first.child.pid);
  const waiting: number[] = [];
  const acquired = processLockWait(path, (holder) => waiting.push(holder.pid));
  await first.killed();
  (await acquired).release();
  assert.deepEqual(waiting, [first.child.pid]);
  assert.equal(readdirSync(folder).includes('live'), false);
});

test('of twelve processes that find a stale lock, one gets it', async () => {
  for (let round = 0; round < 3; round++) {
    const path = join(folder, `race-${round}`);
    const dead = contender(path);
    assert.equal(await dead.answer, 'held');
    await dead.killed();
    const rivals = Array.from({ length: 12 }, () => contender(path));
    const answers = await Promise.all(rivals.map((rival) => rival.answer));
    const winners = rivals.filter((_, index) => answers[index] === 'held');
    await Promise.all(rivals.map((rival) => rival.killed()));
    assert.equal(winners.length, 1, answers.join(' '));
  }
});

test('a lock whose pid now belongs to another process is stale', () => {
  const path = join(folder, 'reused');
  const own = processLockAcquire(path);
  assert.ok('release' in own);
  const text = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...text, startTime: '1' }));
  const taken = processLockAcquire(path);
  assert.ok('release' in taken);
  own.release();
  assert.ok('holder' in processLockAcquire(path), 'the old holder removed the new lock');
  taken.release();
});

test('a lock from before a reboot, a truncated one and an abandoned takeover are stale', () => {
  const path = join(folder, 'damaged');
  const own = processLockAcquire(path);
  assert.ok('release' in own);
  const held = JSON.parse(readFileSync(path, 'utf8'));
  const dead = { ...held, pid: 2 ** 22 + 1, startTime: '1' };
  for (const content of [JSON.stringify({ ...held, bootId: 'other' }), '{"pid":', '']) {
    writeFileSync(path, content);
    const taken = processLockAcquire(path);
    assert.ok('release' in taken, content);
    taken.release();
  }
  writeFileSync(path, JSON.stringify({ ...dead, nonce: 'aa' }));
  writeFileSync(`${path}.aa`, JSON.stringify({ ...dead, nonce: 'bb' }));
  writeFileSync(`${path}.cc.new`, JSON.stringify({ ...dead, nonce: 'cc' }));
  const taken = processLockAcquire(path);
  assert.ok('release' in taken);
  taken.release();
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('damaged')),
    [],
  );
});

test('a holder in another PID namespace lives as long as its heartbeat', () => {
  const path = join(folder, 'foreign');
  const own = processLockAcquire(path);
  assert.ok('release' in own);
  const held = JSON.parse(readFileSync(path, 'utf8'));
  writeFileSync(path, JSON.stringify({ ...held, pidNamespace: 'pid:[1]' }));
  assert.ok('holder' in processLockAcquire(path));
  const twoMinutesAgo = Date.now() / 1000 - 120;
  utimesSync(path, twoMinutesAgo, twoMinutesAgo);
  const taken = processLockAcquire(path);
  assert.ok('release' in taken);
  taken.release();
});

test('a process is distinguished from a later one with its pid', () => {
  assert.equal(processIsAlive(process.pid, processStartTime(process.pid)), true);
  assert.equal(processIsAlive(process.pid, '1'), false);
  assert.equal(processIsAlive(2 ** 22 + 1, null), false);
});
