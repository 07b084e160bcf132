// Volumes as the engine's watch sees them, and in the queue beside containers.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AT_REST, type StoreContext, at } from './context.ts';
import { BOUND, volumeContext } from './volume-context.ts';

export function volumeWatchTests(context: () => StoreContext): void {
  const { volume, stored, work, record } = volumeContext(context);

  describe('volumeSweepRows', () => {
    it('is every row: whether it is bound, deleted, lost, unknown or at rest', async () => {
      const { whole, orgId } = context();
      const [rests, lost, deleted] = [await volume(), await volume(at(10)), await volume(at(20))];
      await record(rests, BOUND, at(1));
      await record(lost, { ...BOUND, status: 'failed', statusReason: 'data_lost' }, at(11));
      await record(deleted, BOUND, at(21));
      await whole.desire.volumeDelete(orgId, deleted, at(22));
      const fresh = await volume(at(30));
      await whole.store.volumesMarkUnknown('The engine is silent.');
      const rows = (await whole.store.volumeSweepRows()).toSorted((a, b) => a.id - b.id);
      assert.deepEqual(
        rows.map((row) => [
          row.id,
          row.ref,
          row.isLost,
          row.isBound,
          row.isDeleted,
          row.isAtRest,
          row.isUnknown,
        ]),
        [
          [rests, 'v-1', false, true, false, true, true],
          [lost, 'v-1', true, false, false, true, false],
          [deleted, 'v-1', false, true, true, false, false],
          [fresh, null, false, false, false, false, false],
        ],
      );
      assert.equal(rows[0]?.uid, (await stored(rests)).state.uid);
    });
  });

  describe('volumesMarkUnknown and volumesWakeUnknown', () => {
    it('tell it of what is in order, and wake just that, and what has failed', async () => {
      const { whole, worker, claim, orgId } = context();
      const [known, lost] = [await volume(), await volume(at(10))];
      await record(known, BOUND, at(1));
      await record(lost, { ...BOUND, status: 'failed', statusReason: 'data_lost' }, at(11));
      const deleted = await volume(at(12));
      await whole.desire.volumeDelete(orgId, deleted, at(12));
      const failing = { dueAt: at(60), failures: 3 };
      await whole.store.workRelease(await claim(await worker(), at(12)), at(12), failing);
      await whole.store.volumesMarkUnknown('The engine is silent.');
      const reasonOf = async (id: number) => (await stored(id)).state.statusReason;
      assert.deepEqual(
        [await reasonOf(known), await reasonOf(lost), await reasonOf(deleted)],
        ['engine_error', 'data_lost', null],
      );
      assert.equal((await stored(known)).state.statusMessage, 'The engine is silent.');
      await whole.store.volumesWakeUnknown(at(12), at(13));
      assert.deepEqual((await work(known)).dueAt, at(13));
      assert.deepEqual((await work(lost)).dueAt, null);
      assert.deepEqual((await work(deleted)).dueAt, at(13));
    });

    it('wake once for each volume and outage', async () => {
      const { whole, worker, claim } = context();
      const id = await volume();
      const one = await worker();
      const fail = async (now: Date) =>
        whole.store.workRelease(await claim(one, now), now, { dueAt: at(600), failures: 3 });
      await fail(at(1));
      await whole.store.volumesWakeUnknown(at(2), at(10));
      await fail(at(10));
      await whole.store.volumesWakeUnknown(at(3), at(11));
      assert.deepEqual((await work(id)).dueAt, at(600));
      await whole.store.volumesWakeUnknown(at(11), at(12));
      assert.deepEqual((await work(id)).dueAt, at(12));
    });
  });

  describe('the queue', () => {
    it('keeps kinds apart that have the same id', async () => {
      const { whole, create, worker } = context();
      const ids = new Set<string>();
      for (let count = 0; count < 3; count += 1) {
        ids.add(`container ${await create(at(0))}`);
        ids.add(`volume ${await volume()}`);
      }
      const { number } = await worker();
      const claims = await whole.store.workClaim(number, at(1), 1000, 50);
      assert.deepEqual(new Set(claims.map(({ kind, id }) => `${kind} ${id}`)), ids);
      const renewed = await whole.store.workRenew(number, claims, at(90));
      assert.equal(renewed.size, claims.length);
      const [one] = claims;
      assert.ok(one !== undefined);
      await whole.store.workRelease(one, at(2), AT_REST);
      const { work: containers, volumeWork } = await whole.snapshot();
      const rows = [...containers.values(), ...volumeWork.values()];
      assert.equal(rows.filter((row) => row.leaseOwner === null).length, 1);
    });
  });
}
