// The volumes' part of the store in memory, as volumes/reconcile-store.ts has it.
import { FenceLost, type ReconcileStore, type VolumeSweepRow } from '../reconciler/store.ts';
import type { VolumeState } from '../volumes/plan.ts';
import type { StoredVolume } from './desire-store.ts';
import type { MemoryTables } from './memory-tables.ts';
import { workHeld, workReleaseOrThrow, workWake } from './memory-work.ts';

/** What a turn may find out. The rest of a state is the API's to write. */
const FOUND = [
  'status',
  'statusReason',
  'statusMessage',
  'storageClass',
  'isSizeEnforced',
  'ref',
] as const satisfies (keyof VolumeState)[];

type MemoryVolumes = Pick<
  ReconcileStore,
  | 'volumeWorkRead'
  | 'volumeRecord'
  | 'volumeForget'
  | 'volumeSweepRows'
  | 'volumesMarkUnknown'
  | 'volumesWakeUnknown'
>;

export function memoryVolumes(tables: MemoryTables): MemoryVolumes {
  return {
    async volumeWorkRead(id) {
      return tables.volumes.get(id)?.state ?? null;
    },

    async volumeRecord(claim, before, after, now, next) {
      workReleaseOrThrow(tables, claim, now, next);
      const row = tables.volumes.get(claim.id);
      const found = FOUND.filter((key) => before[key] !== after[key]);
      if (row === undefined || found.length === 0) return;
      const changes = Object.fromEntries(found.map((key) => [key, after[key]]));
      const state = { ...row.state, ...(changes as Partial<VolumeState>) };
      tables.volumes.set(claim.id, { ...row, revision: row.revision + 1, state });
      if (row.containerId !== null && before.status !== after.status) {
        workWake(tables, 'container', row.containerId, now);
      }
    },

    async volumeForget(claim) {
      if (workHeld(tables, claim) === null) throw new FenceLost();
      tables.volumeWork.delete(claim.id);
      if ((tables.volumes.get(claim.id)?.state.deletedAt ?? null) !== null) {
        tables.volumes.delete(claim.id);
      }
    },

    async volumeSweepRows() {
      return Array.from(tables.volumes.values(), ({ state }): VolumeSweepRow => {
        const { id, uid, ref, statusReason, deletedAt } = state;
        return {
          id,
          uid,
          ref,
          isLost: statusReason === 'data_lost',
          isDeleted: deletedAt !== null,
          isAtRest: (tables.volumeWork.get(id)?.dueAt ?? null) === null,
          isUnknown: isUnknown(state),
        };
      });
    },

    async volumesMarkUnknown(message) {
      for (const [id, row] of tables.volumes) {
        const { deletedAt, status, statusReason } = row.state;
        if (deletedAt !== null || status !== 'bound' || statusReason !== null) continue;
        const told = { statusReason: 'engine_error', statusMessage: message };
        const marked: StoredVolume = {
          ...row,
          revision: row.revision + 1,
          state: { ...row.state, ...told },
        };
        tables.volumes.set(id, marked);
      }
    },

    async volumesWakeUnknown(now) {
      for (const [id, { state }] of tables.volumes) {
        const isTold = state.deletedAt === null && isUnknown(state);
        const hasFailed = (tables.volumeWork.get(id)?.failures ?? 0) > 0;
        if (isTold || hasFailed) workWake(tables, 'volume', id, now);
      }
    },
  };
}

function isUnknown({ status, statusReason }: VolumeState): boolean {
  return status === 'bound' && statusReason === 'engine_error';
}
