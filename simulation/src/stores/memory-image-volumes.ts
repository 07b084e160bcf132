// The volumes of images in the store in memory, matching containers/image-volumes.ts and volumes/mounts.ts.
import {
  IMAGE_VOLUME_GB,
  type ImageVolumesAdded,
  imageVolumeName,
} from '../../../server/src/containers/image-volumes.ts';
import type { ReconcileStore } from '../../../server/src/kinds.ts';
import type { StoredVolume } from './desire-store.ts';
import { type MemoryTables, imageVolumesOf, orgOf } from './memory-tables.ts';
import { volumeState } from './memory-volume-desire.ts';
import { workAdd, workWake } from './memory-work.ts';

export function memoryImageVolumes(tables: MemoryTables): Pick<ReconcileStore, 'imageVolumesAdd'> {
  return {
    async imageVolumesAdd(containerId, asks, storage, now): Promise<ImageVolumesAdded> {
      const container = tables.containers.get(containerId)?.state;
      if (container === undefined || container.deletedAt !== null) return { outcome: 'gone' };
      const org = orgOf(tables, container.tenantId);
      const known = new Set(imageVolumesOf(tables, containerId).map(({ mountPath }) => mountPath));
      const missing = asks.filter(({ path }) => !known.has(path));
      const volumeGbCount = org.volumeGbCount + missing.length * IMAGE_VOLUME_GB;
      if (volumeGbCount > org.volumeGbLimit) {
        return { outcome: 'no_room', limit: org.volumeGbLimit, current: org.volumeGbCount };
      }
      tables.orgs.set(org.id, { ...org, volumeGbCount });
      for (const { path, uid } of missing) {
        const id = tables.nextId();
        const spec = { id, uid, tenantId: org.id, name: imageVolumeName(uid), sizeGb: 1 };
        const state = { ...volumeState(spec, now), ...storage, imageVolume: { containerId, path } };
        tables.volumes.set(id, { containerId, mountPath: path, revision: 1, state });
        workAdd(tables, 'volume', id, now);
      }
      return {
        outcome: 'added',
        volumes: imageVolumesOf(tables, containerId).map(({ state, mountPath }) => {
          const { id, uid, name, status, statusReason } = state;
          return {
            id,
            uid,
            name,
            status,
            statusReason,
            mounter: 'own',
            mountPath: mountPath ?? '',
          };
        }),
      };
    },
  };
}

/** Deletes the volumes of a deleted container's images. */
export function imageVolumesDelete(tables: MemoryTables, containerId: number, now: Date): void {
  for (const row of imageVolumesOf(tables, containerId)) {
    const { imageVolume: _imageVolume, ...state } = row.state;
    const { id, tenantId, sizeGb } = state;
    const org = orgOf(tables, tenantId);
    tables.orgs.set(tenantId, { ...org, volumeGbCount: org.volumeGbCount - sizeGb });
    const gone: StoredVolume = {
      ...{ containerId: null, mountPath: null, revision: row.revision + 1 },
      state: { ...state, deletedAt: now },
    };
    tables.volumes.set(id, gone);
    workWake(tables, 'volume', id, now);
  }
}
