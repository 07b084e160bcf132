import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());
beforeEach(async () => {
  bench.world.faults.clear();
  bench.world.publish('plain:1', {});
  bench.world.publish('keeper:1', { volumePaths: ['/data'] });
  bench.world.publish('keeper:2', { volumePaths: ['/data', '/more'] });
  await limitSet(50);
});

let serial = 0;
const nameNew = (): string => `n${(serial += 1)}`;

function limitSet(gb: number) {
  return bench.db.updateTable('orgs').set({ volume_gb_limit: gb }).execute();
}

async function running(image: string, change: Record<string, unknown> = {}): Promise<number> {
  const id = await bench.create({ name: nameNew(), image, ...change });
  await bench.settle();
  assert.deepEqual(await shown(id), ['running', null, true]);
  return id;
}

async function shown(id: number) {
  const { status, status_reason: reason, ...row } = await bench.read(id);
  return [status, reason, row.generation === row.observed_generation];
}

/** The volumes of the container's image, by path. */
function volumesOf(id: number) {
  return bench.db
    .selectFrom('volumes')
    .select(['id', 'mount_path', 'size_gb', 'status'])
    .where('container_id', '=', id)
    .where('of_image', '=', true)
    .orderBy('mount_path')
    .execute();
}

async function gbCount(): Promise<number> {
  const rows = await bench.db.selectFrom('orgs').select('volume_gb_count').execute();
  return rows.reduce((sum, row) => sum + row.volume_gb_count, 0);
}

const objectOf = (id: number) =>
  [...bench.world.containers.values()].find(({ spec }) => spec.id === id) ??
  assert.fail(`${id} has no object`);

describe('a container of an image with a VOLUME', () => {
  it('gets a volume for it, which counts', async () => {
    const before = await gbCount();
    const id = await running('keeper:2');
    assert.deepEqual(
      (await volumesOf(id)).map((row) => [row.mount_path, row.size_gb, row.status]),
      [
        ['/data', 1, 'bound'],
        ['/more', 1, 'bound'],
      ],
    );
    assert.equal((await gbCount()) - before, 2);
    assert.deepEqual((await bench.read(id)).volumes, []);
  });

  it('keeps its data over changes, a crash and a replacement, and other images between', async () => {
    const id = await running('keeper:1');
    bench.tamper.volumeWrite(id, '/data', 'a');
    await bench.update(id, { env: { A: '1' } });
    await bench.settle();
    bench.tamper.volumeWrite(id, '/data', 'b');
    bench.tamper.kill(id);
    await bench.advance(2000);
    bench.tamper.volumeWrite(id, '/data', 'c');
    bench.tamper.remove(id);
    await bench.settle();
    bench.tamper.volumeWrite(id, '/data', 'd');
    await bench.update(id, { image: 'plain:1' });
    await bench.settle();
    assert.deepEqual(objectOf(id).spec.volumes, []);
    await bench.update(id, { image: 'keeper:2' });
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
    assert.equal(bench.tamper.volumeRead(id, '/data'), 'abcd');
    assert.equal((await volumesOf(id)).length, 2);
  });

  it('has no volume for what a volume of its own covers', async () => {
    const volume = await bench.volumeCreate(nameNew());
    const id = await running('keeper:1', { volumes: [{ volume, mount_path: '/data' }] });
    assert.deepEqual(await volumesOf(id), []);
  });

  it('takes its volumes with it when it is deleted', async () => {
    const before = await gbCount();
    const id = await running('keeper:2');
    const ids = (await volumesOf(id)).map((row) => row.id);
    await bench.delete(id);
    assert.equal(await gbCount(), before);
    await bench.advance(15_000);
    assert.ok(![...bench.world.volumes.values()].some(({ spec }) => ids.includes(spec.id)));
    const left = await bench.db.selectFrom('volumes').where('id', 'in', ids).select('id').execute();
    assert.deepEqual(left, []);
  });

  it('fails where the plan has no room, says so, and runs once there is', async () => {
    await limitSet(await gbCount());
    const id = await bench.create({ name: nameNew(), image: 'keeper:2' });
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'quota', false]);
    const message = (await bench.read(id)).status_message ?? '';
    assert.match(message, /\/data and 1 more \(VOLUME\), which takes 2 GB/);
    assert.deepEqual(await volumesOf(id), []);
    await limitSet((await gbCount()) + 2);
    await bench.advance(300_000);
    assert.deepEqual(await shown(id), ['running', null, true]);
  });

  it('runs its former version while the plan has no room for a change', async () => {
    const id = await running('plain:1');
    await limitSet(await gbCount());
    await bench.update(id, { image: 'keeper:1' });
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', 'quota', false]);
    assert.equal(objectOf(id).spec.image, 'plain:1');
  });
});

describe('a container that an earlier version created', () => {
  /** As it was left: its image's data is with the engine, in no volume of ours. */
  async function old(): Promise<number> {
    const image: { volumePaths?: string[] } = {};
    const reference = `old-${nameNew()}:1`;
    bench.world.publish(reference, image);
    const id = await running(reference);
    image.volumePaths = ['/data'];
    bench.tamper.makeUnnamed(id, '/data', 'kept ');
    return id;
  }

  it('runs as before, and keeps its data at its next change', async () => {
    const id = await old();
    const { ref } = objectOf(id);
    bench.tamper.kill(id);
    await bench.advance(2000);
    assert.equal(objectOf(id).ref, ref);
    assert.deepEqual(await volumesOf(id), []);
    bench.tamper.volumeWrite(id, '/data', 'more');
    await bench.update(id, { env: { A: '1' } });
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
    assert.notEqual(objectOf(id).ref, ref);
    assert.equal(bench.tamper.volumeRead(id, '/data'), 'kept more');
  });

  it('gets a volume when it has to be created again', async () => {
    const id = await old();
    bench.tamper.remove(id);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
    assert.deepEqual(
      objectOf(id).spec.volumes.map(({ mountPath }) => mountPath),
      ['/data'],
    );
  });
});
