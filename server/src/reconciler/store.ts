import type { ContainerEnd, TenantSpec } from '@dollarbox/engines/contract';
import type { ContainerState } from '../containers/state.ts';
import type { VolumeState } from '../volumes/plan.ts';

/** The kinds of objects that are reconciled. */
export type WorkKind = 'container' | 'volume';

/** One claimed object. Only who holds the fence may record. */
export interface Claim {
  kind: WorkKind;
  id: number;
  fence: number;
  wakeSeq: number;
  /** How often in a row it failed before. */
  failures: number;
  /** When it had become due. */
  dueAt: Date;
}

/** When a released object has its next turn: null, at rest. */
export interface NextTurn {
  dueAt: Date | null;
  failures: number;
}

/** Thrown, with nothing written, when another worker has taken the object over. */
export class FenceLost extends Error {
  override readonly name = 'FenceLost';
}

/** All that a turn of a container starts from. */
export interface ContainerWork {
  state: ContainerState;
  /** What should run can't be read any more: the row's bytes were damaged. `state.desired` is not it. */
  isUnreadable?: boolean;
  org: { id: number; ipv4Subnet: string | null; ipv6Subnet: string };
}

/** A container as the table has it, as far as a comparison with the engine goes. */
export interface SweepRow {
  id: number;
  appliedRef: string | null;
  status: string;
  isDeleted: boolean;
  /** When it has its next turn; null: it is at rest. */
  dueAt: Date | null;
  /** A worker is at it. */
  isHeld: boolean;
  /** It was said that it is not known whether it runs. */
  isUnknown: boolean;
}

/** A volume as the table has it, as far as a comparison with the engine goes. */
export interface VolumeSweepRow {
  id: number;
  uid: string;
  ref: string | null;
  /** Its data was found gone. */
  isLost: boolean;
  isDeleted: boolean;
  /** Nothing is due: what differs is drift, not work that waits for its turn. */
  isAtRest: boolean;
  /** It was said that it is not known whether it is there. */
  isUnknown: boolean;
}

/**
 * The truth, as the reconciler sees it. PostgreSQL in the product; a store in memory that passes the
 * same suite stands in for it in simulations.
 */
export interface ReconcileStore {
  /**
   * Makes an object due now. While a worker holds it, it stays with that worker: the moved wake
   * counter makes it due again when it is recorded.
   */
  workWake(kind: WorkKind, id: number, now: Date): Promise<void>;
  /**
   * Takes up to `limit` due objects, the longest due first. A claimed one is due again when its lease
   * ends, so a worker that died hands it on without anyone's doing.
   */
  workClaim(worker: number, now: Date, leaseMs: number, limit: number): Promise<Claim[]>;
  /**
   * Gives a claimed object back: due as `next` says, or at once when something woke it meanwhile.
   * @returns false when another worker has taken over; then nothing was written.
   */
  workRelease(claim: Claim, now: Date, next: NextTurn): Promise<boolean>;
  /**
   * Longer leases for what a living worker still holds, never shorter ones: an earlier wish may come
   * later. @returns those that it does.
   */
  workRenew(worker: number, held: readonly Claim[], until: Date): Promise<Set<Claim>>;
  /** Frees what dead workers hold, before their leases run out. @returns how many. */
  workReclaimDead(now: Date): Promise<number>;
  /** When the next object is due, or null when all are at rest. */
  workNextDue(): Promise<Date | null>;

  /** The whole row of a container, deleted or not. */
  containerWorkRead(id: number): Promise<ContainerWork | null>;
  /**
   * Records what a turn found and gives the object back, in one transaction. Only what changed is
   * written. What a PATCH has reset since `before` was read stays as the PATCH left it.
   * @param released volumes that an object of it has let go of: whoever waits for them is woken.
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
   * The engine has nothing left of a deleted container: its row goes, and whoever waits for its name
   * or for one of these volumes is woken.
   * @throws FenceLost
   */
  containerForget(claim: Claim, now: Date, released?: readonly number[]): Promise<void>;
  containerSweepRows(): Promise<SweepRow[]>;
  /** Every image that a container asks for, or goes on with while a change can't be applied. */
  containerImages(): Promise<Set<string>>;
  /**
   * The engine said that this very object's process has ended: a container that was said to run is not, from now on,
   * and is due. Its turn tells more.
   */
  containerMarkEnded(id: number, ended: ContainerEnd, now: Date): Promise<void>;
  /** Says of every container that is told as running that this is no longer known; but not while a change is new. */
  containersMarkUnknown(message: string): Promise<void>;
  /** Makes those due of which it was said, and those whose last turn failed. */
  containersWakeUnknown(now: Date): Promise<void>;

  /** The whole row of a volume, deleted or not. */
  volumeWorkRead(id: number): Promise<VolumeState | null>;
  /**
   * Records what a turn found and gives the volume back, in one transaction. Only what changed is
   * written. A status that moved wakes the container that mounts it.
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
   * The engine has nothing left of a deleted volume: its row goes.
   * @throws FenceLost
   */
  volumeForget(claim: Claim): Promise<void>;
  volumeSweepRows(): Promise<VolumeSweepRow[]>;
  /** Says of every volume that is in order that this is no longer known. */
  volumesMarkUnknown(message: string): Promise<void>;
  /** Makes those due of which it was said, and those whose last turn failed. */
  volumesWakeUnknown(now: Date): Promise<void>;

  orgIds(): Promise<Set<number>>;
  /**
   * Gives an org its IPv4 network, the first free /26 from `startIndex` on, in place of `refused`
   * (null: of none). Another worker's choice stands.
   */
  orgSubnetAssign(orgId: number, refused: string | null, startIndex: number): Promise<TenantSpec>;
}
