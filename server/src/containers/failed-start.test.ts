import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { installationRead } from '../installation/store.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
  bench.world.publish('app:1', {});
});
after(() => bench.close());

/**
 * Makes every start fail, and the engine report each failed start as a change. @returns the times of the starts, in
 * milliseconds.
 */
async function startsFail(): Promise<number[]> {
  const { id: installationId } = await installationRead(bench.db);
  const tries: number[] = [];
  bench.engine.containers.apply = async ({ id }) => {
    tries.push(bench.clock.now().getTime());
    const ended = { ref: 'none', exitCode: 127 };
    bench.world.hints.emit(installationId, { kind: 'container', id });
    bench.world.hints.emit(installationId, { kind: 'container', id, ended });
    throw new EngineError(
      'retryable',
      'engine_error',
      'The container engine could not do this now.',
    );
  };
  return tries;
}

it('a start that fails is tried again after its delay, whatever the engine says meanwhile', async () => {
  const { apply } = bench.engine.containers;
  const tries = await startsFail();
  const id = await bench.create({ name: 'never', image: 'app:1' });
  await bench.advance(60_000);
  assert.ok(tries.length >= 4 && tries.length <= 6, `${tries.length} tries in the first minute`);
  for (const [index, at] of tries.entries()) {
    const gapMs = at - (tries[index - 1] ?? Number.NEGATIVE_INFINITY);
    assert.ok(gapMs >= 1000, `two tries within ${gapMs} ms`);
  }

  // A change by a client is applied without this delay.
  const before = tries.length;
  await bench.update(id, { env: { A: '1' } });
  await bench.settle();
  assert.equal(tries.length, before + 1);

  bench.engine.containers.apply = apply;
  await bench.advance(61_000);
  assert.equal((await bench.read(id)).status, 'running');
});

it('the end of a running process is seen at once while a change of it can not be applied', async () => {
  const id = await bench.create({ name: 'busy', image: 'app:1' });
  await bench.settle();
  const error = new EngineError('retryable', 'engine_error', 'The engine is busy.');
  const heal = bench.world.faults.add({ verb: 'images.observe', times: Infinity, error });
  await bench.update(id, { image: 'app:2' });
  await bench.advance(50_000);
  assert.equal((await bench.read(id)).status, 'running');
  const turns = bench.turns();
  bench.tamper.kill(id, 1);
  await bench.settle();
  assert.ok(bench.turns() > turns, 'it had a turn');
  heal();
});
