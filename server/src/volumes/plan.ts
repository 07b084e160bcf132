import type { EngineError, VolumeObservation, VolumeSpec } from '@dollarbox/engines/contract';
import { later } from '../containers/moments.ts';
import type { VolumeStatus } from '../db/types.ts';

/** A volume is made within this time, or told as failed, in milliseconds. It is still tried then. */
const SETTLE_DEADLINE_MS = 300_000;
/** While a container still has a deleted volume, look again this often, in milliseconds. */
const LOOK_AGAIN_MS = 5000;
/** What an engine was asked to make can be there this long after nothing was seen of it, in milliseconds. */
const LATE_EFFECT_MS = 30_000;

/** So many failures in a row are told of a volume that was made: one is over before it is read. */
const FAILURES_TOLD = 3;

/** As much as engines give for 1 GB. */
export const GB_BYTES = 1024 ** 3;

const DATA_LOST =
  'The engine does not have this volume any more: its data is gone. It is never made anew under your feet: delete it and create another one.';

/** The row, as far as reconciling is concerned. */
export interface VolumeState extends VolumeSpec {
  deletedAt: Date | null;
  status: VolumeStatus;
  statusReason: string | null;
  statusMessage: string | null;
  storageClass: string | null;
  isSizeEnforced: boolean | null;
  usedBytes: number | null;
  /** Since when it is tried to make it. */
  attemptAt: Date;
  /** The engine's identity of the object that has the data; null until the engine has confirmed it. */
  ref: string | null;
}

/** All that a plan is made from. */
export interface VolumeWorld {
  state: VolumeState;
  /** undefined: not looked at yet. */
  observed: VolumeObservation | null | undefined;
  /** Whether the engine was asked, in this turn, to destroy it, and has. */
  isDestroyed: boolean;
  now: Date;
}

export type VolumeStep =
  | { do: 'observe' }
  /** Makes it. Only ever asked for while the engine has never confirmed one. */
  | { do: 'apply' }
  /** Destroys the data. */
  | { do: 'remove'; ref: string }
  | { do: 'settle'; state: Partial<VolumeState>; dueAt: Date | null }
  /** Nothing of it is left in the engine: the row can go. */
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
  // One that has its name and is another object has none of its data.
  if (observed === null || observed.ref !== state.ref) {
    const lost = { status: 'failed', statusReason: 'data_lost', statusMessage: DATA_LOST } as const;
    return { do: 'settle', state: lost, dueAt: null };
  }
  const { storageClass, isSizeEnforced } = observed;
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

function removalPlan(
  { state, isDestroyed, now }: VolumeWorld,
  deletedAt: Date,
  observed: VolumeObservation | null,
): VolumeStep {
  if (observed === null) {
    // A removal that was cut off may have left what is not to be seen any more.
    if (state.ref !== null && !isDestroyed) return { do: 'remove', ref: state.ref };
    const isAsked = state.ref === null && state.status !== 'pending';
    const until = later(deletedAt, LATE_EFFECT_MS);
    return isAsked && now < until ? { do: 'settle', state: {}, dueAt: until } : { do: 'forget' };
  }
  // Whoever has it is ending. When it has, this is woken.
  if (observed.heldBy.length > 0) {
    return { do: 'settle', state: {}, dueAt: later(now, LOOK_AGAIN_MS) };
  }
  return { do: 'remove', ref: observed.ref };
}

/** What to say of a volume that is in order: whether it has outgrown its size. */
export function usageTell({
  usedBytes,
  sizeGb,
  isSizeEnforced,
}: Pick<VolumeState, 'usedBytes' | 'sizeGb' | 'isSizeEnforced'>): string | null {
  if (isSizeEnforced !== false || usedBytes === null || usedBytes <= sizeGb * GB_BYTES) return null;
  return `It holds ${(usedBytes / GB_BYTES).toFixed(1)} GB, more than its ${sizeGb} GB: this host does not keep volumes to their size.`;
}

/** By when it is made, or told as failed. */
export function volumeDeadline(state: VolumeState): Date {
  return later(state.attemptAt, SETTLE_DEADLINE_MS);
}

/**
 * What to say when the engine failed. What was made stays bound: that it can't be looked at tells nothing of its data.
 * @param failures in a row, this one among them.
 */
export function volumeFailureTell(
  state: VolumeState,
  error: EngineError,
  failures: number,
  now: Date,
): Partial<VolumeState> {
  if (state.deletedAt !== null) return {};
  if (state.ref !== null) {
    if (state.status !== 'bound' || failures < FAILURES_TOLD) return {};
    return { statusReason: error.reason, statusMessage: error.message };
  }
  const isSettled =
    error.kind === 'permanent' || state.status === 'failed' || now >= volumeDeadline(state);
  return isSettled
    ? { status: 'failed', statusReason: error.reason, statusMessage: error.message }
    : { statusMessage: error.message };
}
