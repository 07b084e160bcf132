// The volumes' part of the store in memory, matching volumes/reconcile-store.ts.
import type { ReconcileStore } from '../../../server/src/kinds.ts';
import { FenceLost } from '../../../server/src/reconciler/store.ts';
import type { VolumeSweepRow } from '../../../server/src/volumes/kind-store.ts';
import type { VolumeState } from '../../../server/src/volumes/plan.ts';
import { isStartable } from '../../../server/src/volumes/startable.ts';
import type { StoredVolume } from './desire-store.ts';
import type { MemoryTables } from './memory-tables.ts';
import { workHeld, workReleaseOrThrow, workWake, workWakeBack } from './memory-work.ts';

/** The fields that a turn may record. The API writes the rest of a state. */
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
      const isNews = before.status !== after.status || isStartable(before) !== isStartable(after);
      if (row.containerId !== null && isNews) {
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
        const { id, uid, ref, status, statusReason, deletedAt } = state;
        return {
          id,
          uid,
          ref,
          isLost: statusReason === 'data_lost',
          isBound: status === 'bound',
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
        const reported = { statusReason: 'engine_error', statusMessage: message };
        const marked: StoredVolume = {
          ...row,
          revision: row.revision + 1,
          state: { ...row.state, ...reported },
        };
        tables.volumes.set(id, marked);
      }
    },

    async volumesWakeUnknown(since, now) {
      const isMarked = (id: number): boolean => {
        const state = tables.volumes.get(id)?.state;
        return state?.deletedAt === null && isUnknown(state);
      };
      workWakeBack(tables, 'volume', isMarked, since, now);
    },
  };
}

function isUnknown({ status, statusReason }: VolumeState): boolean {
  return status === 'bound' && statusReason === 'engine_error';
}
