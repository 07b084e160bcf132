import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

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
      verb: 'containers.end',
      times: Infinity,
      error: BUSY,
    });
    await bench.delete(old);
    const successor = await create('app:1', 'held');
    await bench.advance(60_000);
    assert.deepEqual(await shown(successor), ['pending', null]);
    await bench.advance(300_000);
    assert.deepEqual(await shown(successor), ['failed', 'timeout']);
    heal();
    await bench.advance(70_000);
    assert.deepEqual(await shown(successor), ['running', null]);
    await forget(successor);
  });

  it('keeps the reported failure while it is retried', async () => {
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

  it('waits for the pulls of its own org without being reported as late', async () => {
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

  it('of a restart are kept after a change that was reverted', async () => {
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

describe('a pull', () => {
  it('of an unknown registry settles as failed within 30 s, and is tried again', async () => {
    const message = 'The registry "gone.example" could not be found.';
    const failure = { reason: 'image_pull_error', message, isUnreachable: true } as const;
    bench.world.publish('gone.example/app:1', { failure });
    const id = await create('gone.example/app:1');
    await bench.advance(10_000);
    assert.deepEqual(await shown(id), ['pending', null]);
    await bench.advance(20_000);
    assert.deepEqual(await shown(id), ['failed', 'image_pull_error']);
    assert.equal((await bench.read(id)).status_message, message);
    bench.world.publish('gone.example/app:1', {});
    await bench.advance(330_000);
    assert.deepEqual(await shown(id), ['running', null]);
    await forget(id);
  });

  it('of a registry that can not be connected to settles within 30 s, however long a try takes', async () => {
    const message = 'The registry "far.example" could not be reached, or broke off.';
    const failure = { reason: 'image_pull_error', message, isUnreachable: true } as const;
    bench.world.publish('far.example/app:1', { failure, pullMs: 8000 });
    const id = await create('far.example/app:1');
    await bench.advance(17_000);
    assert.deepEqual(await shown(id), ['pending', null]);
    await bench.advance(13_000);
    assert.deepEqual(await shown(id), ['failed', 'image_pull_error']);
    await forget(id);
  });

  it('of a registry that answers, but fails, is tried for five minutes', async () => {
    const failure = { reason: 'image_pull_error', message: 'It failed (HTTP 503).' } as const;
    bench.world.publish('busy:1', { failure });
    const id = await create('busy:1');
    await bench.advance(240_000);
    assert.deepEqual(await shown(id), ['pending', null]);
    await bench.advance(70_000);
    assert.deepEqual(await shown(id), ['failed', 'image_pull_error']);
    await forget(id);
  });

  it('continues as long as it receives data, for an hour at most', async () => {
    bench.world.publish('steady:1', { pullMs: 1_200_000, progressMs: 20_000 });
    bench.world.publish('endless:1', { pullMs: Infinity, progressMs: 20_000 });
    const [steady, endless] = [await create('steady:1'), await create('endless:1')];
    await bench.advance(1_100_000);
    assert.deepEqual(await shown(steady), ['pending', null]);
    await bench.advance(110_000);
    assert.deepEqual(await shown(steady), ['running', null]);
    assert.deepEqual(await shown(endless), ['pending', null]);
    await bench.advance(2_400_000);
    assert.deepEqual(await shown(endless), ['failed', 'image_pull_error']);
    await forget(steady, endless);
  });

  it('says that it waits for one of the org’s places', async () => {
    bench.world.publish('stuck:3', { pullMs: Infinity });
    bench.world.publish('stuck:4', { pullMs: Infinity });
    const ids: number[] = [];
    bench.world.publish('waiting:1', {});
    for (const image of ['stuck:3', 'stuck:4', 'waiting:1']) {
      ids.push(await create(image));
      await bench.settle();
    }
    const waiting = await bench.read(ids[2] ?? 0);
    assert.equal(waiting.status, 'pending');
    assert.match(waiting.status_message ?? '', /waits to be pulled/);
    await forget(...ids);
  });
});

it('a moving tag is pulled again for a change with the policy "always", and for no other', async () => {
  const imageId = async (id: number) => (await bench.engine.containers.observe(id))?.specHash;
  bench.world.publish('moving:main', { imageId: 'sha256:1' });
  const id = await create('moving:main');
  await bench.settle();
  const first = await imageId(id);
  bench.world.publish('moving:main', { imageId: 'sha256:2' });
  await bench.update(id, { env: { A: '1' } });
  await bench.advance(15_000);
  await bench.update(id, { env: {} });
  await bench.advance(15_000);
  assert.equal(await imageId(id), first);
  await bench.update(id, { pull_policy: 'always' });
  await bench.advance(15_000);
  const second = await imageId(id);
  assert.notEqual(second, first);
  assert.deepEqual(await shown(id), ['running', null]);
  bench.world.publish('moving:main', { imageId: 'sha256:3' });
  bench.tamper.kill(id, 1);
  await bench.advance(15_000);
  assert.equal(await imageId(id), second);
  await bench.update(id, { env: { A: '2' } });
  await bench.advance(15_000);
  await bench.update(id, { env: {} });
  await bench.advance(15_000);
  assert.notEqual(await imageId(id), second);
  await forget(id);
});
