import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { StoredVolume, StoredWork } from '../stores/desire-store.ts';
import type { VolumeState } from '../../../server/src/volumes/plan.ts';
import { WAITS_FOR_CONSUMER } from '../../../server/src/volumes/startable.ts';
import { FenceLost } from '../../../server/src/reconciler/store.ts';
import { AT_REST, type StoreContext, at, desiredOf, ran } from './context.ts';

const BOUND = { status: 'bound', ref: 'v-1', storageClass: 'x', isSizeEnforced: true } as const;

export function volumeTests(context: () => StoreContext): void {
  let serial = 0;

  async function volume(now = at(0), orgId = context().orgId): Promise<number> {
    const desired = { name: `v${(serial += 1)}`, size_gb: 1 };
    const made = await context().whole.desire.volumeCreate(orgId, desired, now);
    return made.outcome === 'created' ? made.id : assert.fail(made.outcome);
  }
  async function stored(id: number): Promise<StoredVolume> {
    return (await context().whole.snapshot()).volumes.get(id) ?? assert.fail(`no volume ${id}`);
  }
  async function work(id: number): Promise<StoredWork> {
    return (await context().whole.snapshot()).volumeWork.get(id) ?? assert.fail(`no work ${id}`);
  }
  /** Records of a volume that is due alone. */
  async function record(id: number, change: Partial<VolumeState>, now = at(1)): Promise<void> {
    const { whole, worker, claim } = context();
    const held = await claim(await worker(), now);
    assert.deepEqual([held.kind, held.id], ['volume', id]);
    const { state } = await stored(id);
    await whole.store.volumeRecord(held, state, { ...state, ...change }, now, AT_REST);
  }
  const mount = (id: number, path = '/data') => ({ volume: id, mount_path: path });
  async function gbCount(): Promise<number | undefined> {
    const { orgs } = await context().whole.snapshot();
    return orgs.find((org) => org.id === context().orgId)?.volumeGbCount;
  }

  describe('volumeCreate', () => {
    it('makes a row that is due at once, with an identity of its own', async () => {
      const [one, two] = [await volume(at(1)), await volume(at(2))];
      const { state, containerId, mountPath } = await stored(one);
      assert.deepEqual(
        [state.tenantId, state.sizeGb, state.status, state.ref, state.deletedAt, state.attemptAt],
        [context().orgId, 1, 'pending', null, null, at(1)],
      );
      assert.deepEqual([containerId, mountPath], [null, null]);
      assert.match(state.uid, /^[a-z0-9]{16}$/);
      assert.notEqual(state.uid, (await stored(two)).state.uid);
      assert.deepEqual((await work(one)).dueAt, at(1));
    });

    it('counts GB against the limit, to the last one and no further', async () => {
      const { whole } = context();
      const orgId = await whole.desire.orgCreate('small', 1, 10);
      const sizes = [4, 7, 6, 1];
      const outcomes: string[] = [];
      for (const [index, size] of sizes.entries()) {
        const desired = { name: `s${index}`, size_gb: size };
        outcomes.push((await whole.desire.volumeCreate(orgId, desired, at(0))).outcome);
      }
      assert.deepEqual(outcomes, ['created', 'quota_exceeded', 'created', 'quota_exceeded']);
      const again = await whole.desire.volumeCreate(orgId, { name: 's0', size_gb: 1 }, at(0));
      assert.equal(again.outcome, 'name_taken');
    });
  });

  describe('volumeDelete', () => {
    it('frees name and GB at once, and is due', async () => {
      const { whole, orgId } = context();
      const id = await volume();
      await record(id, BOUND);
      const { name } = (await stored(id)).state;
      assert.equal(await gbCount(), 1);
      assert.equal(await whole.desire.volumeDelete(orgId, id, at(2)), 'deleted');
      assert.equal(await gbCount(), 0);
      assert.deepEqual((await stored(id)).state.deletedAt, at(2));
      assert.deepEqual((await work(id)).dueAt, at(2));
      const again = await whole.desire.volumeCreate(orgId, { name, size_gb: 1 }, at(3));
      assert.equal(again.outcome, 'created');
      assert.equal(await whole.desire.volumeDelete(orgId, id, at(3)), 'not_found');
    });

    it('is not for another org, nor while a container mounts it', async () => {
      const { whole, create, orgId } = context();
      const id = await volume();
      const other = await whole.desire.orgCreate('b', 1);
      assert.equal(await whole.desire.volumeDelete(other, id, at(1)), 'not_found');
      await create(at(0), { volumes: [mount(id)] });
      assert.equal(await whole.desire.volumeDelete(orgId, id, at(1)), 'mounted');
      assert.equal((await stored(id)).state.deletedAt, null);
    });
  });

  describe('the volumes of a container', () => {
    it('are its own from its creation on, and nobody else’s', async () => {
      const { whole, create, read, orgId } = context();
      const [a, b] = [await volume(), await volume()];
      const id = await create(at(0), { volumes: [mount(b, '/b'), mount(a, '/a')] });
      const { state } = await read(id);
      const { uid } = (await stored(b)).state;
      assert.deepEqual(
        state.desired.volumes.map((one) => [one.volume.id, one.mountPath]),
        [
          [b, '/b'],
          [a, '/a'],
        ],
      );
      assert.deepEqual(state.desired.volumes[0]?.volume, { id: b, uid });
      const { containerId, mountPath } = await stored(a);
      assert.deepEqual([containerId, mountPath], [id, '/a']);
      const refused = await whole.desire.containerCreate(
        orgId,
        desiredOf({ volumes: [mount(a)] }),
        at(1),
      );
      assert.equal(refused.outcome, 'volume_refused');
      assert.deepEqual((await stored(a)).containerId, id);
    });

    it('are of its org, and there', async () => {
      const { whole, orgId, create } = context();
      const other = await whole.desire.orgCreate('b', 1);
      const [foreign, gone] = [await volume(at(0), other), await volume()];
      await whole.desire.volumeDelete(orgId, gone, at(0));
      const id = await create(at(0));
      for (const one of [foreign, gone, 424_242]) {
        const desired = desiredOf({ volumes: [mount(one)] });
        const made = await whole.desire.containerCreate(orgId, desired, at(1));
        assert.equal(made.outcome, 'volume_refused');
        const change = { volumes: [mount(one)] };
        const changed = await whole.desire.containerUpdate(orgId, id, change, at(1));
        assert.equal(changed, 'volume_refused');
      }
    });

    it('change with it: attached, moved, detached', async () => {
      const { whole, create, read, orgId } = context();
      const id = await create(at(0));
      const one = await volume();
      const update = (volumes: ReturnType<typeof mount>[]) =>
        whole.desire.containerUpdate(orgId, id, { volumes }, at(1));
      assert.equal(await update([mount(one)]), 'done');
      const { containerId, revision } = await stored(one);
      assert.equal(containerId, id);
      assert.equal((await read(id)).state.generation, 2);
      assert.equal(await update([mount(one)]), 'done');
      assert.equal((await read(id)).state.generation, 2);
      assert.equal((await stored(one)).revision, revision);
      assert.equal(await update([mount(one, '/other')]), 'done');
      assert.deepEqual((await stored(one)).mountPath, '/other');
      assert.equal((await stored(one)).revision, revision + 1);
      await whole.desire.containerUpdate(orgId, id, { image: 'app:2' }, at(2));
      assert.equal((await stored(one)).containerId, id);
      assert.equal(await update([]), 'done');
      assert.deepEqual(
        [(await stored(one)).containerId, (await stored(one)).mountPath],
        [null, null],
      );
      const second = await create(at(3), { volumes: [mount(one)] });
      assert.equal((await stored(one)).containerId, second);
      assert.equal(await update([mount(one)]), 'volume_refused');
    });

    it('are free when it is deleted', async () => {
      const { whole, create, orgId } = context();
      const one = await volume();
      const id = await create(at(0), { volumes: [mount(one)] });
      await whole.desire.containerDelete(orgId, id, at(1));
      assert.deepEqual((await stored(one)).containerId, null);
      await create(at(2), { volumes: [mount(one)] });
    });

    it('are known to its turn: those that it mounts, and those that its applied version has', async () => {
      const { whole, create, read, worker, claim, orgId } = context();
      async function bound(second: number): Promise<number> {
        const id = await volume(at(second));
        await record(id, BOUND, at(second));
        return id;
      }
      const [kept, free, taken, gone] = [
        await bound(0),
        await bound(10),
        await bound(20),
        await bound(30),
      ];
      const all = [kept, free, taken, gone].map((one) => mount(one, `/${one}`));
      const id = await create(at(100), { volumes: all });
      const held = await claim(await worker(), at(101));
      const { state } = await read(id);
      await whole.store.containerRecord(held, state, ran(state), at(102), AT_REST);
      await whole.desire.containerUpdate(orgId, id, { volumes: all.slice(0, 1) }, at(103));
      await create(at(104), { volumes: [mount(taken)] });
      await whole.desire.volumeDelete(orgId, gone, at(105));
      const known = (await read(id)).state.volumes.toSorted((a, b) => a.id - b.id);
      assert.deepEqual(
        known.map((one) => [one.id, one.status, one.mounter]),
        [
          [kept, 'bound', 'own'],
          [free, 'bound', null],
          [taken, 'bound', 'other'],
        ],
      );
      const { uid, name, statusReason } = (await stored(kept)).state;
      assert.deepEqual(
        [known[0]?.uid, known[0]?.name, known[0]?.statusReason],
        [uid, name, statusReason],
      );
    });
  });

  describe('volumeRecord', () => {
    it('writes what a turn found, gives the volume back, and moves the revision', async () => {
      const { whole } = context();
      const id = await volume();
      const before = await stored(id);
      await record(id, BOUND);
      const after = await stored(id);
      assert.deepEqual(after.state, { ...before.state, ...BOUND });
      assert.equal(after.revision, before.revision + 1);
      assert.deepEqual(await whole.store.volumeWorkRead(id), after.state);
      assert.equal((await work(id)).dueAt, null);
      await whole.store.workWake('volume', id, at(2));
      await record(id, {}, at(2));
      assert.equal((await stored(id)).revision, after.revision);
    });

    it('wakes the container that mounts it when its status has moved, and only then', async () => {
      const { whole, create, worker, claim } = context();
      const id = await volume(at(1));
      const mounter = await create(at(2), { volumes: [mount(id)] });
      const one = await worker();
      const volumeClaim = await claim(one, at(1));
      const waiting = await claim(one, at(2));
      assert.equal(waiting.id, mounter);
      const later = { dueAt: at(500), failures: 0 };
      await whole.store.workRelease(waiting, at(3), later);
      const { state } = await stored(id);
      await whole.store.volumeRecord(volumeClaim, state, { ...state, ...BOUND }, at(4), AT_REST);
      assert.deepEqual((await context().work(mounter)).dueAt, at(4));
      await whole.store.workRelease(await claim(one, at(4)), at(4), later);
      await whole.store.workWake('volume', id, at(5));
      await record(id, { statusMessage: 'It is large.' }, at(5));
      assert.deepEqual((await context().work(mounter)).dueAt, at(500));
    });

    it('wakes the container that mounts it when it becomes startable', async () => {
      const { whole, create, worker, claim } = context();
      const id = await volume(at(1));
      const mounter = await create(at(2), { volumes: [mount(id)] });
      const one = await worker();
      const volumeClaim = await claim(one, at(1));
      await whole.store.workRelease(await claim(one, at(2)), at(3), {
        dueAt: at(500),
        failures: 0,
      });
      const { state } = await stored(id);
      const making = { ...state, status: 'provisioning', ref: 'v-1' } as const;
      await whole.store.volumeRecord(volumeClaim, state, making, at(4), {
        ...AT_REST,
        dueAt: at(5),
      });
      await whole.store.workRelease(await claim(one, at(4)), at(4), {
        dueAt: at(500),
        failures: 0,
      });
      const again = await claim(one, at(5));
      const waiting = { ...making, statusReason: WAITS_FOR_CONSUMER };
      await whole.store.volumeRecord(again, making, waiting, at(6), AT_REST);
      assert.deepEqual((await context().work(mounter)).dueAt, at(6));
    });

    it('throws FenceLost and writes nothing when another worker has taken over', async () => {
      const { whole, worker, claim } = context();
      const id = await volume();
      const stalled = await claim(await worker(), at(1));
      await claim(await worker(), at(20));
      const before = [await stored(id), await work(id)];
      const { state } = await stored(id);
      await assert.rejects(
        whole.store.volumeRecord(stalled, state, { ...state, ...BOUND }, at(21), AT_REST),
        FenceLost,
      );
      assert.deepEqual([await stored(id), await work(id)], before);
    });

    it('is due at once when something woke it meanwhile', async () => {
      const { whole, worker, claim } = context();
      const id = await volume();
      const held = await claim(await worker(), at(1));
      const { state } = await stored(id);
      await whole.store.workWake('volume', id, at(2));
      await whole.store.volumeRecord(held, state, { ...state, ...BOUND }, at(3), AT_REST);
      assert.deepEqual((await work(id)).dueAt, at(3));
    });
  });

  describe('volumeForget', () => {
    it('removes a deleted row and its place in the queue, and nothing of a container', async () => {
      const { whole, create, worker, claim, orgId } = context();
      const id = await volume();
      const container = await create(at(50));
      await whole.desire.volumeDelete(orgId, id, at(1));
      const held = await claim(await worker(), at(2));
      await whole.store.volumeForget(held);
      const left = await whole.snapshot();
      assert.deepEqual([left.volumes.has(id), left.volumeWork.has(id)], [false, false]);
      assert.deepEqual([left.containers.has(container), left.work.has(container)], [true, true]);
      await assert.rejects(whole.store.volumeForget(held), FenceLost);
      assert.equal(await whole.store.volumeWorkRead(id), null);
    });

    it('throws FenceLost and removes nothing when another worker has taken over', async () => {
      const { whole, worker, claim, orgId } = context();
      const id = await volume();
      await whole.desire.volumeDelete(orgId, id, at(0));
      const stalled = await claim(await worker(), at(1));
      await claim(await worker(), at(20));
      await assert.rejects(whole.store.volumeForget(stalled), FenceLost);
      assert.ok(await stored(id));
    });
  });

  describe('volumes that a container has released', () => {
    /** A container that mounted `one` and mounts nothing now, one that waits for it, and a deleted volume. */
    async function scene() {
      const { whole, create, worker, claim, orgId } = context();
      const [one, gone, live] = [await volume(at(0)), await volume(at(1)), await volume(at(2))];
      const from = await create(at(3), { volumes: [mount(one)] });
      await whole.desire.containerUpdate(orgId, from, { volumes: [] }, at(3));
      const to = await create(at(4), { volumes: [mount(one)] });
      await whole.desire.volumeDelete(orgId, gone, at(1));
      const living = await worker();
      const later = { dueAt: at(500), failures: 0 };
      for (let second = 0; second < 3; second += 1) {
        await whole.store.workRelease(await claim(living, at(second)), at(second), later);
      }
      const held = await claim(living, at(3));
      await whole.store.workRelease(await claim(living, at(4)), at(4), later);
      assert.equal(held.id, from);
      return { one, gone, live, from, to, held };
    }
    const due = async (id: number) => (await context().work(id)).dueAt;

    it('wake who mounts them now, and their own removal, when it is recorded', async () => {
      const { whole, read } = context();
      const { one, gone, live, from, to, held } = await scene();
      const { state } = await read(from);
      const released = [one, gone, live];
      await whole.store.containerRecord(held, state, state, at(6), AT_REST, released);
      assert.deepEqual(await due(to), at(6));
      assert.deepEqual((await work(gone)).dueAt, at(6));
      assert.deepEqual((await work(live)).dueAt, at(500));
      assert.deepEqual(await due(from), null);
    });

    it('wake them when it is forgotten', async () => {
      const { whole, orgId } = context();
      const { one, gone, from, to, held } = await scene();
      await whole.desire.containerDelete(orgId, from, at(5));
      await whole.store.containerForget(held, at(6), [one, gone]);
      assert.deepEqual(await due(to), at(6));
      assert.deepEqual((await work(gone)).dueAt, at(6));
    });

    it('wake nobody when another worker has taken over', async () => {
      const { whole, read, worker } = context();
      const { one, gone, from, to, held } = await scene();
      const [taken] = await whole.store.workClaim((await worker()).number, at(60), 1000, 1);
      assert.equal(taken?.id, from);
      const { state } = await read(from);
      await assert.rejects(
        whole.store.containerRecord(held, state, state, at(61), AT_REST, [one, gone]),
        FenceLost,
      );
      assert.deepEqual([await due(to), (await work(gone)).dueAt], [at(500), at(500)]);
    });
  });

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
