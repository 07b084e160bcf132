import type { ReconcileDeps } from '../reconciler/deps.ts';
import type { Claim, NextTurn, WorkStore } from '../reconciler/store.ts';
import type { VolumeState } from './plan.ts';

/** The part of a volume's row that is compared with the engine. */
export interface VolumeSweepRow {
  id: number;
  uid: string;
  ref: string | null;
  /** Its data was found to be missing. */
  isLost: boolean;
  isBound: boolean;
  isDeleted: boolean;
  /** Nothing is due: a difference is drift, not work that waits for its turn. */
  isAtRest: boolean;
  /** The volume was reported as unknown. */
  isUnknown: boolean;
}

/** What reconciling volumes reads and writes, apart from the queue. */
export interface VolumeKindStore {
  /** The whole row of a volume, deleted or not. */
  volumeWorkRead(id: number): Promise<VolumeState | null>;
  /**
   * Records the findings of a turn and releases the volume, in one transaction. Only changes are written. If the status
   * changes, or whether a container may start with the volume, the container that mounts it is woken.
   * @throws FenceLost
   */
  volumeRecord(
    claim: Claim,
    before: VolumeState,
    after: VolumeState,
    now: Date,
    next: NextTurn,
  ): Promise<void>;
  /**
   * The engine has nothing left of a deleted volume: deletes its row.
   * @throws FenceLost
   */
  volumeForget(claim: Claim): Promise<void>;
  volumeSweepRows(): Promise<VolumeSweepRow[]>;
  /** Marks every volume that is in order as unknown. */
  volumesMarkUnknown(message: string): Promise<void>;
  /** Like `containersWakeUnknown`. */
  volumesWakeUnknown(since: Date, now: Date): Promise<void>;
}

/** The dependencies of reconciling volumes. */
export interface VolumeKindDeps extends ReconcileDeps {
  store: WorkStore & VolumeKindStore;
}
