import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';

let bench: ReconcileBench;

before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

it('a failure is reported with the lines of the run that failed, not of an earlier one', async () => {
  bench.world.publish('fails:1', {
    process: (_, run) => ({ output: [`run ${run} fails`], exitAfterMs: 100, exitCode: 1 }),
  });
  const id = await bench.create({ name: 'fails', image: 'fails:1' });
  await bench.settle();
  await bench.advance(200);
  assert.match((await bench.read(id)).status_message ?? '', /run 1 fails/);
  await bench.advance(1500);
  const { status_message: message } = await bench.read(id);
  assert.match(message ?? '', /run 2 fails/);
  assert.doesNotMatch(message ?? '', /run 1/);
});
