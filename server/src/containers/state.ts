import type {
  ContainerSpec,
  ContainerWarning,
  PullPolicy,
  VolumeMount,
} from '@dollarbox/engines/contract';
import type { ContainerStatus } from '../db/types.ts';
import { later } from '../base/moments.ts';
import type { KnownVolume } from './volume-block.ts';

/** Every change settles within this time, counted from the start of its pull, in milliseconds. */
export const SETTLE_DEADLINE_MS = 300_000;

/** What a version runs from, without the engine's id of its image. */
export type Version = Omit<ContainerSpec, 'imageId'>;

/** The version that the engine was last made to run. */
export interface Applied {
  generation: number;
  version: Version;
  /** null: the image was found to be missing, and must be pulled again. */
  imageId: string | null;
}

/** The columns of the row that reconciling uses. */
export interface ContainerState {
  id: number;
  tenantId: number;
  deletedAt: Date | null;
  generation: number;
  desired: Version;
  /** Whether an image already on the engine counts for the desired version. */
  pullPolicy: PullPolicy;
  /** How long a process has to end after its stop signal, in seconds. */
  stopGraceSeconds: number;
  applied: Applied | null;
  /** The address that clients are shown; null until the engine has assigned one. */
  ipv6Address: string | null;
  /** The engine's identity of the object that runs the applied version. */
  appliedRef: string | null;
  status: ContainerStatus;
  statusReason: string | null;
  statusMessage: string | null;
  /** When what has failed, as `statusReason` says, is tried again; null: that is not known, or nothing has. */
  nextRetryAt: Date | null;
  restartCount: number;
  /** What the engine noticed about the process when it was last observed running. */
  warnings: readonly ContainerWarning[];
  /** Pulls of the desired image that ended before this time do not count. */
  attemptAt: Date;
  /** When the pull for this generation started. */
  pullStartedAt: Date | null;
  pullRetries: number;
  stopRef: string | null;
  stopRequestedAt: Date | null;
  exitTimes: readonly Date[];
  /** The last exit that was counted. */
  exitRef: string | null;
  /** How many exits of `exitRef` were counted, by the engine's count. */
  exitCount: number;
  exitFinishedAt: Date | null;
  /**
   * While the process is down: when it will be restarted. If the engine restarts it, an estimate.
   */
  restartAt: Date | null;
  /** A client wants it stopped. */
  isStopped: boolean;
  /** The object that a client wants replaced by a new one of the same generation. */
  restartRef: string | null;
  /** When a client asked for the applied image to be pulled again, if that has not been done. */
  pullAgainAt: Date | null;
  /** The operator has suspended its org: nothing of it runs. */
  isSuspended: boolean;
  /** Another container with this org and name is still being removed. */
  nameHeld: boolean;
  /** The volumes that it mounts, and those that its applied version still uses. */
  volumes: readonly KnownVolume[];
  /** The volumes that hold its data at `VOLUME`s of its images, present and former. */
  imageVolumes: readonly VolumeMount[];
}

/** The time by which an outstanding change is either applied or reported as failed. */
export function settleDeadline(state: ContainerState): Date {
  return later(state.pullStartedAt ?? state.attemptAt, SETTLE_DEADLINE_MS);
}
