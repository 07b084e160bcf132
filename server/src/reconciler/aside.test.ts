import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { ENGINE_TIMEOUT, EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { HANGS_ASIDE } from './next-try.ts';
import { workAside } from './work-store.ts';

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
  bench.world.publish('app:1', {});
});
after(() => bench.close());

/** Calls for one container end without an answer, without the wait for it. @returns what ends that. */
function hang(id: number, times = Infinity): () => void {
  const error = new EngineError('retryable', ENGINE_TIMEOUT, 'The engine did not answer in time.');
  return bench.world.faults.add({ verb: 'containers.observe', subject: id, times, error });
}

it('an object whose calls hang is tried rarely, and is as others once they do not', async () => {
  const { db } = bench;
  const id = await bench.create({ name: 'web', image: 'app:1' });
  await bench.settle();
  const heal = hang(id);
  await bench.delete(id);
  await bench.advance(60_000);
  assert.deepEqual(await workAside(db), [{ kind: 'container', count: 1 }]);
  const turns = bench.turns();
  await bench.advance(600_000);
  // There are two and a half minutes between two of them, at least.
  assert.ok(bench.turns() - turns <= 4, `${bench.turns() - turns} turns in ten minutes`);

  heal();
  await bench.advance(300_000);
  assert.deepEqual(await workAside(db), []);
  const left = await db.selectFrom('containers').select('id').where('id', '=', id).execute();
  assert.deepEqual(left, []);
});

it('one call without an answer puts nothing aside', async () => {
  const { db } = bench;
  const id = await bench.create({ name: 'once', image: 'app:1' });
  await bench.settle();
  hang(id, 1);
  await bench.update(id, { env: { A: '1' } });
  await bench.advance(30_000);
  assert.equal((await bench.read(id)).observed_generation, 2);
  const { hangs } = await db
    .selectFrom('work')
    .select('hangs')
    .where('object_id', '=', id)
    .where('kind', '=', 'container')
    .executeTakeFirstOrThrow();
  assert.ok(hangs < HANGS_ASIDE);
});
