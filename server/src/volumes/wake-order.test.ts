import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

const ROUNDS = 60;
const PAIRS = 4;

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
  await bench.db.updateTable('orgs').set({ volume_gb_limit: 1000 }).execute();
  bench.world.publish('app:1', {});
});
after(() => bench.close());

it('turns that wake each other at the same moment never wait for each other', async () => {
  const { store, clock } = bench.deps;
  const volumes: number[] = [];
  for (let index = 0; index < PAIRS; index += 1) {
    const volume = await bench.volumeCreate(`v${index}`);
    volumes.push(volume);
    const mounts = [{ volume, mount_path: '/data' }];
    await bench.create({ name: `c${index}`, image: 'app:1', volumes: mounts });
  }
  await bench.settle();
  const work = await bench.db.selectFrom('work').select(['kind', 'object_id']).execute();
  for (let round = 0; round < ROUNDS; round += 1) {
    const now = clock.now();
    for (const { kind, object_id: id } of work) {
      await store.workWake(kind === 'volume' ? 'volume' : 'container', id, now);
    }
    const claims = await store.workClaim(1, now, 15_000, 50);
    assert.equal(claims.length, work.length);
    await Promise.all(
      claims.map(async (claim) => {
        const rest = { dueAt: null, failures: 0 };
        if (claim.kind === 'container') {
          const { state } = (await store.containerWorkRead(claim.id)) ?? assert.fail();
          // Each reports that it has released the volumes that all others mount.
          return store.containerRecord(claim, state, state, now, rest, volumes);
        }
        const before = (await store.volumeWorkRead(claim.id)) ?? assert.fail();
        const status = before.status === 'bound' ? 'failed' : 'bound';
        return store.volumeRecord(claim, before, { ...before, status }, now, rest);
      }),
    );
  }
});
