// What turns record of volumes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { WAITS_FOR_CONSUMER } from '../../../server/src/volumes/startable.ts';
import { FenceLost } from '../../../server/src/reconciler/store.ts';
import { AT_REST, type StoreContext, at } from './context.ts';
import { BOUND, mount, volumeContext } from './volume-context.ts';

export function volumeTurnTests(context: () => StoreContext): void {
  const { volume, stored, work, record } = volumeContext(context);

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
}
