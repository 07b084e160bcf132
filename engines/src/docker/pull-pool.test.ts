import assert from 'node:assert/strict';
import { test } from 'node:test';
import { createPullPool } from './pull-pool.ts';
import type { PullPool } from './pull-pool.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

interface Played {
  pool: PullPool;
  /** Keys of the pulls that run, in the order they were started. */
  running: string[];
  ask(key: string, tenantId: number): void;
  /** Lets a pull end, and what follows from it happen. */
  end(key: string): Promise<void>;
}

function play(): Played {
  const pool = createPullPool(() => NOW);
  const running: string[] = [];
  const ends = new Map<string, () => void>();
  return {
    pool,
    running,
    ask(key, tenantId) {
      pool.request(key, tenantId, (signal) => {
        running.push(key);
        return new Promise<void>((resolve) => {
          ends.set(key, resolve);
          signal.addEventListener('abort', () => resolve());
        }).then(() => void running.splice(running.indexOf(key), 1));
      });
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

test('closing ends all, and starts no more', async () => {
  const { pool, running, ask } = play();
  for (const key of ['a', 'b', 'c']) ask(key, 1);
  await pool.close();
  assert.deepEqual(running, []);
  ask('d', 2);
  assert.equal(pool.progress('d'), null);
});
