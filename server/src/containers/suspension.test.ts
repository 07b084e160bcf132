import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { OPERATOR } from '../changes/actor.ts';
import { orgResume, orgSuspend } from '../orgs/operations.ts';
import { orgLock } from '../orgs/store.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { containerSweep, imageSweep } from './sweep.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());
beforeEach(() => {
  bench.world.faults.clear();
  bench.world.publish('app:1', {});
  bench.world.publish('app:2', {});
  bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
});

let serial = 0;
const create = (image: string) => bench.create({ name: `s${(serial += 1)}`, image });

function change(operation: typeof orgSuspend): Promise<boolean> {
  return bench.db.transaction().execute(async (trx) => {
    const org = await orgLock(trx, bench.orgId);
    return operation(trx, { ...OPERATOR, org, role: null }, bench.deps);
  });
}
const suspend = () => change(orgSuspend);
const resume = () => change(orgResume);

async function shown(id: number) {
  const { status, status_reason: reason, generation, observed_generation } = await bench.read(id);
  return { status, reason, isCurrent: generation === observed_generation };
}

const STOPPED = { status: 'stopped', reason: 'org_suspended', isCurrent: true };
const RUNNING = { status: 'running', reason: null, isCurrent: true };

describe('the suspension of an org', () => {
  it('ends its containers, and its end brings back what ran, from the same images', async () => {
    const moving = await bench.create({ name: `s${(serial += 1)}`, image: 'moving:latest' });
    const volume = await bench.volumeCreate(`v${serial}`);
    const body = { env: { A: '1' }, volumes: [{ volume, mount_path: '/data' }] };
    const full = await bench.create({ name: `s${(serial += 1)}`, image: 'app:1', ...body });
    bench.world.publish('moving:latest', { imageId: 'sha256:first' });
    await bench.advance(400_000);
    const before = await Promise.all(
      [moving, full].map((id) => bench.engine.containers.observe(id)),
    );
    assert.deepEqual([await shown(moving), await shown(full)], [RUNNING, RUNNING]);

    assert.equal(await suspend(), true);
    assert.equal(await suspend(), false);
    await bench.settle();
    assert.deepEqual([await shown(moving), await shown(full)], [STOPPED, STOPPED]);
    assert.equal([...bench.world.containersOf(bench.installationId)].length, 0);
    // At rest: nobody works on it, and no sweep finds anything.
    const turns = bench.turns();
    await imageSweep(bench.deps);
    await containerSweep(bench.deps);
    await bench.advance(600_000);
    assert.equal(bench.turns(), turns);

    bench.world.publish('moving:latest', { imageId: 'sha256:second' });
    assert.equal(await resume(), true);
    assert.equal(await resume(), false);
    await bench.settle();
    assert.deepEqual([await shown(moving), await shown(full)], [RUNNING, RUNNING]);
    const after = await Promise.all(
      [moving, full].map((id) => bench.engine.containers.observe(id)),
    );
    const kept = after.map((one) => [one?.imageId, one?.specHash]);
    assert.deepEqual(
      kept,
      before.map((one) => [one?.imageId, one?.specHash]),
    );
    for (const id of [moving, full]) await bench.delete(id);
    await bench.settle();
  });

  it('gives processes their time to end', async () => {
    const id = await create('stubborn:1');
    await bench.settle();
    await suspend();
    await bench.advance(9000);
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    await bench.advance(1500);
    assert.equal(await bench.engine.containers.observe(id), null);
    assert.deepEqual(await shown(id), STOPPED);
    // Clearing up is possible meanwhile.
    await bench.delete(id);
    await bench.settle();
    assert.equal(await bench.deps.store.containerWorkRead(id), null);
    await resume();
  });

  it('revoked while processes are ending starts them again', async () => {
    const id = await create('stubborn:1');
    await bench.settle();
    await suspend();
    await bench.advance(2000);
    await resume();
    await bench.advance(20_000);
    assert.deepEqual(await shown(id), RUNNING);
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
    await bench.delete(id);
    await bench.advance(20_000);
  });

  it('stops pulls, and a change that was outstanding gets its whole time afterwards', async () => {
    bench.world.publish('slow:1', { pullMs: 200_000 });
    const id = await create('slow:1');
    await bench.advance(1000);
    await suspend();
    await bench.settle();
    assert.deepEqual(await shown(id), { ...STOPPED, isCurrent: false });
    await bench.advance(3_600_000);
    const request = { ref: 'slow:1', tenantId: bench.orgId, containerId: id, since: new Date(0) };
    assert.equal((await bench.engine.images.observe(request)).state, 'absent');
    await resume();
    await bench.advance(190_000);
    assert.deepEqual((await bench.read(id)).status_reason, null);
    await bench.advance(15_000);
    assert.deepEqual(await shown(id), RUNNING);
    await bench.delete(id);
    await bench.settle();
  });

  it('ends a container that a worker starts too late, though no event reports it', async () => {
    const id = await create('app:1');
    await bench.settle();
    const spec = [...bench.world.containersOf(bench.installationId)][0]?.spec ?? assert.fail();
    await suspend();
    await bench.settle();
    await bench.engine.containers.apply(spec);
    await bench.dropHints();
    await containerSweep(bench.deps);
    await bench.settle();
    assert.equal(await bench.engine.containers.observe(id), null);
    assert.deepEqual(await shown(id), STOPPED);
    await resume();
    await bench.settle();
    assert.deepEqual(await shown(id), RUNNING);
  });
});
