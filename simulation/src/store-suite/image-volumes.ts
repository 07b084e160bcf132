import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { ImageVolumesAdded } from '../../../server/src/containers/image-volumes.ts';
import { type StoreContext, at } from './context.ts';

const STORAGE = { storageClass: 'fake', isSizeEnforced: true };

export function imageVolumeTests(context: () => StoreContext): void {
  let serial = 0;

  function add(id: number, paths: readonly string[], seconds = 1): Promise<ImageVolumesAdded> {
    const asks = paths.map((path) => ({ path, uid: `i${(serial += 1)}`.padEnd(16, '0') }));
    return context().whole.store.imageVolumesAdd(id, asks, STORAGE, at(seconds));
  }
  async function gbCount(): Promise<number | undefined> {
    const { orgs } = await context().whole.snapshot();
    return orgs.find((org) => org.id === context().orgId)?.volumeGbCount;
  }

  describe('imageVolumesAdd', () => {
    it('makes volumes of the container that are due at once and count', async () => {
      const { whole, create, read } = context();
      const id = await create(at(0));
      const added = await add(id, ['/keep', '/data']);
      assert.ok(added.outcome === 'added');
      assert.deepEqual(
        added.volumes.map(({ mountPath, status, mounter }) => [mountPath, status, mounter]),
        [
          ['/data', 'pending', 'own'],
          ['/keep', 'pending', 'own'],
        ],
      );
      const { state } = await read(id);
      assert.deepEqual(state.desired.volumes, []);
      assert.deepEqual(
        state.imageVolumes,
        added.volumes.map(({ id: volume, uid, mountPath }) => ({
          volume: { id: volume, uid },
          mountPath,
        })),
      );
      assert.deepEqual(
        state.volumes,
        added.volumes.map(({ mountPath: _mountPath, ...volume }) => volume),
      );
      const { volumes, volumeWork } = await whole.snapshot();
      for (const { id: volume, mountPath } of added.volumes) {
        const row = volumes.get(volume);
        assert.deepEqual([row?.containerId, row?.mountPath], [id, mountPath]);
        assert.deepEqual(row?.state.imageVolume, { containerId: id, path: mountPath });
        assert.deepEqual(volumeWork.get(volume)?.dueAt, at(1));
      }
      assert.equal(await gbCount(), 2);
    });

    it('makes no second one for a path', async () => {
      const { create } = context();
      const id = await create(at(0));
      const first = await add(id, ['/data']);
      const second = await add(id, ['/data', '/keep']);
      assert.ok(first.outcome === 'added' && second.outcome === 'added');
      assert.deepEqual(second.volumes[0], first.volumes[0]);
      assert.equal(second.volumes.length, 2);
      assert.equal(await gbCount(), 2);
    });

    it('makes all or none where the plan has no room', async () => {
      const { whole, create, orgId } = context();
      const id = await create(at(0));
      await whole.desire.volumeCreate(orgId, { name: 'large', size_gb: 49 }, at(0));
      assert.deepEqual(await add(id, ['/a', '/b']), {
        ...{ outcome: 'no_room', limit: 50, current: 49 },
      });
      assert.equal(await gbCount(), 49);
      assert.equal((await add(id, ['/a'])).outcome, 'added');
      assert.equal(await gbCount(), 50);
    });

    it('makes none for a container that was deleted', async () => {
      const { whole, create, orgId } = context();
      const id = await create(at(0));
      await whole.desire.containerDelete(orgId, id, at(1));
      assert.deepEqual(await add(id, ['/data']), { outcome: 'gone' });
      assert.equal(await gbCount(), 0);
    });
  });

  describe('the volumes of an image', () => {
    it('stay through changes, and go with their container', async () => {
      const { whole, create, orgId, read } = context();
      const id = await create(at(0));
      const added = await add(id, ['/data']);
      assert.ok(added.outcome === 'added');
      const [volume] = added.volumes;
      await whole.desire.containerUpdate(orgId, id, { image: 'other:1', volumes: [] }, at(2));
      assert.equal((await read(id)).state.imageVolumes[0]?.volume.id, volume?.id);
      await whole.desire.containerDelete(orgId, id, at(3));
      assert.equal(await gbCount(), 0);
      const { volumes, volumeWork } = await whole.snapshot();
      const row = volumes.get(volume?.id ?? 0);
      assert.deepEqual(row?.state.deletedAt, at(3));
      assert.deepEqual([row?.containerId, row?.state.imageVolume], [null, undefined]);
      assert.deepEqual(volumeWork.get(volume?.id ?? 0)?.dueAt, at(1));
      assert.equal(volumeWork.get(volume?.id ?? 0)?.wakeSeq, 1);
    });

    it('become like any other when a client mounts them, and outlive their container', async () => {
      const { whole, create, orgId, read } = context();
      const id = await create(at(0));
      const added = await add(id, ['/data']);
      assert.ok(added.outcome === 'added');
      const volume = added.volumes[0]?.id ?? 0;
      const mounts = [{ volume, mount_path: '/data' }];
      const done = await whole.desire.containerUpdate(orgId, id, { volumes: mounts }, at(2));
      assert.equal(done, 'done');
      const { state } = await read(id);
      assert.deepEqual(state.imageVolumes, []);
      assert.equal(state.desired.volumes[0]?.volume.id, volume);
      await whole.desire.containerDelete(orgId, id, at(3));
      const row = (await whole.snapshot()).volumes.get(volume);
      assert.deepEqual([row?.state.deletedAt, row?.containerId], [null, null]);
      assert.equal(await gbCount(), 1);
    });
  });
}
