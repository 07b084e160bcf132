import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { EngineError } from '@dollarbox/engines/contract';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { confirmationExplain } from '../admin/volumes.ts';
import { DomainError, type RefusalReason } from '../base/domain-error.ts';
import { volumeOrphanRemove, volumeOrphansFind } from './orphans.ts';

let bench: ReconcileBench;
let kept: number;
let lost: number;
let ref: string;
before(async () => {
  bench = await reconcileBenchOpen();
  kept = await bench.volumeCreate('kept');
  lost = await bench.volumeCreate('lost');
  await bench.settle();
  ref = refOf(lost);
  // Like a database restored from yesterday's backup.
  await bench.db.deleteFrom('volumes').where('id', '=', lost).execute();
  await bench.db.deleteFrom('work').where('object_id', '=', lost).execute();
});
after(() => bench.close());

const refOf = (id: number): string =>
  [...bench.world.volumes.values()].find(({ spec }) => spec.id === id)?.ref ?? '';

const refused = (reason: RefusalReason, sentence: RegExp) => (error: unknown) => {
  assert.ok(error instanceof DomainError);
  assert.equal(error.reason, reason);
  assert.match(error.message, sentence);
  return true;
};

it('finds volumes without a row, even if a row has their id', async () => {
  const [found, ...more] = await volumeOrphansFind(bench.db, bench.engine);
  assert.deepEqual(more, []);
  assert.deepEqual(
    [found?.ref, found?.id, found?.org_id, found?.org, found?.used_bytes],
    [ref, lost, bench.orgId, 'org-1', 0],
  );
  const uid = 'ffffffffffffffff';
  await bench.db.updateTable('volumes').set({ uid }).where('id', '=', kept).execute();
  assert.equal((await volumeOrphansFind(bench.db, bench.engine)).length, 2);
  const { spec } = bench.world.volumes.get(refOf(kept)) ?? assert.fail();
  await bench.db.updateTable('volumes').set({ uid: spec.uid }).where('id', '=', kept).execute();
});

it('destroys one after a confirmation, and first explains the consequences', async () => {
  const { deps: context } = bench;
  const unconfirmed = volumeOrphanRemove(context, ref, false);
  await assert.rejects(
    unconfirmed,
    refused(
      'not_confirmed',
      /destroy the volume \d+ of the org org-1, with 0\.0 MB of data, for good/,
    ),
  );
  await assert.rejects(unconfirmed.catch(confirmationExplain), /for good.*--yes/);
  assert.ok(bench.world.volumes.has(ref));
  await volumeOrphanRemove(context, ref, true);
  assert.ok(!bench.world.volumes.has(ref));
  assert.deepEqual(await volumeOrphansFind(bench.db, bench.engine), []);
  const told = await bench.db
    .selectFrom('audit_log')
    .select(['object_id', 'org_id', 'detail'])
    .where('action', '=', 'volume.orphan_remove')
    .execute();
  assert.equal(told.length, 1);
  assert.deepEqual(
    [told[0]?.object_id, told[0]?.org_id, told[0]?.detail['ref']],
    [lost, bench.orgId, ref],
  );
});

it('destroys nothing that has a row, deleted or not, or that does not exist', async () => {
  const deleted = await bench.volumeCreate('deleted');
  await bench.settle();
  await bench.volumeDelete(deleted);
  for (const one of [refOf(kept), refOf(deleted), 'volume-999']) {
    await assert.rejects(
      volumeOrphanRemove(bench.deps, one, true),
      refused('not_found', /volume-orphans/),
    );
  }
  assert.ok(bench.world.volumes.has(refOf(kept)));
});

it('reports an engine that does not answer', async () => {
  const error = new EngineError('retryable', 'engine_unreachable', 'It can not be reached.');
  bench.world.faults.add({ verb: 'volumes.list', error });
  await assert.rejects(
    volumeOrphansFind(bench.db, bench.engine),
    refused('engine_unavailable', /^The engine can't do this now: It can not be reached\.$/),
  );
});
