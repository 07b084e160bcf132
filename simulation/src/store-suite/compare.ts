import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { LEASE_MS, type StoreContext, at, ran } from './context.ts';

/** Tests of the store functions on which the comparison of the engine with the table is based. */
export function compareTests(context: () => StoreContext): void {
  describe('containerSweepRows', () => {
    it('is every row: what runs it, whether it is deleted, when it is due', async () => {
      const { whole, create, worker, run, orgId } = context();
      const one = await worker();
      const rests = await create(at(0));
      await run(one, rests, at(0));
      const deleted = await create(at(0));
      await run(one, deleted, at(0));
      await whole.desire.containerDelete(orgId, deleted, at(1));
      const fresh = await create(at(2));
      const rows = (await whole.store.containerSweepRows()).toSorted((a, b) => a.id - b.id);
      assert.deepEqual(
        rows.map((row) => [row.id, row.appliedRef, row.status, row.isDeleted, row.dueAt]),
        [
          [rests, 'ref-1', 'running', false, null],
          [deleted, 'ref-1', 'running', true, at(1)],
          [fresh, null, 'pending', false, at(2)],
        ],
      );
    });

    it('tells of what it was said that it is not known', async () => {
      const { whole, create, worker, run } = context();
      const id = await create(at(0));
      await run(await worker(), id, at(0));
      assert.equal((await whole.store.containerSweepRows())[0]?.isUnknown, false);
      await whole.store.containersMarkUnknown('The engine is silent.');
      assert.equal((await whole.store.containerSweepRows())[0]?.isUnknown, true);
    });

    it('tells which are held', async () => {
      const { whole, create, worker, run, claim } = context();
      const one = await worker();
      const id = await create(at(0));
      await run(one, id, at(0));
      await whole.store.workWake('container', id, at(1));
      assert.equal((await whole.store.containerSweepRows())[0]?.isHeld, false);
      await claim(one, at(1));
      assert.equal((await whole.store.containerSweepRows())[0]?.isHeld, true);
    });
  });

  describe('containersMarkUnknown and containersWakeUnknown', () => {
    it('tell it of what runs as it should, and wake just that', async () => {
      const { whole, create, worker, run, claim, read, work, orgId } = context();
      const one = await worker();
      const [known, changing, deleted] = [
        await create(at(0)),
        await create(at(1)),
        await create(at(2)),
      ];
      await run(one, known, at(0));
      await run(one, changing, at(1));
      await run(one, deleted, at(2));
      // It keeps running its former version: the change can't be applied.
      const stuck = await create(at(2));
      await run(one, stuck, at(2));
      await whole.desire.containerUpdate(orgId, stuck, { image: 'nowhere:1' }, at(2));
      const held = await claim(one, at(2));
      const before = (await read(stuck)).state;
      const after = { ...before, statusReason: 'image_not_found' };
      const next = { dueAt: at(300), failures: 0 };
      await whole.store.containerRecord(held, before, after, at(2), next);
      await whole.desire.containerUpdate(orgId, changing, { image: 'app:2' }, at(3));
      await whole.desire.containerDelete(orgId, deleted, at(3));
      const pending = await create(at(3));
      await whole.store.containersMarkUnknown('The engine is silent.');
      const reasonOf = async (id: number) => (await read(id)).state.statusReason;
      assert.deepEqual(
        await Promise.all([known, stuck, changing, deleted, pending].map(reasonOf)),
        ['engine_error', 'engine_error', null, null, null],
      );
      assert.equal((await read(known)).state.statusMessage, 'The engine is silent.');
      assert.equal((await work(known)).dueAt, null);
      await whole.store.containersWakeUnknown(at(0), at(0.5));
      assert.deepEqual((await work(known)).dueAt, at(0.5));
      assert.deepEqual((await work(stuck)).dueAt, at(0.5));
      assert.deepEqual((await work(changing)).dueAt, at(3));
      const due = await whole.store.workClaim(one.number, at(1), LEASE_MS, 10);
      assert.deepEqual(new Set(due.map(({ id }) => id)), new Set([known, stuck]));
    });

    it('wake what waits after a turn that failed, deleted or not', async () => {
      const { whole, create, worker, claim, work, orgId } = context();
      const one = await worker();
      const fail = async () =>
        whole.store.workRelease(await claim(one, at(2)), at(2), { dueAt: at(60), failures: 3 });
      const failed = await create(at(0));
      await fail();
      const deleted = await create(at(1));
      await whole.desire.containerDelete(orgId, deleted, at(1));
      await fail();
      await whole.store.containersWakeUnknown(at(4), at(5));
      assert.deepEqual((await work(failed)).dueAt, at(5));
      assert.deepEqual((await work(deleted)).dueAt, at(5));
      assert.equal((await work(failed)).failures, 3);
    });

    it('wake once for each container and outage, however many processes report its end', async () => {
      const { whole, create, worker, claim, work } = context();
      const one = await worker();
      const id = await create(at(0));
      const fail = async (now: Date) =>
        whole.store.workRelease(await claim(one, now), now, { dueAt: at(600), failures: 3 });
      await fail(at(1));
      await whole.store.containersWakeUnknown(at(2), at(10));
      assert.deepEqual((await work(id)).dueAt, at(10));
      await fail(at(10));
      await whole.store.containersWakeUnknown(at(3), at(11));
      assert.deepEqual((await work(id)).dueAt, at(600));
      await whole.store.containersWakeUnknown(at(12), at(13));
      assert.deepEqual((await work(id)).dueAt, at(13));
    });

    it('leave a held object with its worker, and make it due when it is given back', async () => {
      const { whole, create, worker, run, claim, read, work } = context();
      const one = await worker();
      const id = await create(at(0));
      await run(one, id, at(0));
      await whole.store.containersMarkUnknown('The engine is silent.');
      await whole.store.containersWakeUnknown(at(0), at(1));
      const held = await claim(one, at(1));
      await whole.store.containersWakeUnknown(at(1.5), at(2));
      assert.equal((await work(id)).leaseOwner, one.number);
      const { state } = await read(id);
      const after = { ...state, statusReason: null, statusMessage: null };
      await whole.store.containerRecord(held, state, after, at(3), { dueAt: null, failures: 0 });
      assert.deepEqual((await work(id)).dueAt, at(3));
    });
  });

  describe('containerImages', () => {
    it('is what containers go on with, too, while a change is not applied', async () => {
      const { whole, create, worker, run, orgId } = context();
      const id = await create(at(0), { image: 'old:1' });
      const one = await worker();
      await run(one, id, at(0));
      await whole.desire.containerUpdate(orgId, id, { image: 'new:1' }, at(1));
      assert.deepEqual(await whole.store.containerImages(), new Set(['old:1', 'new:1']));
      await run(one, id, at(1));
      assert.deepEqual(await whole.store.containerImages(), new Set(['new:1']));
    });

    it('is what containers ask for', async () => {
      const { whole, create } = context();
      assert.deepEqual(await whole.store.containerImages(), new Set());
      for (const image of ['a:1', 'b:1', 'a:1']) await create(at(0), { image });
      assert.deepEqual(await whole.store.containerImages(), new Set(['a:1', 'b:1']));
    });
  });

  describe('subnets', () => {
    it('are the first free /26 from a number on, and stay', async () => {
      const { whole, orgId } = context();
      const other = await whole.desire.orgCreate('b', 1);
      const third = await whole.desire.orgCreate('c', 1);
      const given = await whole.subnets(0).ensure(orgId);
      assert.equal(given.ipv4Subnet, '10.64.0.0/26');
      assert.equal((await whole.subnets(0).ensure(other)).ipv4Subnet, '10.64.0.64/26');
      assert.equal((await whole.subnets(65_535).ensure(third)).ipv4Subnet, '10.127.255.192/26');
      assert.deepEqual(await whole.subnets(5).ensure(orgId), given);
      const org = (await whole.snapshot()).orgs.find(({ id }) => id === orgId);
      assert.deepEqual(given, { ipv4Subnet: org?.ipv4Subnet, ipv6Subnet: org?.ipv6Subnet });
    });

    it('the next free one replaces a refused one; what another worker chose stands', async () => {
      const { whole, orgId } = context();
      const subnets = whole.subnets(65_535);
      const first = await subnets.ensure(orgId);
      const second = await subnets.replace(orgId, first.ipv4Subnet);
      assert.equal(second.ipv4Subnet, '10.64.0.0/26');
      assert.equal(second.ipv6Subnet, first.ipv6Subnet);
      assert.deepEqual(await subnets.replace(orgId, first.ipv4Subnet), second);
      // Never alternates between two networks that are both in use.
      const third = await subnets.replace(orgId, second.ipv4Subnet);
      assert.equal(third.ipv4Subnet, '10.64.0.64/26');
    });

    it('of two orgs that ask at once differ', async () => {
      const { whole } = context();
      const orgs = await Promise.all(
        Array.from({ length: 6 }, (_, index) => whole.desire.orgCreate(`o${index}`, 1)),
      );
      const given = await Promise.all(orgs.map((id) => whole.subnets(0).ensure(id)));
      assert.equal(new Set(given.map(({ ipv4Subnet }) => ipv4Subnet)).size, orgs.length);
    });
  });

  describe('orgIds', () => {
    it('is every org', async () => {
      const { whole, orgId } = context();
      const other = await whole.desire.orgCreate('b', 1);
      assert.deepEqual(await whole.store.orgIds(), new Set([orgId, other]));
    });
  });

  describe('a row in use', () => {
    it('is seen as one moment: what a snapshot holds does not change', async () => {
      const { whole, create, worker, run, read } = context();
      const id = await create(at(0));
      const before = await whole.snapshot();
      const { state } = await read(id);
      await run(await worker(), id, at(1));
      assert.equal(before.containers.get(id)?.state.status, 'pending');
      assert.equal(state.status, 'pending');
      assert.deepEqual((await read(id)).state, ran(state));
    });
  });
}
