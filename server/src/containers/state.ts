import type { ContainerSpec } from '@dollarbox/engines/contract';
import type { ContainerStatus } from '../db/types.ts';
import { later } from './moments.ts';
import type { KnownVolume } from './volume-block.ts';

/** Every change settles within this time, counted from when its pull begins, in milliseconds. */
export const SETTLE_DEADLINE_MS = 300_000;

/** What a version runs from, less the engine's id of its image. */
export type Version = Omit<ContainerSpec, 'imageId'>;

/** The version that the engine was last made to run. */
export interface Applied {
  generation: number;
  version: Version;
  /** null: the image was found gone, and has to be pulled again. */
  imageId: string | null;
}

/** The row, as far as reconciling is concerned. */
export interface ContainerState {
  id: number;
  tenantId: number;
  deletedAt: Date | null;
  generation: number;
  desired: Version;
  applied: Applied | null;
  /** The engine's identity of the object that runs the applied version. */
  appliedRef: string | null;
  status: ContainerStatus;
  statusReason: string | null;
  statusMessage: string | null;
  restartCount: number;
  /** Pulls that ended before do not count for the desired image. */
  attemptAt: Date;
  /** When the pull for this generation began. */
  pullStartedAt: Date | null;
  pullRetries: number;
  stopRef: string | null;
  stopRequestedAt: Date | null;
  exitTimes: readonly Date[];
  /** The last exit that was counted. */
  exitRef: string | null;
  exitFinishedAt: Date | null;
  /** While the process is down: when it is started again. */
  restartAt: Date | null;
  /** Another container of this org and name is still being removed. */
  nameHeld: boolean;
  /** The volumes that it mounts, and those that its applied version still has. */
  volumes: readonly KnownVolume[];
}

/** By when an outstanding change is applied, or told as failed. */
export function settleDeadline(state: ContainerState): Date {
  return later(state.pullStartedAt ?? state.attemptAt, SETTLE_DEADLINE_MS);
}
