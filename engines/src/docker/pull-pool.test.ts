import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPullPool } from './pull-pool.ts';
import type { PullPool } from './pull-pool.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

interface Played {
  pool: PullPool;
  /** Keys of the pulls that run, in the order they were started. */
  running: string[];
  /** @param containerId by default another each time. */
  ask(key: string, tenantId: number, containerId?: number): void;
  release(containerId: number, ...except: string[]): Promise<void>;
  /** Containers that were told of an end. */
  told: number[];
  /** Lets a pull end, and what follows from it happen. */
  end(key: string): Promise<void>;
}

function play(now = () => NOW): Played {
  const told: number[] = [];
  const pool = createPullPool(now, (containerId) => void told.push(containerId));
  let lastId = 100;
  const running: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    pool,
    running,
    told,
    ask(key, tenantId, containerId = (lastId += 1)) {
      const run = (signal: AbortSignal) => {
        running.push(key);
        return new Promise<void>((resolve) => {
          ends.set(key, resolve);
          signal.addEventListener('abort', () => resolve());
        }).then(() => void running.splice(running.indexOf(key), 1));
      };
      pool.request({ key, tenantId, containerId, run });
    },
    async release(containerId, ...except) {
      pool.release(containerId, new Set(except));
      await new Promise(setImmediate);
    },
    async end(key) {
      ends.get(key)?.();
      await new Promise(setImmediate);
    },
  };
}

test('a tenant pulls two at a time, in the order asked', async () => {
  const { pool, running, ask, end } = play();
  for (const key of ['a', 'b', 'c', 'd']) ask(key, 1);
  assert.deepEqual(running, ['a', 'b']);
  assert.deepEqual(pool.progress('a'), { state: 'pulling', startedAt: NOW });
  assert.deepEqual(pool.progress('c'), { state: 'queued' });
  await end('b');
  assert.deepEqual(running, ['a', 'c']);
  assert.equal(pool.progress('b'), null);
  await end('a');
  await end('c');
  await end('d');
  assert.deepEqual(running, []);
});

test('tenants do not wait for each other, however many there are', () => {
  const { running, ask } = play();
  for (let tenantId = 1; tenantId <= 50; tenantId += 1) {
    for (const key of ['a', 'b', 'c']) ask(`${key}${tenantId}`, tenantId);
  }
  assert.equal(running.length, 100);
});

test('a pull that waits for one tenant starts for another that has a place', async () => {
  const { running, ask, end } = play();
  for (const key of ['a', 'b', 'shared']) ask(key, 1);
  assert.deepEqual(running, ['a', 'b']);
  ask('shared', 2);
  assert.deepEqual(running, ['a', 'b', 'shared']);
  // It takes the other's place: that one has one more.
  ask('x', 2);
  ask('y', 2);
  assert.deepEqual(running, ['a', 'b', 'shared', 'x']);
  await end('shared');
  assert.deepEqual(running, ['a', 'b', 'x', 'y']);
});

test('a pull that is asked for again is the same one', async () => {
  const { running, ask, end } = play();
  ask('a', 1);
  ask('a', 1);
  ask('a', 2);
  assert.deepEqual(running, ['a']);
  await end('a');
  ask('a', 1);
  assert.deepEqual(running, ['a']);
});

test('a container that wants another image makes room: nobody waits for the old one', async () => {
  const { pool, running, ask, release, told } = play();
  ask('a', 1, 1);
  ask('b', 1, 2);
  ask('c', 1, 3);
  ask('d', 1, 4);
  await release(3);
  assert.equal(pool.progress('c'), null);
  await release(1);
  assert.equal(pool.progress('a'), null);
  assert.deepEqual(running, ['b', 'd']);
  assert.deepEqual(told, []);
});

test('a hundred changes of mind leave one pull', async () => {
  const { pool, running, ask, release } = play();
  for (let turn = 0; turn < 100; turn += 1) {
    await release(1, `tag-${turn}`);
    ask(`tag-${turn}`, 1, 1);
  }
  assert.deepEqual(running, ['tag-99']);
  for (let turn = 0; turn < 99; turn += 1) assert.equal(pool.progress(`tag-${turn}`), null);
});

test('what is still wanted stays, and goes on in the place of who wants it', async () => {
  const { pool, running, ask, release, end, told } = play();
  ask('a', 1, 1);
  ask('b', 1, 1);
  ask('a', 2, 2);
  await release(1, 'b');
  assert.deepEqual(running, ['a', 'b']);
  // The first tenant has one place more, the second one less.
  ask('c', 1, 3);
  ask('d', 2, 4);
  ask('e', 2, 5);
  assert.deepEqual(running, ['a', 'b', 'c', 'd']);
  assert.deepEqual(pool.progress('e'), { state: 'queued' });
  await end('a');
  assert.deepEqual(told, [2]);
  assert.deepEqual(running, ['b', 'c', 'd', 'e']);
});

test('a pull that is being ended can be asked for again, and keeps its place until it has', async () => {
  const running: string[] = [];
  const ends: (() => void)[] = [];
  const pool = createPullPool(
    () => NOW,
    () => {},
  );
  const ask = (key: string, containerId: number) =>
    pool.request({
      key,
      tenantId: 1,
      containerId,
      run: (signal) => {
        running.push(key);
        const { promise, resolve } = Promise.withResolvers<void>();
        // Slow to end, as a pull is that is inside a call that can't be taken back.
        signal.addEventListener('abort', () => void ends.push(resolve));
        return promise;
      },
    });
  ask('a', 1);
  ask('b', 2);
  pool.release(1, new Set());
  assert.deepEqual(ask('a', 1), { state: 'queued' });
  assert.deepEqual(running, ['a', 'b']);
  ends[0]?.();
  await new Promise(setImmediate);
  assert.deepEqual(running, ['a', 'b', 'a']);
  assert.deepEqual(pool.progress('a'), { state: 'pulling', startedAt: NOW });
});

test('what waits is not begun when who asked for it has long been silent', async () => {
  let nowMs = 0;
  const { pool, running, ask, end } = play(() => new Date(nowMs));
  ask('a', 1);
  ask('b', 1);
  ask('forgotten', 1, 3);
  ask('wanted', 1, 4);
  nowMs += 61_000;
  ask('wanted', 1, 4);
  await end('a');
  assert.deepEqual(running, ['b', 'wanted']);
  assert.equal(pool.progress('forgotten'), null);
});

test('what one tenant has waiting is bounded, whoever asks', async () => {
  const { pool, running, ask, end } = play();
  for (let index = 0; index < 2000; index += 1) ask(`k${index}`, 1);
  const count = () =>
    Array.from({ length: 2000 }, (_, index) => pool.progress(`k${index}`)).filter(Boolean).length;
  assert.equal(count(), 502);
  // Another tenant is not concerned; and what was not kept can be asked for again.
  ask('other', 2);
  await end('k0');
  ask('k1999', 1);
  assert.deepEqual(pool.progress('k1999'), { state: 'queued' });
  assert.deepEqual(running, ['k1', 'other', 'k2']);
});

test('closing ends all, and starts no more', async () => {
  const { pool, running, ask } = play();
  for (const key of ['a', 'b', 'c']) ask(key, 1);
  await pool.close();
  assert.deepEqual(running, []);
  ask('d', 2);
  assert.equal(pool.progress('d'), null);
});
