import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { OPERATOR } from '../changes/actor.ts';
import type { Trx } from '../db/database.ts';
import type { OrgActor } from '../changes/actor.ts';
import { orgLock } from '../orgs/store.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { containerRestart, containerStart, containerStop } from './operations.ts';
import { type ContainerRow, containerShow } from './store.ts';
import { containerSweep } from './sweep.ts';

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
  bench.world.publish('ends:1', { process: { exitAfterMs: 100, exitCode: 1 } });
});

let serial = 0;
async function run(image: string, body: object = {}): Promise<number> {
  const id = await bench.create({ name: `s${(serial += 1)}`, image, ...body });
  await bench.settle();
  return id;
}

function operate(run: (trx: Trx, actor: OrgActor) => Promise<ContainerRow>): Promise<ContainerRow> {
  return bench.db.transaction().execute(async (trx) => {
    const org = await orgLock(trx, bench.orgId);
    return run(trx, { ...OPERATOR, org, role: null });
  });
}
const stop = (id: number) => operate((trx, actor) => containerStop(trx, actor, { id }, bench.deps));
const start = (id: number) =>
  operate((trx, actor) => containerStart(trx, actor, { id }, bench.deps));
const restart = (id: number, pull = false) =>
  operate((trx, actor) => containerRestart(trx, actor, { id, pull }, bench.deps));

async function shown(id: number) {
  const { status, status_reason: reason, generation, observed_generation } = await bench.read(id);
  return { status, reason, isCurrent: generation === observed_generation };
}
const refOf = async (id: number) => (await bench.engine.containers.observe(id))?.ref ?? null;

const STOPPED = { status: 'stopped', reason: null, isCurrent: true };
const RUNNING = { status: 'running', reason: null, isCurrent: true };

describe('stop', () => {
  it('ends the process, at rest, until it is started; and keeps address, volumes and quota', async () => {
    const volume = await bench.volumeCreate('kept');
    const id = await run('app:1', { volumes: [{ volume, mount_path: '/data' }] });
    const { ipv6_address: address, generation } = await bench.read(id);
    await stop(id);
    await bench.settle();
    assert.deepEqual(await shown(id), STOPPED);
    assert.equal(await refOf(id), null);
    const turns = bench.turns();
    await containerSweep(bench.deps);
    await bench.advance(600_000);
    assert.equal(bench.turns(), turns, 'nothing is done about it');
    assert.equal((await bench.volumeRead(volume)).container_id, id);

    await start(id);
    assert.equal((await bench.read(id)).status, 'pending');
    await bench.settle();
    assert.deepEqual(await shown(id), RUNNING);
    const now = await bench.read(id);
    assert.deepEqual([now.ipv6_address, now.generation], [address, generation]);
    await bench.delete(id);
    await bench.settle();
  });

  it('is kept over a PATCH, which takes effect at the start', async () => {
    const id = await run('app:1');
    await stop(id);
    await bench.settle();
    await bench.update(id, { image: 'app:2' });
    await bench.advance(600_000);
    assert.deepEqual(await shown(id), { ...STOPPED, isCurrent: false });
    await start(id);
    await bench.settle();
    assert.deepEqual(await shown(id), RUNNING);
    assert.equal(bench.world.containerFind(bench.installationId, id)?.spec.image, 'app:2');
  });

  it('is kept when somebody else starts the object', async () => {
    const id = await run('app:1');
    const spec = bench.world.containerFind(bench.installationId, id)?.spec ?? assert.fail();
    await stop(id);
    await bench.settle();
    await bench.engine.containers.apply(spec);
    await bench.dropHints();
    await containerSweep(bench.deps);
    await bench.settle();
    assert.equal(await refOf(id), null);
    assert.deepEqual(await shown(id), STOPPED);
  });

  it('stops a pull, a crash loop and a start that waits', async () => {
    bench.world.publish('slow:1', { pullMs: 200_000 });
    const pulling = await run('slow:1');
    const looping = await run('ends:1');
    await bench.advance(20_000);
    await stop(pulling);
    await stop(looping);
    await bench.advance(1_200_000);
    assert.deepEqual(await shown(pulling), { ...STOPPED, isCurrent: false });
    assert.deepEqual(await shown(looping), STOPPED);
    await start(pulling);
    await bench.advance(210_000);
    assert.deepEqual(await shown(pulling), RUNNING);
  });

  it('gives the process its time, and is taken back by a start meanwhile', async () => {
    const id = await run('stubborn:1');
    await stop(id);
    await bench.advance(2000);
    assert.equal((await bench.read(id)).status, 'running');
    await start(id);
    await bench.advance(20_000);
    assert.deepEqual(await shown(id), RUNNING);
    await stop(id);
    await bench.advance(11_000);
    assert.deepEqual(await shown(id), STOPPED);
  });

  it('is no obstacle to a deletion', async () => {
    const id = await run('app:1');
    await stop(id);
    await bench.settle();
    await bench.delete(id);
    await bench.settle();
    assert.equal(await bench.deps.store.containerWorkRead(id), null);
  });

  it('is not told as a failure of the process, though its end is reported first', async () => {
    const id = await run('app:1');
    const ref = (await refOf(id)) ?? assert.fail();
    await stop(id);
    const end = { ref, exitCode: 143, outOfMemory: false };
    await bench.deps.store.containerMarkEnded(id, end, bench.clock.now());
    assert.deepEqual((await bench.read(id)).status, 'running');
    await bench.settle();
    assert.deepEqual(await shown(id), STOPPED);
  });

  it('repeated does nothing, as a start of what runs', async () => {
    const id = await run('app:1');
    const before = await bench.read(id);
    assert.equal((await start(id)).revision, before.revision);
    const stopped = await stop(id);
    assert.equal((await stop(id)).revision, stopped.revision);
  });
});

/** What a client sees of its wishes, in a read and in the newest event. */
async function wished(id: number) {
  const row = await bench.read(id);
  const { status, desired_status, restarting } = containerShow(row, 'main', bench.deps.secrets);
  const { object } = await bench.db
    .selectFrom('events')
    .select('object')
    .where('object_kind', '=', 'container')
    .where('object_id', '=', id)
    .orderBy('position', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirstOrThrow();
  const { status: s, desired_status: d, restarting: r } = object;
  assert.deepEqual(
    [s, d, r],
    [status, desired_status, restarting],
    'the newest event says so, too',
  );
  return [status, desired_status, restarting ? 'restarting' : ''];
}

describe('what was asked for', () => {
  it('shows from a stop to the end of the process, and to the next start', async () => {
    const id = await run('stubborn:1');
    assert.deepEqual(await wished(id), ['running', 'running', '']);
    await stop(id);
    assert.deepEqual(await wished(id), ['running', 'stopped', '']);
    await bench.settle();
    assert.deepEqual(await wished(id), ['running', 'stopped', ''], 'it has time to end');
    await bench.advance(30_000);
    assert.deepEqual(await wished(id), ['stopped', 'stopped', '']);
    await start(id);
    assert.deepEqual(await wished(id), ['pending', 'running', '']);
    await bench.settle();
    assert.deepEqual(await wished(id), ['running', 'running', '']);
  });

  it('shows from a restart until there is a new process, with a new ETag at its end', async () => {
    const id = await run('stubborn:1');
    await restart(id);
    await bench.settle();
    assert.deepEqual(await wished(id), ['running', 'running', 'restarting']);
    const { revision } = await bench.read(id);
    await bench.advance(30_000);
    assert.deepEqual(await wished(id), ['running', 'running', '']);
    assert.ok((await bench.read(id)).revision > revision);
  });

  it('shows while the image of a restart is pulled, and a stop takes its place', async () => {
    bench.world.publish('again:1', { imageId: 'sha256:first' });
    const id = await run('again:1');
    await bench.advance(5000);
    bench.world.publish('again:1', { imageId: 'sha256:second', pullMs: 30_000 });
    await restart(id, true);
    await bench.advance(10_000);
    assert.deepEqual(await wished(id), ['running', 'running', 'restarting']);
    await stop(id);
    assert.deepEqual(await wished(id), ['running', 'stopped', '']);
    await bench.advance(60_000);
    assert.deepEqual(await wished(id), ['stopped', 'stopped', '']);
    await restart(id);
    await bench.advance(60_000);
    assert.deepEqual(await wished(id), ['running', 'running', '']);
  });
});

describe('a turn that began before a client wrote', () => {
  it('does not record a stop that was taken back', async () => {
    const id = await run('app:1');
    await stop(id);
    const claim = await bench.claim();
    const work = (await bench.deps.store.containerWorkRead(id)) ?? assert.fail();
    await start(id);
    const after = { ...work.state, status: 'stopped' as const };
    const next = { dueAt: null, failures: 0 };
    await bench.deps.store.containerRecord(claim, work.state, after, bench.clock.now(), next);
    assert.equal((await bench.read(id)).status, 'pending');
    await bench.settle();
    assert.deepEqual(await shown(id), RUNNING);
  });
});

describe('restart', () => {
  it('makes a new object of the same generation', async () => {
    const id = await run('app:1');
    const ref = await refOf(id);
    await restart(id);
    await bench.settle();
    assert.deepEqual(await shown(id), RUNNING);
    assert.notEqual(await refOf(id), ref);
    const { generation, restart_count: count } = await bench.read(id);
    assert.deepEqual([generation, count], [1, 0]);
    const turns = bench.turns();
    await bench.advance(600_000);
    assert.equal(bench.turns(), turns, 'once');
  });

  it('ends the delay of a crash loop', async () => {
    const id = await run('ends:1');
    await bench.advance(120_000);
    assert.equal((await bench.read(id)).status_reason, 'crash_loop');
    const ref = await refOf(id);
    bench.world.publish('ends:1', {});
    await restart(id);
    await bench.settle();
    assert.notEqual(await refOf(id), ref);
    assert.equal((await bench.engine.containers.observe(id))?.state, 'running');
  });

  it('starts what is stopped', async () => {
    const id = await run('app:1');
    await stop(id);
    await bench.settle();
    await restart(id);
    await bench.settle();
    assert.deepEqual(await shown(id), RUNNING);
  });

  it('pulls the image again if it is asked to, and runs the old one until it is there', async () => {
    bench.world.publish('moving:1', { imageId: 'sha256:first' });
    const id = await run('moving:1');
    await bench.advance(5000);
    bench.world.publish('moving:1', { imageId: 'sha256:second', pullMs: 30_000 });
    await restart(id, true);
    await bench.advance(10_000);
    assert.deepEqual(await shown(id), RUNNING);
    assert.equal((await bench.engine.containers.observe(id))?.imageId, 'sha256:first');
    await bench.advance(30_000);
    assert.deepEqual(await shown(id), RUNNING);
    assert.equal((await bench.engine.containers.observe(id))?.imageId, 'sha256:second');
    await restart(id);
    await bench.settle();
    assert.equal((await bench.engine.containers.observe(id))?.imageId, 'sha256:second');
  });

  it('says why, if the image can not be pulled again, and keeps the process', async () => {
    const id = await run('app:1');
    const ref = await refOf(id);
    const failure = { reason: 'image_not_found' as const, message: 'It is gone.' };
    bench.world.publish('app:1', { failure });
    await restart(id, true);
    await bench.advance(5000);
    assert.deepEqual(await shown(id), { ...RUNNING, reason: 'image_not_found' });
    assert.equal(await refOf(id), ref);
  });
});
