import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import type { Mount } from '../db/types.ts';
import { containerSweep } from './sweep.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
  await bench.db.updateTable('orgs').set({ volume_gb_limit: 100_000 }).execute();
});
after(() => bench.close());
beforeEach(() => {
  bench.world.faults.clear();
  for (const image of ['app:1', 'app:2']) bench.world.publish(image, {});
  bench.world.publish('stubborn:1', { process: { ignoresStop: true } });
  bench.world.publish('none:1', null);
});

let serial = 0;
const nameNew = (): string => `n${(serial += 1)}`;
const at = (volume: number, path = '/data'): Mount[] => [{ volume, mount_path: path }];

async function volume(): Promise<number> {
  const id = await bench.volumeCreate(nameNew());
  await bench.settle();
  return id;
}

async function running(volumes: Mount[] = [], image = 'app:1'): Promise<number> {
  const id = await bench.create({ name: nameNew(), image, volumes });
  await bench.settle();
  assert.deepEqual(await shown(id), ['running', null, true]);
  return id;
}

/** Status, reason, and whether the desired version is the one that runs. */
async function shown(id: number) {
  const { status, status_reason: reason, ...row } = await bench.read(id);
  return [status, reason, row.generation === row.observed_generation];
}

const objectOf = (id: number) =>
  [...bench.world.containers.values()].find(({ spec }) => spec.id === id);

const mountsOf = (id: number) =>
  objectOf(id)?.spec.volumes.map(({ volume: { id: one }, mountPath }) => [one, mountPath]);

/** Advances time, and checks throughout that no volume is in two objects. */
async function advanceWatched(ms: number): Promise<void> {
  for (let left = ms; left > 0; left -= 500) {
    await bench.advance(Math.min(500, left));
    const held = [...bench.world.containers.values()].flatMap(({ spec }) =>
      spec.volumes.map((mount) => mount.volume.id),
    );
    assert.equal(new Set(held).size, held.length);
  }
}

describe('a container with a volume', () => {
  it('starts when the volume is created, and runs with it', async () => {
    const one = await bench.volumeCreate(nameNew());
    const id = await bench.create({ name: nameNew(), image: 'app:1', volumes: at(one) });
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
    assert.deepEqual(mountsOf(id), [[one, '/data']]);
  });

  it('says which volume it waits for, and that it fails with it', async () => {
    bench.world.volumeMaxGb = 0;
    const name = nameNew();
    const one = await bench.volumeCreate(name);
    const id = await bench.create({ name: nameNew(), image: 'app:1', volumes: at(one) });
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'unschedulable', false]);
    assert.match((await bench.read(id)).status_message ?? '', new RegExp(`"${name}"`));
    bench.world.volumeMaxGb = Infinity;
    await bench.advance(300_000);
    assert.deepEqual(await shown(id), ['running', null, true]);
  });

  it('keeps its data over a change, a crash and a replacement', async () => {
    const one = await volume();
    const id = await running(at(one));
    bench.tamper.volumeWrite(id, '/data', 'a');
    await bench.update(id, { image: 'app:2' });
    await bench.settle();
    bench.tamper.volumeWrite(id, '/data', 'b');
    bench.tamper.kill(id);
    await bench.advance(2000);
    bench.tamper.volumeWrite(id, '/data', 'c');
    bench.tamper.remove(id);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
    assert.equal(bench.tamper.volumeRead(id, '/data'), 'abc');
  });

  it('passes it on with its data: the next user waits until the old process has ended', async () => {
    const one = await volume();
    const from = await running(at(one), 'stubborn:1');
    const to = await running();
    bench.tamper.volumeWrite(from, '/data', 'x');
    await bench.update(from, { volumes: [] });
    await bench.update(to, { volumes: at(one, '/other') });
    await advanceWatched(9000);
    assert.deepEqual(await shown(to), ['running', null, false]);
    assert.match((await bench.read(to)).status_message ?? '', /still in use/);
    assert.deepEqual(mountsOf(from), [[one, '/data']]);
    await advanceWatched(1500);
    assert.deepEqual(await shown(from), ['running', null, true]);
    assert.deepEqual(await shown(to), ['running', null, true]);
    assert.deepEqual(mountsOf(to), [[one, '/other']]);
    assert.equal(bench.tamper.volumeRead(to, '/other'), 'x');
  });

  it('passes it on when it is deleted, even to a container of the same name', async () => {
    const one = await volume();
    const id = await running(at(one), 'stubborn:1');
    const { name } = await bench.read(id);
    bench.tamper.volumeWrite(id, '/data', 'x');
    await bench.delete(id);
    const successor = await bench.create({ name, image: 'app:1', volumes: at(one) });
    await advanceWatched(9000);
    assert.deepEqual(await shown(successor), ['pending', null, false]);
    await advanceWatched(1500);
    assert.deepEqual(await shown(successor), ['running', null, true]);
    assert.equal(bench.tamper.volumeRead(successor, '/data'), 'x');
  });

  it('swaps with another: neither waits for the other forever', async () => {
    const [a, b] = [await volume(), await volume()];
    const [one, two] = [await running(at(a)), await running(at(b), 'stubborn:1')];
    await bench.update(one, { volumes: [] });
    await bench.update(two, { volumes: [] });
    await bench.update(one, { volumes: at(b) });
    await bench.update(two, { volumes: at(a) });
    await advanceWatched(30_000);
    assert.deepEqual([await shown(one), mountsOf(one)], [['running', null, true], [[b, '/data']]]);
    assert.deepEqual([await shown(two), mountsOf(two)], [['running', null, true], [[a, '/data']]]);
  });
});

describe('a volume that another container still has', () => {
  it('keeps the old version running, and the change settled as volume_busy, until it is free', async () => {
    const one = await volume();
    const holder = await running(at(one));
    const waiter = await running();
    // Its own new image is not available: the former version keeps running with its volumes.
    await bench.update(holder, { volumes: [], image: 'none:1' });
    await bench.update(waiter, { volumes: at(one) });
    await advanceWatched(299_000);
    assert.deepEqual(await shown(waiter), ['running', null, false]);
    await advanceWatched(6000);
    assert.deepEqual(await shown(waiter), ['running', 'volume_busy', false]);
    assert.deepEqual(await shown(holder), ['running', 'image_not_found', false]);
    assert.deepEqual(mountsOf(holder), [[one, '/data']]);
    await bench.update(holder, { image: 'app:2' });
    await bench.settle();
    assert.deepEqual(await shown(holder), ['running', null, true]);
    assert.deepEqual(await shown(waiter), ['running', null, true]);
  });

  it('keeps a new container pending, then reports it as volume_busy', async () => {
    const one = await volume();
    const holder = await running(at(one));
    await bench.update(holder, { volumes: [], image: 'none:1' });
    const id = await bench.create({ name: nameNew(), image: 'app:1', volumes: at(one) });
    await advanceWatched(299_000);
    assert.deepEqual(await shown(id), ['pending', null, false]);
    await advanceWatched(6000);
    assert.deepEqual(await shown(id), ['failed', 'volume_busy', false]);
    await bench.delete(holder);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
  });

  it('is released by an old version that has ended', async () => {
    const one = await volume();
    const holder = await running(at(one));
    const waiter = await running();
    await bench.update(holder, { volumes: [], image: 'none:1' });
    await bench.update(waiter, { volumes: at(one) });
    await bench.settle();
    bench.tamper.kill(holder);
    await bench.advance(1000);
    assert.deepEqual(await shown(waiter), ['running', null, true]);
    assert.deepEqual(mountsOf(waiter), [[one, '/data']]);
    const [status, reason] = await shown(holder);
    assert.deepEqual([status, reason], ['failed', 'image_not_found']);
    assert.equal(objectOf(holder), undefined);
    await bench.update(holder, { image: 'app:1' });
    await bench.settle();
    assert.deepEqual(await shown(holder), ['running', null, true]);
  });

  it('stays with an old version if no container waits for it, even through crashes', async () => {
    const one = await volume();
    const holder = await running(at(one));
    await bench.update(holder, { volumes: [], image: 'none:1' });
    await bench.settle();
    bench.tamper.kill(holder);
    await bench.advance(2000);
    assert.deepEqual(await shown(holder), ['running', 'image_not_found', false]);
    assert.deepEqual(mountsOf(holder), [[one, '/data']]);
    await bench.volumeDelete(one);
    await bench.settle();
    assert.equal((await bench.engine.containers.observe(holder))?.state, 'running');
    bench.tamper.kill(holder);
    await bench.advance(2000);
    assert.equal(objectOf(holder), undefined);
    await bench.settle();
    assert.ok(![...bench.world.volumes.values()].some(({ spec }) => spec.id === one));
  });
});

describe('a volume whose data is gone', () => {
  it('leaves a running process alone, and is not started with again', async () => {
    const one = await volume();
    const id = await running(at(one));
    const gone = bench.tamper.volumeVanish(one);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
    bench.tamper.kill(id);
    await bench.advance(10_000);
    assert.deepEqual(await shown(id), ['failed', 'data_lost', true]);
    assert.equal((await bench.engine.containers.observe(id))?.state, 'exited');
    await bench.advance(3_600_000);
    assert.deepEqual(await shown(id), ['failed', 'data_lost', true]);
    bench.tamper.volumeReturn(gone);
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
  });

  it('is detected by the container first, and its volume gets a turn', async () => {
    const one = await volume();
    const id = await running(at(one));
    bench.tamper.volumeVanish(one);
    bench.tamper.remove(id);
    await bench.dropHints();
    await bench.deps.store.workWake('container', id, bench.clock.now());
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'data_lost', true]);
    const { status, status_reason: reason } = await bench.volumeRead(one);
    assert.deepEqual([status, reason], ['failed', 'data_lost']);
  });

  it('is not reported by every sweep: nothing at rest gets a turn', async () => {
    const one = await volume();
    const id = await running(at(one));
    bench.tamper.volumeVanish(one);
    bench.tamper.remove(id);
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'data_lost', true]);
    const turns = () =>
      bench.db
        .selectFrom('work')
        .select('fence')
        .where((eb) =>
          eb.or([
            eb.and({ kind: 'container', object_id: id }),
            eb.and({ kind: 'volume', object_id: one }),
          ]),
        )
        .orderBy('kind')
        .execute();
    await bench.advance(30_000);
    const before = await turns();
    for (let count = 0; count < 3; count += 1) {
      await containerSweep(bench.deps);
      await bench.volumeSweep();
      await bench.advance(30_000);
    }
    assert.deepEqual(await turns(), before);
  });
});

describe('a row that names a volume which is not there', () => {
  it('is reported as lost, and runs again when that is fixed', async () => {
    const one = await volume();
    const id = await bench.create({ name: nameNew(), image: 'app:1' });
    await bench.db
      .updateTable('containers')
      .set({ volumes: JSON.stringify(at(one)) })
      .where('id', '=', id)
      .execute();
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'data_lost', false]);
    await bench.update(id, { volumes: [] });
    await bench.settle();
    assert.deepEqual(await shown(id), ['running', null, true]);
  });
});

describe('a volume that something outside of us holds', () => {
  it('is retried every five seconds, and not in a tight loop', async () => {
    const one = await volume();
    const message = 'A volume is still in use by another container.';
    const error = new EngineError('conflict', 'volume_busy', message);
    bench.world.faults.add({ verb: 'containers.apply', times: Infinity, error });
    const id = await bench.create({ name: nameNew(), image: 'app:1', volumes: at(one) });
    await bench.settle();
    assert.deepEqual(await shown(id), ['pending', null, false]);
    const turns = bench.turns();
    await bench.advance(20_000);
    assert.ok(bench.turns() - turns <= 5, `${bench.turns() - turns} turns`);
    await bench.advance(300_000);
    assert.deepEqual(await shown(id), ['failed', 'volume_busy', false]);
    bench.world.faults.clear();
    await bench.advance(5000);
    assert.deepEqual(await shown(id), ['running', null, true]);
  });
});
