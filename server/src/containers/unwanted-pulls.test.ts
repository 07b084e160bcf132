import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;

before(async () => {
  bench = await reconcileBenchOpen();
  bench.world.publish('app:1', {});
  for (const tag of [1, 2, 3]) bench.world.publish(`stuck:${tag}`, { pullMs: Infinity });
});
after(() => bench.close());

it('a change, and a deletion, end the pull that was waited for', async () => {
  const created = [];
  for (const tag of [1, 2]) {
    created.push(await bench.create({ name: `stuck-${tag}`, image: `stuck:${tag}` }));
  }
  await bench.settle();
  const [changed, deleted] = created;
  assert.ok(changed !== undefined && deleted !== undefined);
  // Both of the org's pull slots are taken.
  const waiting = await bench.create({ name: 'waiting', image: 'app:1' });
  await bench.settle();
  assert.equal((await bench.read(waiting)).status, 'pending');
  for (const tag of [3, 1, 2, 3]) {
    await bench.update(changed, { image: `stuck:${tag}` });
    await bench.settle();
  }
  assert.equal((await bench.read(changed)).status, 'pending');
  await bench.delete(deleted);
  await bench.settle();
  await bench.advance(6000);
  assert.equal((await bench.read(waiting)).status, 'running');
});
