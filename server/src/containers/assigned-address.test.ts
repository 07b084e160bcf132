import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { containerSweep } from './sweep.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen({ addressing: 'assigned' });
  bench.world.publish('app:1', {});
});
after(() => bench.close());

let serial = 0;
async function running(): Promise<number> {
  const id = await bench.create({ name: `n${(serial += 1)}`, image: 'app:1' });
  await bench.settle();
  assert.equal((await bench.read(id)).status, 'running');
  return id;
}

const addressOf = async (id: number) => (await bench.read(id)).ipv6_address;
const objectOf = (id: number) =>
  [...bench.world.containers.values()].find(({ spec }) => spec.id === id);

describe('an address that the engine assigns', () => {
  it('is null until it is assigned, and then shown', async () => {
    const id = await running();
    assert.equal(await addressOf(id), null);
    const { revision } = await bench.read(id);
    await bench.advance(100);
    assert.equal(await addressOf(id), objectOf(id)?.address);
    assert.notEqual(await addressOf(id), null);
    assert.ok((await bench.read(id)).revision > revision);
  });

  it('is given up when the container is deleted, after its object is gone, and not before', async () => {
    const id = await running();
    await bench.advance(100);
    const released: number[] = [];
    let isOnce = true;
    bench.engine.containers.release = async (containerId) => {
      assert.equal(objectOf(containerId), undefined);
      // A failure is repeated.
      if (isOnce) {
        isOnce = false;
        throw new EngineError('retryable', 'engine_error', 'Not now.');
      }
      released.push(containerId);
    };
    try {
      await bench.update(id, { env: { VERSION: '2' } });
      await bench.advance(20_000);
      assert.deepEqual(released, []);
      await bench.delete(id);
      await bench.advance(60_000);
      assert.deepEqual(released, [id]);
    } finally {
      delete bench.engine.containers.release;
    }
  });

  it('stays through an update, a restart and the loss of the object', async () => {
    const id = await running();
    await bench.advance(100);
    const address = await addressOf(id);
    const { ref } = objectOf(id) ?? assert.fail();
    await bench.update(id, { env: { VERSION: '2' } });
    assert.equal(await addressOf(id), address);
    await bench.advance(20_000);
    bench.tamper.kill(id);
    await bench.advance(20_000);
    bench.tamper.remove(id);
    await bench.advance(100_000);
    assert.notEqual(objectOf(id)?.ref, ref);
    assert.equal((await bench.read(id)).status, 'running');
    assert.deepEqual([await addressOf(id), objectOf(id)?.address], [address, address]);
  });

  it('makes no difference between two versions: nothing is replaced because of it', async () => {
    const id = await running();
    const { ref } = objectOf(id) ?? assert.fail();
    await bench.advance(60_000);
    await containerSweep(bench.deps);
    await bench.settle();
    assert.equal(objectOf(id)?.ref, ref);
  });

  it('is found by the sweep if no event reported it', async () => {
    const id = await running();
    await bench.clock.advance(100);
    await bench.dropHints();
    assert.equal(await addressOf(id), null);
    await containerSweep(bench.deps);
    await bench.settle();
    assert.equal(await addressOf(id), objectOf(id)?.address);
  });

  it('of another container is said to be one, and recorded when that one has given it up', async () => {
    const [first, second] = [await running(), await running()];
    await bench.advance(100);
    const address = (await addressOf(first)) ?? assert.fail();
    const third = await running();
    await bench.clock.advance(100);
    const object = objectOf(third) ?? assert.fail();
    object.address = address;
    await bench.advance(1000);
    const told = await bench.read(third);
    assert.deepEqual([told.ipv6_address, told.status_reason], [null, 'engine_error']);
    assert.match(told.status_message ?? '', /the address of another container/);
    assert.notEqual(await addressOf(second), address);
    await bench.delete(first);
    await bench.advance(600_000);
    const { status, status_reason, ipv6_address } = await bench.read(third);
    assert.deepEqual([status, status_reason, ipv6_address], ['running', null, address]);
  });
});
