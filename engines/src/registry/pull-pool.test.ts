import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pullPoolCreate } from './pull-pool.ts';
import type { PullPool } from './pull-pool.ts';

const NOW = new Date('2026-01-01T00:00:00Z');

interface Played {
  pool: PullPool;
  /** Keys of the running pulls, in the order in which they were started. */
  running: string[];
  /** @param containerId by default a different one each time. */
  ask(key: string, tenantId: number, containerId?: number): void;
  release(containerId: number, ...except: string[]): Promise<void>;
  /** Containers that were notified of an end. */
  told: number[];
  /** Lets a pull end, and waits until its consequences have happened. */
  end(key: string): Promise<void>;
}

function play(now = () => NOW): Played {
  const told: number[] = [];
  const pool = pullPoolCreate(now, (containerId) => void told.push(containerId));
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
      pool.request({ tenantId, ref: key, containerId, run });
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
  assert.deepEqual(pool.progress({ tenantId: 1, ref: 'a' }), { state: 'pulling', startedAt: NOW });
  assert.deepEqual(pool.progress({ tenantId: 1, ref: 'c' }), { state: 'queued' });
  await end('b');
  assert.deepEqual(running, ['a', 'c']);
  assert.equal(pool.progress({ tenantId: 1, ref: 'b' }), null);
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

test('each tenant has its own pull of the same image', async () => {
  const { pool, running, ask, release } = play();
  for (const key of ['a', 'b', 'same']) ask(key, 1);
  assert.deepEqual(pool.progress({ tenantId: 1, ref: 'same' }), { state: 'queued' });
  assert.equal(pool.progress({ tenantId: 2, ref: 'same' }), null);
  ask('same', 2, 7);
  assert.deepEqual(running, ['a', 'b', 'same']);
  assert.deepEqual(pool.references(), new Set(['a', 'b', 'same']));
  await release(7);
  assert.deepEqual(running, ['a', 'b']);
  assert.deepEqual(pool.progress({ tenantId: 1, ref: 'same' }), { state: 'queued' });
});

test('a repeated request joins the same pull', async () => {
  const { running, ask, end } = play();
  ask('a', 1);
  ask('a', 1);
  assert.deepEqual(running, ['a']);
  await end('a');
  ask('a', 1);
  assert.deepEqual(running, ['a']);
});

test('when a container wants another image, the pull of the old one ends', async () => {
  const { pool, running, ask, release, told } = play();
  ask('a', 1, 1);
  ask('b', 1, 2);
  ask('c', 1, 3);
  ask('d', 1, 4);
  await release(3);
  assert.equal(pool.progress({ tenantId: 1, ref: 'c' }), null);
  await release(1);
  assert.equal(pool.progress({ tenantId: 1, ref: 'a' }), null);
  assert.deepEqual(running, ['b', 'd']);
  assert.deepEqual(told, []);
});

test('a hundred changes of the wanted image leave one pull', async () => {
  const { pool, running, ask, release } = play();
  for (let turn = 0; turn < 100; turn += 1) {
    await release(1, `tag-${turn}`);
    ask(`tag-${turn}`, 1, 1);
  }
  assert.deepEqual(running, ['tag-99']);
  for (let turn = 0; turn < 99; turn += 1)
    assert.equal(pool.progress({ tenantId: 1, ref: `tag-${turn}` }), null);
});

test('a pull that another container still wants continues', async () => {
  const { running, ask, release, end, told } = play();
  ask('a', 1, 1);
  ask('b', 1, 1);
  ask('a', 1, 2);
  ask('c', 1, 3);
  await release(1, 'b');
  assert.deepEqual(running, ['a', 'b']);
  await end('a');
  assert.deepEqual(told, [2]);
  assert.deepEqual(running, ['b', 'c']);
});

test('a pull that is ending can be requested again, and keeps its place until it has ended', async () => {
  const running: string[] = [];
  const ends: (() => void)[] = [];
  const pool = pullPoolCreate(
    () => NOW,
    () => {},
  );
  const ask = (key: string, containerId: number) =>
    pool.request({
      ref: key,
      tenantId: 1,
      containerId,
      run: (signal) => {
        running.push(key);
        const { promise, resolve } = Promise.withResolvers<void>();
        // Slow to end, like a pull inside a call that can't be cancelled.
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
  assert.deepEqual(pool.progress({ tenantId: 1, ref: 'a' }), { state: 'pulling', startedAt: NOW });
});

test('a queued pull is not started if its waiters have been silent for long', async () => {
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
  assert.equal(pool.progress({ tenantId: 1, ref: 'forgotten' }), null);
});

test('the queue of each tenant is bounded', async () => {
  const { pool, running, ask, end } = play();
  for (let index = 0; index < 2000; index += 1) ask(`k${index}`, 1);
  const count = () =>
    Array.from({ length: 2000 }, (_, index) =>
      pool.progress({ tenantId: 1, ref: `k${index}` }),
    ).filter(Boolean).length;
  assert.equal(count(), 502);
  // Another tenant is not affected, and a pull that was not queued can be requested again.
  ask('other', 2);
  await end('k0');
  ask('k1999', 1);
  assert.deepEqual(pool.progress({ tenantId: 1, ref: 'k1999' }), { state: 'queued' });
  assert.deepEqual(running, ['k1', 'other', 'k2']);
});

test('closing ends all pulls, and starts no more', async () => {
  const { pool, running, ask } = play();
  for (const key of ['a', 'b', 'c']) ask(key, 1);
  await pool.close();
  assert.deepEqual(running, []);
  ask('d', 1);
  assert.equal(pool.progress({ tenantId: 1, ref: 'd' }), null);
});
