// What clients do with volumes.
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { AT_REST, type StoreContext, at, desiredOf, ran } from './context.ts';
import { BOUND, mount, volumeContext } from './volume-context.ts';

export function volumeTests(context: () => StoreContext): void {
  const { volume, stored, work, record, gbCount } = volumeContext(context);

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
}
