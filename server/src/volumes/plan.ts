import type { EngineError, VolumeObservation, VolumeSpec } from '@dollarbox/engines/contract';
import { earliest, later } from '../base/moments.ts';
import type { VolumeStatus } from '../db/types.ts';
import { WAITS_FOR_CONSUMER, isStartable } from './startable.ts';

/** A volume is created within this time or reported as failed, in milliseconds. Retries continue after that. */
const SETTLE_DEADLINE_MS = 300_000;
/**
 * While a container still uses a deleted volume, or the engine is still making a volume, check again at this interval,
 * in milliseconds.
 */
const LOOK_AGAIN_MS = 5000;
/** The same after the deadline. The engine also reports when it has made the volume. */
const LATE_LOOK_AGAIN_MS = 60_000;
/**
 * An object that the engine was asked to create can still appear this long after nothing was found, in milliseconds.
 */
const LATE_EFFECT_MS = 30_000;

/** This many failures in a row are reported for a volume that exists. A single one is over before anybody reads it. */
const FAILURES_TOLD = 3;

/** How many bytes engines allocate for 1 GB. */
export const GB_BYTES = 1024 ** 3;

const DATA_LOST =
  'The engine does not have this volume any more: its data is gone. It is never recreated without your asking: delete it and create another one.';

/** The columns of the row that reconciling uses. */
export interface VolumeState extends VolumeSpec {
  deletedAt: Date | null;
  status: VolumeStatus;
  statusReason: string | null;
  statusMessage: string | null;
  storageClass: string;
  isSizeEnforced: boolean;
  usedBytes: number | null;
  /** When the attempts to create it started. */
  attemptAt: Date;
  /** The engine's identity of the object that holds the data; null until the engine has confirmed it. */
  ref: string | null;
}

/** Everything that a plan is made from. */
export interface VolumeWorld {
  state: VolumeState;
  /** undefined: not checked yet. */
  observed: VolumeObservation | null | undefined;
  /** Whether the engine was asked to destroy it in this turn, and did. */
  isDestroyed: boolean;
  now: Date;
}

export type VolumeStep =
  | { do: 'observe' }
  /** Creates it. Only returned as long as the engine has never confirmed one. */
  | { do: 'apply' }
  /** Destroys the data. */
  | { do: 'remove'; ref: string }
  | { do: 'settle'; state: Partial<VolumeState>; dueAt: Date | null }
  /** Nothing of it is left on the engine: delete the row. */
  | { do: 'forget' };

/** The next step for one volume. Pure: the same world gives the same step. */
export function volumePlan(world: VolumeWorld): VolumeStep {
  const { state, observed, now } = world;
  if (state.deletedAt === null && state.ref === null) {
    if (state.status !== 'pending') return { do: 'apply' };
    return { do: 'settle', state: { status: 'provisioning' }, dueAt: now };
  }
  if (observed === undefined) return { do: 'observe' };
  if (state.deletedAt !== null) return removalPlan(world, state.deletedAt, observed);
  // Another object with the same name has none of its data.
  if (observed === null || observed.ref !== state.ref || observed.phase === 'lost') {
    const lost = { status: 'failed', statusReason: 'data_lost', statusMessage: DATA_LOST } as const;
    return { do: 'settle', state: lost, dueAt: null };
  }
  // As promised when it was created, unless a backup was restored on another host.
  const { storageClass, isSizeEnforced } = observed;
  if (observed.phase === 'provisioning') return provisioningPlan(world, observed);
  const found = { ...state, storageClass, isSizeEnforced };
  return {
    do: 'settle',
    state: {
      ...{ storageClass, isSizeEnforced, status: 'bound', statusReason: null },
      statusMessage: usageTell(found),
    },
    dueAt: null,
  };
}

/** The engine has the volume, and no place for its data yet. */
function provisioningPlan({ state, now }: VolumeWorld, observed: VolumeObservation): VolumeStep {
  const { storageClass, isSizeEnforced, isStartable } = observed;
  if (isStartable) {
    const statusMessage = 'The engine makes this volume when a container mounts it.';
    const waits = { status: 'provisioning', statusReason: WAITS_FOR_CONSUMER } as const;
    // Nothing is due: the engine reports that it is bound, or a sweep finds it.
    return {
      do: 'settle',
      state: { storageClass, isSizeEnforced, ...waits, statusMessage },
      dueAt: null,
    };
  }
  const deadline = volumeDeadline(state);
  const isLate = now >= deadline;
  const statusMessage = 'The engine is still making this volume.';
  const outcome = isLate
    ? ({ status: 'failed', statusReason: 'timeout' } as const)
    : ({ status: 'provisioning', statusReason: null } as const);
  const againAt = later(now, isLate ? LATE_LOOK_AGAIN_MS : LOOK_AGAIN_MS);
  return {
    do: 'settle',
    state: { storageClass, isSizeEnforced, ...outcome, statusMessage },
    dueAt: isLate ? againAt : earliest(againAt, deadline),
  };
}

function removalPlan(
  { state, isDestroyed, now }: VolumeWorld,
  deletedAt: Date,
  observed: VolumeObservation | null,
): VolumeStep {
  if (observed === null) {
    // An interrupted removal may have left something that can no longer be seen.
    if (state.ref !== null && !isDestroyed) return { do: 'remove', ref: state.ref };
    const isAsked = state.ref === null && state.status !== 'pending';
    const until = later(deletedAt, LATE_EFFECT_MS);
    return isAsked && now < until ? { do: 'settle', state: {}, dueAt: until } : { do: 'forget' };
  }
  // The container that uses it is ending, and wakes this volume when it has ended.
  if (observed.heldBy.length > 0) {
    return { do: 'settle', state: {}, dueAt: later(now, LOOK_AGAIN_MS) };
  }
  return { do: 'remove', ref: observed.ref };
}

/** The message for a volume that is in order: whether it has outgrown its size. */
export function usageTell({
  usedBytes,
  sizeGb,
  isSizeEnforced,
}: Pick<VolumeState, 'usedBytes' | 'sizeGb' | 'isSizeEnforced'>): string | null {
  if (isSizeEnforced || usedBytes === null || usedBytes <= sizeGb * GB_BYTES) return null;
  return `It holds ${(usedBytes / GB_BYTES).toFixed(1)} GB, more than its ${sizeGb} GB: this host does not keep volumes to their size.`;
}

/** The time by which it is either created or reported as failed. */
export function volumeDeadline(state: VolumeState): Date {
  return later(state.attemptAt, SETTLE_DEADLINE_MS);
}

/**
 * The state after a failure of the engine. A volume that was created stays bound: if it can't be inspected, that says
 * nothing about its data.
 * @param failures in a row, including this one.
 */
export function volumeFailureTell(
  state: VolumeState,
  error: EngineError,
  failures: number,
  now: Date,
): Partial<VolumeState> {
  if (state.deletedAt !== null) return {};
  if (state.ref !== null && state.status === 'bound') {
    if (failures < FAILURES_TOLD) return {};
    return { statusReason: error.reason, statusMessage: error.message };
  }
  // Lost, or waiting for a container: that is already reported, and has no deadline.
  if (state.ref !== null && (state.status === 'failed' || isStartable(state))) return {};
  const isSettled =
    error.kind === 'permanent' || state.status === 'failed' || now >= volumeDeadline(state);
  return isSettled
    ? { status: 'failed', statusReason: error.reason, statusMessage: error.message }
    : { statusMessage: error.message };
}
