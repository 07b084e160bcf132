import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { volumeStorageRecord } from '../installation/volume-storage.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
  await bench.db.updateTable('orgs').set({ volume_gb_limit: 100_000 }).execute();
});
after(() => bench.close());
beforeEach(() => {
  bench.world.faults.clear();
  bench.world.volumeMaxGb = Infinity;
  bench.world.volumeBinding = { mode: 'immediate', takesMs: 0 };
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

const workOf = (id: number) =>
  bench.db
    .selectFrom('work')
    .select(['fence', 'due_at'])
    .where('kind', '=', 'volume')
    .where('object_id', '=', id)
    .executeTakeFirstOrThrow();

const ERROR = new EngineError('retryable', 'engine_error', 'The engine failed.');

describe('a volume that the engine has but can not provide', () => {
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

  it('is stored as its creation promised, though the host stores new ones otherwise by now', async () => {
    const loose = { storageClass: 'fake-loose', isSizeEnforced: false };
    bench.world.volumeStorage = loose;
    await volumeStorageRecord(bench.deps);
    const id = await bench.volumeCreate(nameNew());
    const before = await bench.volumeRead(id);
    assert.deepEqual([before.storage_class, before.size_enforced], ['fake-loose', false]);
    bench.world.volumeStorage = { storageClass: 'fake', isSizeEnforced: true };
    await volumeStorageRecord(bench.deps);
    await bench.settle();
    assert.deepEqual(objectsOf(id)[0]?.storage, loose);
    const after = await bench.volumeRead(id);
    assert.deepEqual(
      [after.status, after.storage_class, after.size_enforced],
      [...['bound', 'fake-loose'], false],
    );
  });

  it('is created once: a lost reply does not create a second one', async () => {
    bench.world.faults.add({ verb: 'volumes.apply', error: ERROR, when: 'after' });
    const id = await bench.volumeCreate(nameNew());
    await bench.advance(5000);
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
    assert.equal(objectsOf(id).length, 1);
  });

  it('fails after five minutes with a reason, and is bound when the engine works again', async () => {
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

  it('fails immediately if the host has no room for it, and is retried', async () => {
    bench.world.volumeMaxGb = 0;
    const id = await bench.volumeCreate(nameNew());
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'unschedulable' });
    bench.world.volumeMaxGb = 10;
    await bench.advance(300_000);
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });
});

describe('a volume that exists and is not bound yet', () => {
  it('is provisioning until the engine has bound it', async () => {
    bench.world.volumeBinding = { mode: 'immediate', takesMs: 20_000 };
    const id = await bench.volumeCreate(nameNew());
    await bench.settle();
    assert.equal(objectsOf(id).length, 1);
    assert.deepEqual(await shown(id), { status: 'provisioning', reason: null });
    await bench.advance(21_000);
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
    assert.equal((await bench.volumeRead(id)).status_message, null);
  });

  it('fails after five minutes, and is bound once the engine has bound it', async () => {
    bench.world.volumeBinding = { mode: 'immediate', takesMs: 900_000 };
    const id = await bench.volumeCreate(nameNew());
    await bench.advance(299_000);
    assert.deepEqual(await shown(id), { status: 'provisioning', reason: null });
    await bench.advance(2000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'timeout' });
    await bench.advance(660_000);
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });

  it('fails after five minutes even if the engine can not be asked', async () => {
    bench.world.volumeBinding = { mode: 'immediate', takesMs: 3_600_000 };
    const id = await bench.volumeCreate(nameNew());
    await bench.settle();
    bench.world.faults.add({ verb: 'volumes.observe', times: Infinity, error: ERROR });
    await bench.advance(301_000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'engine_error' });
  });

  it('rests while it waits for its first consumer, and is bound with it', async () => {
    bench.world.volumeBinding = { mode: 'first-consumer' };
    const id = await bench.volumeCreate(nameNew());
    await bench.settle();
    const waiting = { status: 'provisioning', reason: 'waits_for_consumer' };
    assert.deepEqual(await shown(id), waiting);
    const { fence, due_at: dueAt } = await workOf(id);
    assert.equal(dueAt, null);
    await bench.advance(600_000);
    assert.equal((await workOf(id)).fence, fence);
    assert.deepEqual(await shown(id), waiting);

    const volumes = [{ volume: id, mount_path: '/data' }];
    const container = await bench.create({ name: nameNew(), image: 'app:1', volumes });
    await bench.settle();
    assert.equal((await bench.read(container)).status, 'running');
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });

  it('does not keep back a container that was created together with it', async () => {
    bench.world.volumeBinding = { mode: 'first-consumer' };
    const id = await bench.volumeCreate(nameNew());
    const volumes = [{ volume: id, mount_path: '/data' }];
    const container = await bench.create({ name: nameNew(), image: 'app:1', volumes });
    await bench.settle();
    assert.equal((await bench.read(container)).status, 'running');
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });

  it('keeps back a container as long as the engine needs to bind it', async () => {
    bench.world.volumeBinding = { mode: 'immediate', takesMs: 20_000 };
    const id = await bench.volumeCreate(nameNew());
    const volumes = [{ volume: id, mount_path: '/data' }];
    const container = await bench.create({ name: nameNew(), image: 'app:1', volumes });
    await bench.settle();
    const row = await bench.read(container);
    assert.deepEqual([row.status, row.status_reason], ['pending', null]);
    assert.match(row.status_message ?? '', /still being made/);
    await bench.advance(21_000);
    assert.equal((await bench.read(container)).status, 'running');
  });

  it('is found bound by the sweep if no event reported it', async () => {
    bench.world.volumeBinding = { mode: 'first-consumer' };
    const id = await bench.volumeCreate(nameNew());
    await bench.settle();
    for (const object of objectsOf(id)) object.phase = 'bound';
    await bench.volumeSweep();
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });

  it('is lost if its object stays and its data is gone', async () => {
    const id = await made();
    const volumes = [{ volume: id, mount_path: '/data' }];
    const container = await bench.create({ name: nameNew(), image: 'app:1', volumes });
    await bench.settle();
    bench.tamper.volumeLose(id);
    bench.tamper.kill(container);
    await bench.advance(60_000);
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'data_lost' });
    const row = await bench.read(container);
    assert.deepEqual([row.status, row.status_reason], ['failed', 'data_lost']);
  });
});

describe('a volume that vanishes', () => {
  it('is failed with data_lost, and never recreated', async () => {
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

  it('is found by the sweep if no event reported it, and bound again when it is back', async () => {
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

  it('is not confused with another one of the same name that somebody created', async () => {
    const id = await made();
    const { spec } = bench.tamper.volumeVanish(id);
    await bench.engine.volumes.apply(spec);
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'failed', reason: 'data_lost' });
    bench.world.volumes.delete(objectsOf(id)[0]?.ref ?? '');
  });
});

describe('a volume that is deleted', () => {
  it('is destroyed, and its row is deleted', async () => {
    const id = await made();
    await bench.volumeDelete(id);
    await bench.settle();
    assert.deepEqual(objectsOf(id), []);
    assert.equal(await rowIsThere(id), false);
  });

  it('is deleted even if the engine no longer knows it, or never did', async () => {
    const [gone, never] = [await made(), await bench.volumeCreate(nameNew())];
    bench.tamper.volumeVanish(gone);
    await bench.volumeDelete(gone);
    await bench.volumeDelete(never);
    await bench.settle();
    assert.deepEqual([await rowIsThere(gone), await rowIsThere(never)], [false, false]);
  });

  it('keeps its row until the engine has cleaned up after an interrupted removal', async () => {
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

  it('is destroyed even if its creation finishes after its deletion', async () => {
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

  it('waits for the container that still uses it, however long that takes to end', async () => {
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

  it('continues after failures of the engine', async () => {
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
  it('leaves the state of a volume unknown until it is observed again', async () => {
    const id = await made();
    await bench.deps.store.volumesMarkUnknown('The engine is silent.');
    assert.deepEqual(await shown(id), { status: 'bound', reason: 'engine_error' });
    await bench.deps.store.volumesWakeUnknown(bench.clock.now(), bench.clock.now());
    await bench.settle();
    assert.deepEqual(await shown(id), { status: 'bound', reason: null });
  });
});
