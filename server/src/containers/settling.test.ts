import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../test/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());
beforeEach(() => {
  bench.world.faults.clear();
  bench.world.publish('app:1', {});
  bench.world.publish('app:2', {});
});

let serial = 0;
const create = (image: string, name = `s${(serial += 1)}`): Promise<number> =>
  bench.create({ name, image });

async function shown(id: number): Promise<[string, string | null]> {
  const row = await bench.read(id);
  return [row.status, row.status_reason];
}

async function forget(...ids: number[]): Promise<void> {
  for (const id of ids) await bench.delete(id);
  await bench.advance(15_000);
}

const BUSY = new EngineError('retryable', 'engine_error', 'The engine is busy.');

describe('a status', () => {
  it('claims nothing between two versions, with neither running', async () => {
    const id = await create('app:1');
    await bench.settle();
    const heal = bench.world.faults.add({ verb: 'containers.apply', times: Infinity, error: BUSY });
    await bench.update(id, { image: 'app:2' });
    await bench.advance(5000);
    assert.equal(await bench.engine.containers.observe(id), null);
    assert.deepEqual(await shown(id), ['failed', null]);
    heal();
    await bench.advance(60_000);
    assert.deepEqual(await shown(id), ['running', null]);
    await forget(id);
  });

  it('settles though the former container of its name never ends', async () => {
    const old = await create('app:1', 'held');
    await bench.settle();
    const heal = bench.world.faults.add({
      verb: 'containers.remove',
      times: Infinity,
      error: BUSY,
    });
    await bench.delete(old);
    const heir = await create('app:1', 'held');
    await bench.advance(60_000);
    assert.deepEqual(await shown(heir), ['pending', null]);
    await bench.advance(300_000);
    assert.deepEqual(await shown(heir), ['failed', 'timeout']);
    heal();
    await bench.advance(70_000);
    assert.deepEqual(await shown(heir), ['running', null]);
    await forget(heir);
  });

  it('keeps the failure that was told while it is tried again', async () => {
    bench.world.publish('none:1', null);
    const id = await create('none:1');
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'image_not_found']);
    bench.world.publish('none:1', {
      pullMs: 20_000,
      failure: { reason: 'image_not_found', message: 'The registry has no such image (HTTP 404).' },
    });
    await bench.advance(310_000);
    assert.deepEqual(await shown(id), ['failed', 'image_not_found']);
    await forget(id);
  });

  it('waits for the pulls of its own org without being told as late', async () => {
    bench.world.publish('slow:1', { pullMs: 290_000 });
    bench.world.publish('slow:2', { pullMs: 290_000 });
    bench.world.publish('late:1', { pullMs: 290_000 });
    bench.world.publish('late:2', { pullMs: 290_000 });
    const first = [await create('slow:1'), await create('slow:2')];
    await bench.settle();
    const next = [await create('late:1'), await create('late:2')];
    const last = await create('app:77');
    bench.world.publish('app:77', {});
    await bench.advance(400_000);
    bench.world.faults.add({ verb: 'images.observe', subject: 'app:77', error: BUSY });
    await bench.advance(10_000);
    assert.deepEqual(await shown(last), ['pending', null]);
    await bench.advance(300_000);
    assert.deepEqual(await shown(last), ['running', null]);
    await forget(...first, ...next, last);
  });
});

describe('the delays', () => {
  it('after a failure has settled begin with five minutes', async () => {
    bench.world.publish('outage:1', {
      failure: { reason: 'image_pull_error', message: 'The registry answered with HTTP 502.' },
    });
    const id = await create('outage:1');
    await bench.advance(301_000);
    assert.deepEqual(await shown(id), ['failed', 'image_pull_error']);
    bench.world.publish('outage:1', {});
    await bench.advance(305_000);
    assert.deepEqual(await shown(id), ['running', null]);
    await forget(id);
  });

  it('of a restart are kept after a change that was taken back', async () => {
    bench.world.publish('deaf:1', { process: { ignoresStop: true } });
    const id = await create('deaf:1');
    await bench.settle();
    await bench.update(id, { image: 'app:1' });
    await bench.advance(1000);
    await bench.update(id, { image: 'deaf:1' });
    await bench.advance(60_000);
    assert.deepEqual(await shown(id), ['running', null]);
    bench.tamper.kill(id, 1);
    await bench.settle();
    assert.deepEqual(await shown(id), ['failed', 'exited']);
    await forget(id);
  });
});

it('a pull that another org has queued is joined, and begins in this org’s own place', async () => {
  bench.world.publish('shared:latest', {});
  bench.world.publish('stuck:1', { pullMs: Infinity });
  bench.world.publish('stuck:2', { pullMs: Infinity });
  const other = await bench.orgAdd();
  const theirs: number[] = [];
  for (const image of ['stuck:1', 'stuck:2', 'shared:latest']) {
    theirs.push(await bench.create({ name: `s${(serial += 1)}`, image }, other));
    await bench.settle();
  }
  const mine = await create('shared:latest');
  await bench.advance(10_000);
  assert.deepEqual(await shown(mine), ['running', null]);
  await forget(mine);
});
