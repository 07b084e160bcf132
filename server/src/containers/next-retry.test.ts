import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
  bench.world.publish('app:1', {});
});
after(() => bench.close());

let serial = 0;
const create = (image: string): Promise<number> =>
  bench.create({ name: `n${(serial += 1)}`, image });

async function dueAt(id: number): Promise<Date | null> {
  const { due_at: due } = await bench.db
    .selectFrom('work')
    .select('due_at')
    .where('kind', '=', 'container')
    .where('object_id', '=', id)
    .executeTakeFirstOrThrow();
  return due;
}

it('an image that is missing is pulled again when its container says so', async () => {
  const createdAt = bench.clock.now();
  const id = await create('missing:1');
  assert.deepEqual((await bench.read(id)).status_since, createdAt);
  await bench.settle();
  const failed = await bench.read(id);
  assert.deepEqual([failed.status, failed.status_reason], ['failed', 'image_not_found']);
  assert.deepEqual(failed.next_retry_at, await dueAt(id));
  const retryAt = failed.next_retry_at ?? assert.fail('it does not say when');
  await bench.advance(retryAt.getTime() - bench.clock.now().getTime());
  await bench.settle();
  const again = await bench.read(id);
  assert.deepEqual(again.next_retry_at, await dueAt(id));
  assert.ok((again.next_retry_at ?? retryAt) > retryAt);
  assert.deepEqual(again.status_since, failed.status_since);
  bench.world.publish('missing:1', {});
  await bench.advance(3_600_000);
  const running = await bench.read(id);
  assert.deepEqual([running.status, running.next_retry_at], ['running', null]);
  assert.ok(running.status_since > failed.status_since);
});

it('a change says when it is tried again while the former version runs, until the next change', async () => {
  const id = await create('app:1');
  await bench.settle();
  const before = await bench.read(id);
  await bench.update(id, { image: 'absent:1' });
  await bench.advance(200_000);
  const kept = await bench.read(id);
  assert.deepEqual([kept.status, kept.status_reason], ['running', 'image_not_found']);
  assert.deepEqual(kept.next_retry_at, await dueAt(id));
  assert.deepEqual(kept.status_since, before.status_since);
  const changed = await bench.update(id, { image: 'app:1' });
  assert.deepEqual([changed.next_retry_at, changed.status], [null, 'running']);
  await bench.settle();
  const settled = await bench.read(id);
  assert.deepEqual([settled.next_retry_at, settled.status_reason], [null, null]);
  assert.deepEqual(settled.observed_generation, 3);
});

it('a process that has exited says when it is started again', async () => {
  const id = await create('app:1');
  await bench.settle();
  bench.tamper.kill(id, 1);
  await bench.settle();
  const failed = await bench.read(id);
  assert.deepEqual([failed.status, failed.status_reason], ['failed', 'exited']);
  assert.deepEqual(failed.status_since, bench.clock.now());
  assert.deepEqual(failed.next_retry_at, new Date(bench.clock.now().getTime() + 1000));
  assert.deepEqual(failed.next_retry_at, await dueAt(id));
  await bench.advance(1000);
  const running = await bench.read(id);
  assert.deepEqual([running.status, running.next_retry_at], ['running', null]);
  assert.deepEqual(running.status_since, bench.clock.now());
});

it('nothing is written about a container at rest', async () => {
  const id = await create('app:1');
  await bench.advance(300_000);
  const before = await bench.read(id);
  assert.equal(await dueAt(id), null);
  await bench.advance(3_600_000);
  assert.deepEqual(await bench.read(id), before);
});
