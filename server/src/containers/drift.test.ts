import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { tenantSweep } from '../orgs/kind.ts';
import { containerSweep, imageSweep } from './sweep.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());
beforeEach(() => {
  bench.world.faults.clear();
  bench.world.publish('app:1', {});
});

let serial = 0;
async function running(): Promise<number> {
  const id = await bench.create({ name: `d${(serial += 1)}`, image: 'app:1' });
  await bench.settle();
  return id;
}

async function driftCount(): Promise<number> {
  const metric = await bench.deps.metrics.driftFound.get();
  return metric.values.reduce((sum, value) => sum + value.value, 0);
}

async function isUp(id: number): Promise<boolean> {
  const observed = await bench.engine.containers.observe(id);
  return observed?.state === 'running' && observed.connected;
}

describe('what someone does behind our back is repaired', () => {
  const actions = {
    killed: (id: number) => bench.tamper.kill(id),
    stopped: (id: number) => bench.tamper.stop(id),
    paused: (id: number) => bench.tamper.pause(id),
    'taken off its network': (id: number) => bench.tamper.disconnect(id),
    removed: (id: number) => bench.tamper.remove(id),
    edited: (id: number) => bench.tamper.edit(id),
  };
  for (const [name, action] of Object.entries(actions)) {
    it(`${name}, with the engine's hint`, async () => {
      const id = await running();
      action(id);
      await bench.advance(1100);
      assert.ok(await isUp(id));
      assert.equal((await bench.read(id)).status, 'running');
    });

    it(`${name}, by the sweep when the hint is lost, and counted`, async () => {
      const id = await running();
      action(id);
      await bench.dropHints();
      const before = await driftCount();
      await containerSweep(bench.deps);
      assert.equal(await driftCount(), before + 1);
      await bench.advance(1100);
      assert.ok(await isUp(id));
    });

    it(`${name}, by the sweep, though its next turn is a while away`, async () => {
      // The last exit of one is forgotten in a minute; the change of the other is retried in five.
      const [shaken, changing] = [await running(), await running()];
      bench.tamper.kill(shaken);
      await bench.advance(1100);
      await bench.update(changing, { image: 'nowhere:1' });
      await bench.settle();
      for (const id of [shaken, changing]) {
        action(id);
        await bench.dropHints();
        const before = await driftCount();
        await containerSweep(bench.deps);
        assert.equal(await driftCount(), before + 1);
        await bench.advance(2100);
        assert.ok(await isUp(id));
      }
    });
  }

  it('recreated by another tool from another image, it is replaced and never reported as ours', async () => {
    const id = await running();
    const { imageId } = (await bench.engine.containers.observe(id)) ?? assert.fail();
    bench.tamper.recreate(id, { imageId: 'sha256:other' });
    assert.equal((await bench.engine.containers.observe(id))?.imageId, 'sha256:other');
    await bench.advance(12_000);
    assert.ok(await isUp(id));
    assert.equal((await bench.engine.containers.observe(id))?.imageId, imageId);
    assert.equal((await bench.read(id)).status, 'running');
  });

  it('edited, it is replaced by one that is made from its spec, and the log says so', async (t) => {
    const id = await running();
    const { ref, specHash } = (await bench.engine.containers.observe(id)) ?? assert.fail();
    const warn = t.mock.method(bench.deps.log, 'warn');
    bench.tamper.edit(id);
    await bench.advance(1100);
    const found = (await bench.engine.containers.observe(id)) ?? assert.fail();
    assert.notEqual(found.ref, ref);
    assert.equal(found.specHash, specHash);
    assert.equal((await bench.read(id)).status, 'running');
    const said = warn.mock.calls.map(({ arguments: [, text] }) => String(text));
    assert.equal(said.filter((text) => text.startsWith('somebody changed')).length, 1);
  });

  it('the engine restarted: all that ran runs again', async () => {
    const ids = [await running(), await running(), await running()];
    bench.tamper.engineStop();
    bench.tamper.engineStart();
    await containerSweep(bench.deps);
    await bench.advance(1500);
    for (const id of ids) assert.ok(await isUp(id));
  });
});

describe('the sweep', () => {
  it("removes a second object with a container's marks on it, and leaves the first", async () => {
    const id = await running();
    const { ref } = (await bench.engine.containers.observe(id)) ?? assert.fail();
    const copy = bench.tamper.copy(id);
    await bench.dropHints();
    const before = await driftCount();
    await containerSweep(bench.deps);
    assert.equal(await driftCount(), before + 1);
    assert.equal(bench.world.containers.has(copy), false);
    await bench.settle();
    assert.equal((await bench.engine.containers.observe(id))?.ref, ref);
    assert.deepEqual([await isUp(id), (await bench.read(id)).restart_count], [true, 0]);
    await containerSweep(bench.deps);
    assert.equal(await driftCount(), before + 1);
  });

  it('leaves a second object to the turn of a container whose own object is gone', async () => {
    const id = await running();
    const copy = bench.tamper.copy(id);
    bench.tamper.remove(id);
    await bench.dropHints();
    await containerSweep(bench.deps);
    assert.equal(bench.world.containers.has(copy), true);
    await bench.settle();
    assert.equal((await bench.read(id)).status, 'running');
    await containerSweep(bench.deps);
    assert.equal(bench.world.containers.has(copy), false);
    assert.ok(await isUp(id));
  });

  it('removes our object without a row, and never those of others', async () => {
    const id = await running();
    const other = fakeEngineCreate(bench.world, { installationId: 'otherotherot' });
    const observed = await bench.engine.containers.observe(id);
    assert.ok(observed);
    const container = bench.world.containers.get(observed.ref);
    assert.ok(container);
    await other.containers.apply({
      ...container.spec,
      id: 999,
      tenantId: 7,
      ipv6Address: 'fd99::9',
    });
    await bench.db.deleteFrom('work').where('object_id', '=', id).execute();
    await bench.db.deleteFrom('containers').where('id', '=', id).execute();
    await containerSweep(bench.deps);
    await tenantSweep(bench.deps);
    assert.equal(await bench.engine.containers.observe(id), null);
    assert.equal((await other.containers.observe(999))?.state, 'running');
    assert.equal((await other.tenants.list()).length, 1);
  });

  it('checks containers that were marked as unknown, even if the process that marked them is dead', async () => {
    const id = await running();
    await bench.deps.store.containersMarkUnknown('The engine is silent.');
    assert.equal((await bench.read(id)).status_reason, 'engine_error');
    await containerSweep(bench.deps);
    await bench.settle();
    assert.deepEqual(
      [(await bench.read(id)).status, (await bench.read(id)).status_reason],
      ['running', null],
    );
  });

  it('keeps the image that still runs while a change can not be applied', async () => {
    bench.world.publish('old:1', {});
    const id = await bench.create({ name: `d${(serial += 1)}`, image: 'old:1' });
    await bench.settle();
    await bench.update(id, { image: 'nowhere:1' });
    await bench.settle();
    // Nothing uses the image between the end of one object and the start of the next.
    const observed = await bench.engine.containers.observe(id);
    await bench.engine.containers.end(observed?.ref ?? '', 0);
    await imageSweep(bench.deps);
    assert.ok(bench.world.references.has('old:1'));
    await bench.settle();
    assert.ok(await isUp(id));
  });

  it('finds nothing when all is well', async () => {
    await running();
    const before = bench.turns();
    await containerSweep(bench.deps);
    await bench.settle();
    assert.equal(bench.turns(), before);
  });
});

describe('an engine that fails', () => {
  it('for a while is waited for, with the error shown and growing delays', async () => {
    const error = new EngineError('retryable', 'engine_error', 'The engine is busy.');
    bench.world.faults.add({ verb: 'containers.apply', times: 3, error });
    const id = await bench.create({ name: `d${(serial += 1)}`, image: 'app:1' });
    await bench.settle();
    const row = await bench.read(id);
    assert.equal(row.status, 'pending');
    assert.equal(row.status_reason, null);
    assert.equal(row.status_message, 'The engine is busy.');
    await bench.advance(10_000);
    assert.equal((await bench.read(id)).status, 'running');
    assert.equal((await bench.read(id)).status_message, null);
  });

  it('to answer leaves running containers reported as running', async () => {
    const id = await running();
    await bench.advance(400_000);
    const error = new EngineError('retryable', 'timeout', 'No reply in time.');
    bench.world.faults.add({ verb: 'containers.observe', times: 1, error });
    await bench.deps.store.workWake('container', id, bench.clock.now());
    await bench.settle();
    const row = await bench.read(id);
    assert.deepEqual([row.status, row.status_reason], ['running', 'engine_error']);
    await bench.advance(10_000);
    assert.equal((await bench.read(id)).status_reason, null);
  });

  it('to read last lines delays no restart', async () => {
    const error = new EngineError('retryable', 'timeout', 'No reply in time.');
    bench.world.faults.add({ verb: 'access.logs', times: Infinity, error });
    const id = await running();
    bench.tamper.kill(id);
    await bench.settle();
    const row = await bench.read(id);
    assert.deepEqual([row.status, row.status_reason], ['failed', 'exited']);
    assert.match(row.status_message ?? '', /code 137. Its last lines could not be read/);
    await bench.advance(1100);
    assert.ok(await isUp(id));
  });

  it('past the deadline makes the container failed, and comes back by itself', async () => {
    const error = new EngineError('retryable', 'engine_error', 'The engine is busy.');
    const heal = bench.world.faults.add({ verb: 'containers.apply', times: Infinity, error });
    const id = await bench.create({ name: `d${(serial += 1)}`, image: 'app:1' });
    await bench.advance(400_000);
    const row = await bench.read(id);
    assert.deepEqual([row.status, row.status_reason], ['failed', 'engine_error']);
    heal();
    await bench.advance(60_000);
    assert.deepEqual((await bench.read(id)).status, 'running');
  });

  it('after starting from an image that was gone knows the image all the same', async () => {
    const id = await running();
    bench.tamper.remove(id);
    bench.tamper.imageRemove('app:1');
    const error = new EngineError('retryable', 'timeout', 'No reply in time.');
    // The first call finds that the image is missing, the second one takes effect.
    bench.world.faults.add({ verb: 'containers.apply', times: 2, error, when: 'after' });
    await bench.advance(10_000);
    assert.ok(await isUp(id));
    const work = await bench.deps.store.containerWorkRead(id);
    assert.notEqual(work?.state.applied?.imageId ?? null, null);
  });

  it('after starting what then ends does not restart it without delays', async () => {
    let runs = 0;
    bench.world.publish('quick:1', {
      process() {
        runs += 1;
        return { exitAfterMs: 50, exitCode: 1 };
      },
    });
    const error = new EngineError('retryable', 'timeout', 'No reply in time.');
    bench.world.faults.add({ verb: 'containers.apply', times: Infinity, error, when: 'after' });
    const id = await bench.create({ name: `d${(serial += 1)}`, image: 'quick:1' });
    await bench.advance(20_000);
    assert.ok(runs <= 6, `${runs} starts in 20 s`);
    const row = await bench.read(id);
    assert.deepEqual([row.status, row.status_reason], ['failed', 'crash_loop']);
    await bench.delete(id);
    await bench.settle();
  });

  it('after doing what it was asked leaves one object, not two', async () => {
    const error = new EngineError('retryable', 'timeout', 'No reply in time.');
    bench.world.faults.add({ verb: 'containers.apply', times: 2, error, when: 'after' });
    const id = await bench.create({ name: `d${(serial += 1)}`, image: 'app:1' });
    await bench.advance(10_000);
    assert.ok(await isUp(id));
    const objects = [...bench.world.containers.values()].filter((one) => one.spec.id === id);
    assert.equal(objects.length, 1);
  });
});

describe('two workers', () => {
  it('a stalled one can neither record nor undo what its successor did', async () => {
    const id = await bench.create({ name: `d${(serial += 1)}`, image: 'app:1' });
    const stalled = await bench.claim();
    await bench.clock.advance(20_000);
    await bench.settle();
    assert.equal((await bench.read(id)).status, 'running');
    const before = await bench.read(id);
    await bench.work(stalled);
    assert.deepEqual(await bench.read(id), before);
    assert.ok(await isUp(id));
  });

  it('a wake-up during a turn makes another turn', async () => {
    bench.world.publish('app:9', {});
    const id = await running();
    await bench.update(id, { env: { A: '1' } });
    const claim = await bench.claim();
    await bench.update(id, { image: 'app:9' });
    await bench.work(claim);
    await bench.settle();
    const row = await bench.read(id);
    assert.equal(row.observed_generation, row.generation);
  });
});

describe('an org whose subnet another worker changed', () => {
  it('gets the network that its row names, even if the former one was created', async () => {
    const first = (await bench.subnets.ensure(bench.orgId)).ipv4Subnet;
    const id = await running();
    const second = (await bench.subnets.replace(bench.orgId, first)).ipv4Subnet;
    assert.notEqual(second, first);
    bench.tamper.kill(id);
    await bench.advance(1100);
    assert.ok(await isUp(id));
    assert.deepEqual(
      [...bench.world.tenants.values()]
        .filter((tenant) => tenant.id === bench.orgId)
        .map((tenant) => tenant.subnets?.ipv4Subnet),
      [second],
    );
  });
});
