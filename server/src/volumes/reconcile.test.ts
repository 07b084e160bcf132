import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../test/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
  await bench.db.updateTable('orgs').set({ volume_gb_limit: 100_000 }).execute();
});
after(() => bench.close());
beforeEach(() => {
  bench.world.faults.clear();
  bench.world.volumeMaxGb = Infinity;
  bench.world.publish('app:1', {});
  bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
});

let serial = 0;
const nameNew = (): string => `n${(serial += 1)}`;

async function shown(id: number) {
  const { status, status_reason: reason } = await bench.volumeRead(id);
  return { status, reason };
}

async function made(): Promise<number> {
  const id = await bench.volumeCreate(nameNew());
  await bench.settle();
  assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  return id;
}

const objectsOf = (id: number) =>
  [...bench.world.volumes.values()].filter((volume) => volume.spec.id === id);

async function rowIsThere(id: number): Promise<boolean> {
  return (await bench.deps.store.volumeWorkRead(id)) !== null;
}

const ERROR = new EngineError('retryable', 'engine_error', 'The engine failed.');

describe('a volume that the engine has and can not give', () => {
  it('says why beside its container, and stays bound', async () => {
    const id = await made();
    const volumes = [{ volume: id, mount_path: '/data' }];
    const container = await bench.create({ name: nameNew(), image: 'app:1', volumes });
    await bench.settle();
    bench.tamper.kill(container);
    for (const verb of ['volumes.observe', 'containers.apply'] as const) {
      bench.world.faults.add({ verb, times: Infinity, error: ERROR });
    }
    await bench.advance(60_000);
    const down = await bench.read(container);
    assert.deepEqual([down.status, down.status_reason !== null], ['failed', true]);
    assert.deepEqual(await shown(id), { status: 'bound', reason: 'engine_error' });
    assert.equal((await bench.volumeRead(id)).status_message, ERROR.message);

    bench.world.faults.clear();
    await bench.advance(120_000);
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
    assert.equal((await bench.read(container)).status, 'running');
  });
});

describe('a volume that is created', () => {
  it('is pending, then provisioning, then bound, and comes to rest', async () => {
    const id = await bench.volumeCreate(nameNew());
    assert.deepEqual(await shown(id), { status: 'pending', reason: null });
    await bench.work(await bench.claim());
    assert.deepEqual(await shown(id), { status: 'provisioning', reason: null });
    assert.deepEqual(objectsOf(id), []);
    await bench.settle();
    const row = await bench.volumeRead(id);
    assert.deepEqual([row.status, row.storage_class, row.size_enforced], ['bound', 'fake', true]);
    const [object] = objectsOf(id);
    assert.deepEqual([object?.spec.tenantId, object?.spec.sizeGb], [bench.orgId, 1]);
    await bench.advance(60_000);
    const turns = bench.turns();
    await bench.advance(600_000);
    assert.equal(bench.turns(), turns);
  });

  it('is one, however often it is made: a lost reply makes no second one', async () => {
    bench.world.faults.add({ verb: 'volumes.apply', error: ERROR, when: 'after' });
    const id = await bench.volumeCreate(nameNew());
    await bench.advance(5000);
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
    assert.equal(objectsOf(id).length, 1);
  });

  it('fails after five minutes, by a reason, and is bound when the engine can again', async () => {
    bench.world.faults.add({ verb: 'volumes.apply', times: Infinity, error: ERROR });
    const id = await bench.volumeCreate(nameNew());
    await bench.advance(299_000);
    assert.deepEqual(await shown(id), { status: 'provisioning', reason: null });
    assert.equal((await bench.volumeRead(id)).status_message, 'The engine failed.');
    await bench.advance(2000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'engine_error' });
    bench.world.faults.clear();
    await bench.advance(60_000);
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
    assert.equal((await bench.volumeRead(id)).status_message, null);
  });

  it('fails at once where the host has no room for it, and is tried again', async () => {
    bench.world.volumeMaxGb = 0;
    const id = await bench.volumeCreate(nameNew());
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'unschedulable' });
    bench.world.volumeMaxGb = 10;
    await bench.advance(300_000);
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });
});

describe('a volume that vanishes', () => {
  it('is failed with data_lost, and never made anew', async () => {
    const id = await made();
    bench.tamper.volumeVanish(id);
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'data_lost' });
    await bench.advance(3_600_000);
    await bench.volumeSweep();
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'data_lost' });
    assert.deepEqual(objectsOf(id), []);
  });

  it('is found by the sweep when nobody told of it, and bound again when it is back', async () => {
    const id = await made();
    const volume = bench.tamper.volumeVanish(id);
    await bench.dropHints();
    await bench.volumeSweep();
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'data_lost' });
    bench.tamper.volumeReturn(volume);
    await bench.dropHints();
    await bench.volumeSweep();
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });

  it('is not taken for another one of its name that somebody made', async () => {
    const id = await made();
    const { spec } = bench.tamper.volumeVanish(id);
    await bench.engine.volumes.apply(spec);
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'data_lost' });
    bench.world.volumes.delete(objectsOf(id)[0]?.ref ?? '');
  });
});

describe('a volume that is deleted', () => {
  it('is destroyed, and its row goes', async () => {
    const id = await made();
    await bench.volumeDelete(id);
    await bench.settle();
    assert.deepEqual(objectsOf(id), []);
    assert.equal(await rowIsThere(id), false);
  });

  it('is destroyed also when the engine does not know it any more, or never did', async () => {
    const [gone, never] = [await made(), await bench.volumeCreate(nameNew())];
    bench.tamper.volumeVanish(gone);
    await bench.volumeDelete(gone);
    await bench.volumeDelete(never);
    await bench.settle();
    assert.deepEqual([await rowIsThere(gone), await rowIsThere(never)], [false, false]);
  });

  it('keeps its row until the engine has cleared away what a cut off removal left', async () => {
    const id = await made();
    bench.tamper.volumeVanish(id);
    bench.world.faults.add({ verb: 'volumes.remove', times: Infinity, error: ERROR });
    await bench.volumeDelete(id);
    await bench.advance(60_000);
    assert.equal(await rowIsThere(id), true);
    bench.world.faults.clear();
    await bench.advance(300_000);
    assert.equal(await rowIsThere(id), false);
  });

  it('is destroyed though what made it was slower than its deletion', async () => {
    const id = await bench.volumeCreate(nameNew());
    await bench.work(await bench.claim());
    bench.world.faults.add({ verb: 'volumes.apply', delayMs: 15_000 });
    const making = bench.work(await bench.claim());
    while (bench.clock.nextDueMs() === null) await new Promise(setImmediate);
    await bench.clock.advance(10_000);
    await making;
    await bench.volumeDelete(id);
    await bench.advance(4000);
    assert.deepEqual([objectsOf(id).length, await rowIsThere(id)], [0, true]);
    await bench.advance(60_000);
    assert.deepEqual([objectsOf(id).length, await rowIsThere(id)], [0, false]);
  });

  it('waits for the container that still has it, however long that takes to end', async () => {
    const id = await made();
    const volumes = [{ volume: id, mount_path: '/data' }];
    const container = await bench.create({ name: nameNew(), image: 'stubborn:1', volumes });
    await bench.settle();
    await bench.delete(container);
    await bench.volumeDelete(id);
    await bench.advance(9000);
    assert.equal((await bench.engine.containers.observe(container))?.state, 'running');
    assert.equal(objectsOf(id).length, 1);
    await bench.advance(1000);
    assert.deepEqual([objectsOf(id).length, await rowIsThere(id)], [0, false]);
  });

  it('goes on after failures of the engine', async () => {
    const id = await made();
    bench.world.faults.add({ verb: 'volumes.remove', times: 3, error: ERROR });
    bench.world.faults.add({ verb: 'volumes.observe', times: 2, error: ERROR });
    await bench.volumeDelete(id);
    await bench.advance(60_000);
    assert.deepEqual([objectsOf(id).length, await rowIsThere(id)], [0, false]);
  });
});

describe('the sweep', () => {
  it('counts volumes without a row, and removes none', async () => {
    const id = await made();
    await bench.db.deleteFrom('volumes').where('id', '=', id).execute();
    await bench.db.deleteFrom('work').where('object_id', '=', id).execute();
    await bench.volumeSweep();
    await bench.advance(600_000);
    await bench.volumeSweep();
    assert.equal(objectsOf(id).length, 1);
    assert.equal((await bench.deps.metrics.volumesWithoutRow.get()).values[0]?.value, 1);
    bench.world.volumes.clear();
  });
});

describe('an engine that falls silent', () => {
  it('leaves it unknown whether a volume is in order, until it is looked at', async () => {
    const id = await made();
    await bench.deps.store.volumesMarkUnknown('The engine is silent.');
    assert.deepEqual(await shown(id), { status: 'bound', reason: 'engine_error' });
    await bench.deps.store.volumesWakeUnknown(bench.clock.now());
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });
});
