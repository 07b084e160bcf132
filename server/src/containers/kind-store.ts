import type { ContainerEnd, VolumeStorage } from '@dollarbox/engines/contract';
import type { ReconcileDeps } from '../reconciler/deps.ts';
import type { Claim, NextTurn, WorkStore } from '../reconciler/store.ts';
import type { ImageVolumeAsk, ImageVolumesAdded } from './image-volumes.ts';
import type { InstanceLines } from './kept-lines.ts';
import type { ContainerState } from './state.ts';

/** Everything that a turn of a container starts from. */
export interface ContainerWork {
  state: ContainerState;
  /**
   * The desired spec can't be read any more because the row's bytes are damaged. `state.desired` is not the real one.
   */
  isUnreadable?: boolean;
  /** The start of its process that was recorded last; null: none. */
  lastInstance: LastInstance | null;
}

/** One start of a container's process. */
interface InstanceKey {
  ref: string;
  startedAt: Date;
}

export interface NewInstance extends InstanceKey {
  /** The engine gives its lines apart from those of the object's other starts. */
  isApart: boolean;
  /**
   * How many starts just before it were seen by nobody; omitted: none. Their numbers are left out, which readers see as a
   * gap.
   */
  missed?: number;
}

export interface LastInstance extends InstanceKey {
  /** Its lines are kept, because its object was about to be removed. */
  isKept: boolean;
}

export interface RecordedInstance extends InstanceKey {
  /** Counted from 1 in the life of the container. */
  number: number;
  /** The number of the first of the instances whose lines the engine keeps together. */
  object: number;
  generation: number;
  /** Its lines are kept, or lost. */
  isKept: boolean;
  /** Its process may have written more after its lines were read. */
  isCutOff: boolean;
}

/** The part of a container's row that is compared with the engine. */
export interface ContainerSweepRow {
  id: number;
  appliedRef: string | null;
  ipv6Address: string | null;
  /** The object whose exits were counted last, and how many of them. */
  exitRef: string | null;
  exitCount: number;
  status: string;
  isDeleted: boolean;
  /** The time of its next turn; null: the container is at rest. */
  dueAt: Date | null;
  /** A worker has claimed it. */
  isHeld: boolean;
  /** The container was reported as unknown. */
  isUnknown: boolean;
}

/** What reconciling containers reads and writes, apart from the queue. */
export interface ContainerKindStore {
  /** The whole row of a container, deleted or not. */
  containerWorkRead(id: number): Promise<ContainerWork | null>;
  /**
   * Records the findings of a turn and releases the container, in one transaction. Only changes are written. Columns
   * that a PATCH has reset since `before` was read are not overwritten.
   * @param released volumes that one of its objects has released. Containers that wait for them are woken.
   * @throws FenceLost
   */
  containerRecord(
    claim: Claim,
    before: ContainerState,
    after: ContainerState,
    now: Date,
    next: NextTurn,
    released?: readonly number[],
  ): Promise<void>;
  /**
   * Records a start of a container's process, with a number of its own, unless it is recorded already. If it is, its
   * lines are read from the engine again.
   * @throws FenceLost
   */
  instanceRecord(claim: Claim, generation: number, instance: NewInstance): Promise<void>;
  /** The recorded starts of a container's process, oldest first. */
  instancesRead(id: number): Promise<RecordedInstance[]>;
  /**
   * Keeps lines of the instances of an object that is about to be removed, within the limits of its container and org.
   * @param lines null: they could not be read. What was kept of an instance before stays if less than that is read now.
   * @throws FenceLost
   */
  linesKeep(
    claim: Claim,
    ref: string,
    lines: readonly InstanceLines[] | null,
    now: Date,
  ): Promise<void>;
  /**
   * The engine has nothing left of a deleted container: deletes its row, and wakes the objects that wait for its name
   * or for one of these volumes.
   * @throws FenceLost
   */
  containerForget(claim: Claim, now: Date, released?: readonly number[]): Promise<void>;
  /**
   * Gives a container a volume for each of these `VOLUME`s of its image, unless it has one. They count as the org's
   * volumes, and are deleted with the container.
   * @param storage how the engine stores new volumes.
   */
  imageVolumesAdd(
    containerId: number,
    asks: readonly ImageVolumeAsk[],
    storage: VolumeStorage,
    now: Date,
  ): Promise<ImageVolumesAdded>;
  containerSweepRows(): Promise<ContainerSweepRow[]>;
  /** Every image that a container desires, or keeps running from while a change can't be applied. */
  containerImages(): Promise<Set<string>>;
  /**
   * The engine reported that the process of exactly this object ended. A container that was reported as running is
   * marked as failed and made due immediately, even if its last turn failed: the process was healthy, and only a change
   * was waiting. The turn finds out more. For any other container the report is a hint.
   */
  containerMarkEnded(id: number, ended: ContainerEnd, now: Date): Promise<void>;
  /** Marks every container that is reported as running as unknown, except those with a new change. */
  containersMarkUnknown(message: string): Promise<void>;
  /**
   * The engine is available again: wakes the containers that were marked as unknown and those whose last turn failed,
   * each once per outage, however many processes report its end.
   * @param since when the outage started.
   */
  containersWakeUnknown(since: Date, now: Date): Promise<void>;
}

/** The dependencies of reconciling containers. */
export interface ContainerKindDeps extends ReconcileDeps {
  store: WorkStore & ContainerKindStore;
}
