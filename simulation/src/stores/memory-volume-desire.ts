// What requests write about volumes, matching volumes/store.ts.
import type { VolumeSpec } from '@dollarbox/engines/contract';
import type { VolumeState } from '../../../server/src/volumes/plan.ts';
import type { DesireStore } from './desire-store.ts';
import { type MemoryTables, orgOf, removalsOf } from './memory-tables.ts';
import { workAdd, workWake } from './memory-work.ts';

const UID_DIGITS = 15;

/** The state of a new volume. */
export function volumeState(spec: VolumeSpec, now: Date): VolumeState {
  return {
    ...{ ...spec, deletedAt: null, attemptAt: now },
    ...{ status: 'pending', statusReason: null, statusMessage: null },
    ...{ storageClass: 'fake', isSizeEnforced: true, usedBytes: null, ref: null },
  };
}

export function volumeDesire(
  tables: MemoryTables,
): Pick<DesireStore, 'volumeCreate' | 'volumeDelete'> {
  return {
    async volumeCreate(orgId, { name, size_gb: sizeGb }, now) {
      const org = orgOf(tables, orgId);
      for (const { state } of tables.volumes.values()) {
        if (state.tenantId !== orgId || state.deletedAt !== null) continue;
        if (state.name === name) return { outcome: 'name_taken' };
      }
      const volumeGbCount = org.volumeGbCount + sizeGb;
      if (volumeGbCount > org.volumeGbLimit) return { outcome: 'quota_exceeded' };
      if (removalsOf(tables.volumes, orgId) >= org.removalLimit + org.volumeGbLimit) {
        return { outcome: 'quota_exceeded' };
      }
      tables.orgs.set(orgId, { ...org, volumeGbCount });
      const id = tables.nextId();
      const uid = `v${String(id).padStart(UID_DIGITS, '0')}`;
      tables.volumes.set(id, {
        containerId: null,
        mountPath: null,
        revision: 1,
        state: volumeState({ id, uid, tenantId: orgId, name, sizeGb }, now),
      });
      workAdd(tables, 'volume', id, now);
      return { outcome: 'created', id };
    },

    async volumeDelete(orgId, id, now) {
      const row = tables.volumes.get(id);
      if (row === undefined || row.state.tenantId !== orgId || row.state.deletedAt !== null) {
        return 'not_found';
      }
      if (row.containerId !== null) return 'mounted';
      const org = orgOf(tables, orgId);
      const volumeGbCount = org.volumeGbCount - row.state.sizeGb;
      tables.orgs.set(orgId, { ...org, volumeGbCount });
      tables.volumes.set(id, { ...row, state: { ...row.state, deletedAt: now } });
      workWake(tables, 'volume', id, now);
      return 'deleted';
    },
  };
}
