import {
  type ContainerObservation,
  type ContainerSpec,
  type ImageFailure,
  type ImageState,
  type VolumeMount,
  containerSpecHash,
} from '@dollarbox/engines/contract';
import { earliest, later } from './moments.ts';
import { isCrashLoop } from './restart.ts';
import { type Applied, type ContainerState, SETTLE_DEADLINE_MS, settleDeadline } from './state.ts';
import { type VolumeBlock, type VolumeLook, volumeBlock } from './volume-block.ts';

/** How long a process has to end after its stop signal, in milliseconds. */
export const STOP_GRACE_MS = 10_000;
/** This long up, a process has recovered from its exits, in milliseconds. */
const STABLE_AFTER_MS = 60_000;
/** While waiting for something that an event should tell of, look again this often, in milliseconds. */
const LOOK_AGAIN_MS = 5000;
const PULL_RETRY_MS = 2000;
const PULL_RETRY_MAX_MS = 60_000;
const SETTLED_RETRY_MS = 300_000;
const SETTLED_RETRY_MAX_MS = 3_600_000;

/** Reasons that tell of a change that can't be applied, not of a process. */
const IMAGE_REASONS: ReadonlySet<string> = new Set<ImageFailure>([
  'image_not_found',
  'image_pull_denied',
  'image_pull_error',
  'image_rejected',
]);

/** All that a plan is made from. */
export interface World {
  state: ContainerState;
  observed: ContainerObservation | null;
  /** By reference. Those that are not in it were not looked at yet. */
  images: ReadonlyMap<string, ImageState>;
  /** What the engine says of volumes, by id. Those that are not in it were not looked at yet. */
  volumeLooks: ReadonlyMap<number, VolumeLook>;
  now: Date;
}

/** What to do next. Everything but `settle` changes the world, and a new plan is made. */
export type Step =
  | { do: 'lookAtImage'; ref: string }
  /** `since`: earlier results do not count; default: the state's `attemptAt`. */
  | { do: 'pull'; ref: string; since?: Date; state?: Partial<ContainerState> }
  | { do: 'lookAtVolumes'; mounts: readonly VolumeMount[] }
  | { do: 'stop'; ref: string }
  | { do: 'remove'; ref: string }
  | { do: 'apply'; spec: ContainerSpec; generation: number; isRestart: boolean }
  /** Count an exit: fetch the evidence, then plan again with the state that `exitCount` makes. */
  | {
      do: 'countExit';
      observed: ContainerObservation;
      /** Was made, and not recorded. */ made?: Applied;
    }
  | { do: 'settle'; state: Partial<ContainerState>; dueAt: Date | null }
  /** Nothing of it is left in the engine: the row can go. */
  | { do: 'forget' };

/** The next step for one container. Pure: the same world gives the same step. */
export function containerPlan(world: World): Step {
  if (world.state.deletedAt !== null) return removalPlan(world);
  const { state } = world;
  if (state.applied === null || state.applied.generation !== state.generation) {
    return changePlan(world);
  }
  return runPlan(world, state.applied, { outstanding: false });
}

/** Ends the process, gently first, then removes the object. */
function removalPlan(world: World): Step {
  if (world.observed === null) return { do: 'forget' };
  return retirePlan(world, world.observed);
}

function retirePlan({ state, now }: World, observed: ContainerObservation): Step {
  if (observed.state !== 'running') return { do: 'remove', ref: observed.ref };
  if (state.stopRef !== observed.ref || state.stopRequestedAt === null) {
    return { do: 'stop', ref: observed.ref };
  }
  const until = later(state.stopRequestedAt, STOP_GRACE_MS);
  if (now >= until) return { do: 'remove', ref: observed.ref };
  return { do: 'settle', state: {}, dueAt: until };
}

/** A generation that is not applied yet: until its image is there, the applied one goes on. */
function changePlan(world: World): Step {
  const { state, images, now } = world;
  const image = images.get(state.desired.image);
  if (image === undefined) return { do: 'lookAtImage', ref: state.desired.image };
  switch (image.state) {
    case 'absent':
      return { do: 'pull', ref: state.desired.image };
    case 'queued':
      return holdPlan(world, { dueAt: later(now, LOOK_AGAIN_MS) });
    case 'pulling': {
      const startedAt = state.pullStartedAt ?? image.startedAt;
      const deadline = later(startedAt, SETTLE_DEADLINE_MS);
      const begun = { ...world, state: { ...state, pullStartedAt: startedAt } };
      if (now < deadline) {
        return holdPlan(begun, { dueAt: earliest(deadline, later(now, LOOK_AGAIN_MS)) });
      }
      // In the retry of a change that has failed, the failure that was told stands until the pull ends.
      // That of an engine which answers again does not: by now it is the pull that takes too long.
      if (isImageTold(state)) return holdPlan(begun, { dueAt: later(now, SETTLED_RETRY_MS) });
      return holdPlan(begun, {
        dueAt: later(now, SETTLED_RETRY_MS),
        failure: {
          reason: 'image_pull_error',
          message: `The image "${state.desired.image}" could not be pulled within 5 minutes.`,
        },
      });
    }
    case 'failed':
      return imageFailurePlan(world, image);
    case 'present':
      return imagePresentPlan(world, image.imageId);
  }
}

/** Its image is there. Before the former version ends, the new one's volumes have to be free for it. */
function imagePresentPlan(world: World, imageId: string): Step {
  const { state, observed } = world;
  const { desired, generation } = state;
  const hash = containerSpecHash({ ...desired, imageId });
  const applied: Applied = { generation, version: desired, imageId };
  if (observed?.specHash === hash) return runPlan(world, applied, { outstanding: true });
  const block = volumeBlock(desired.volumes, state.volumes, world.volumeLooks, false);
  if (block === 'look') return { do: 'lookAtVolumes', mounts: desired.volumes };
  if (block !== null && !letsGo(state)) {
    const { reason, message } = block;
    const isLate = isSettled(world, block);
    const told = isLate ? { failure: { reason, message } } : { notice: message };
    return holdPlan(world, { dueAt: blockDueAt(world, block), ...told });
  }
  if (observed !== null) return retirePlan(world, observed);
  return runPlan(world, applied, { outstanding: true });
}

/**
 * Whether no applied version is there to go on with until volumes are free, or it has one that its container mounts no
 * more. That may be what another waits for whose volume this one wants: if each kept its own, both would wait for ever.
 */
function letsGo({ applied, desired }: ContainerState): boolean {
  if (applied === null) return true;
  const wanted = new Set(desired.volumes.map(({ volume }) => volume.id));
  return applied.version.volumes.some(({ volume }) => !wanted.has(volume.id));
}

function imageFailurePlan(world: World, image: ImageState & { state: 'failed' }): Step {
  const { state, now } = world;
  const startedAt = state.pullStartedAt ?? image.failedAt;
  const deadline = later(startedAt, SETTLE_DEADLINE_MS);
  const isTransient = image.reason === 'image_pull_error' && now < deadline;
  const [firstMs, maxMs] = isTransient
    ? [PULL_RETRY_MS, PULL_RETRY_MAX_MS]
    : [SETTLED_RETRY_MS, SETTLED_RETRY_MAX_MS];
  // The quick retries before a failure has settled do not lengthen the delays after it.
  const pullRetries = isTransient || isFailureTold(state) ? state.pullRetries : 0;
  const begun = { ...state, pullStartedAt: startedAt, pullRetries };
  const retryAt = later(image.failedAt, Math.min(firstMs * 2 ** pullRetries, maxMs));
  if (now >= retryAt) {
    return {
      do: 'pull',
      ref: state.desired.image,
      state: { attemptAt: now, pullStartedAt: startedAt, pullRetries: pullRetries + 1 },
    };
  }
  const failure = { reason: image.reason, message: image.message };
  return holdPlan(
    { ...world, state: begun },
    isTransient
      ? { dueAt: earliest(retryAt, deadline), notice: `${image.message} Trying again.` }
      : { dueAt: retryAt, failure },
  );
}

/** Whether it has been told why the change can't be applied. A container that never ran has no other reason. */
function isFailureTold(state: ContainerState): boolean {
  if (state.statusReason === null) return false;
  return state.applied === null || isImageTold(state);
}

function isImageTold({ statusReason }: ContainerState): boolean {
  return statusReason !== null && IMAGE_REASONS.has(statusReason);
}

interface Hold {
  /** null: it is woken. */
  dueAt: Date | null;
  /** Why the change can't be applied: it has settled. */
  failure?: { reason: string; message: string };
  /** What is going on, while it has not. */
  notice?: string;
}

/** The change has to wait, or can't be applied: keeps the applied version running and repaired. */
function holdPlan(world: World, hold: Hold): Step {
  const { state, observed } = world;
  if (state.applied === null && hold.failure !== undefined && observed !== null) {
    // Of a version that nobody recorded, and that a later one took the place of.
    return retirePlan(world, observed);
  }
  const step: Step =
    state.applied === null
      ? { do: 'settle', state: {}, dueAt: null }
      : runPlan(world, state.applied, { outstanding: true });
  if (step.do !== 'settle') return step;
  const merged = { ...state, ...step.state };
  // A change that has failed has settled, and says so while it is tried again.
  const told =
    hold.failure ??
    (isFailureTold(state) ? { reason: state.statusReason, message: state.statusMessage } : null);
  const evidence = merged.status === 'failed' ? (merged.statusMessage ?? null) : null;
  return {
    do: 'settle',
    state: {
      ...step.state,
      pullStartedAt: state.pullStartedAt,
      pullRetries: state.pullRetries,
      status: state.applied === null && told !== null ? 'failed' : merged.status,
      // No reason before the change has settled: clients take one as the end of waiting.
      statusReason: told?.reason ?? null,
      statusMessage: told?.message ?? hold.notice ?? evidence,
    },
    dueAt: step.dueAt && hold.dueAt ? earliest(step.dueAt, hold.dueAt) : (step.dueAt ?? hold.dueAt),
  };
}

/** Keeps one version running: starts, repairs, restarts with growing delays. */
function runPlan(world: World, applied: Applied, change: { outstanding: boolean }): Step {
  const { state, observed, now } = world;
  const isNew = applied.generation === state.generation && change.outstanding;
  // A new version does not wait for the delays that its predecessor earned.
  const restartAt = isNew ? null : state.restartAt;
  if (applied.imageId === null) return imageAgainPlan(world, applied, change);
  const spec: ContainerSpec = { ...applied.version, imageId: applied.imageId };
  const apply = (isRestart: boolean): Step => ({
    do: 'apply',
    spec,
    generation: applied.generation,
    isRestart,
  });

  if (observed === null) {
    if (state.nameHeld) {
      const isLate = now >= settleDeadline(state);
      return {
        do: 'settle',
        state: {
          ...(isLate ? { status: 'failed', statusReason: 'timeout' } : {}),
          statusMessage: `The former container named "${spec.name}" has not ended yet.`,
        },
        dueAt: later(now, LOOK_AGAIN_MS),
      };
    }
    if (restartAt !== null && now < restartAt) return waitPlan(restartAt);
    const block = volumeBlock(spec.volumes, state.volumes, world.volumeLooks, false);
    if (block === 'look') return { do: 'lookAtVolumes', mounts: spec.volumes };
    return block === null ? apply(false) : blockedPlan(world, block, isNew);
  }
  if (observed.specHash !== containerSpecHash(spec)) return retirePlan(world, observed);
  if (observed.state === 'running' && observed.connected) {
    // The desired version is there already, made by a worker that could not record it.
    return isNew ? apply(false) : upPlan(state, applied, observed, now);
  }
  if (observed.state === 'running' || observed.state === 'paused') return apply(false);
  if (observed.state === 'exited' && !isCounted(state, observed)) {
    // The exit of a new version is its own, though nobody recorded that it was made.
    return { do: 'countExit', observed, ...(isNew ? { made: applied } : {}) };
  }
  const block = volumeBlock(spec.volumes, state.volumes, world.volumeLooks, true);
  if (block !== null && block !== 'look') {
    // What does not run keeps no volume from another that has it, and what never ran has nothing to keep.
    const isKept = block.isLetGo !== true && observed.state !== 'created';
    return isKept ? blockedPlan(world, block, isNew) : { do: 'remove', ref: observed.ref };
  }
  if (restartAt !== null && now < restartAt) return waitPlan(restartAt);
  return apply(observed.state === 'exited' && state.exitTimes.length > 0);
}

/** Nothing runs, and nothing can for the sake of a volume. */
function blockedPlan(world: World, block: VolumeBlock, isNew: boolean): Step {
  const { reason, message } = block;
  // Of a container that never ran, and of nothing else, it is true that it is still to come.
  const isWaiting = isNew && !isSettled(world, block);
  const isFirst = isWaiting && world.state.applied === null;
  return {
    do: 'settle',
    state: {
      ...(isFirst ? {} : { status: 'failed' }),
      // No reason before the change has settled: clients take one as the end of waiting.
      statusReason: isWaiting ? null : reason,
      statusMessage: message,
      // What is gone is not missed by each sweep: it may stay so for ever.
      appliedRef: world.observed?.ref ?? null,
    },
    dueAt: blockDueAt(world, block),
  };
}

/** Whether a block is told as a failure. It is still looked at whether it has gone. */
function isSettled({ state, now }: World, block: VolumeBlock): boolean {
  return block.waitsFor === 'none' || now >= settleDeadline(state);
}

/** A volume wakes who mounts it; a holder does when all goes well. */
function blockDueAt(world: World, block: VolumeBlock): Date | null {
  if (block.waitsFor === 'holder') return later(world.now, LOOK_AGAIN_MS);
  return isSettled(world, block) ? null : settleDeadline(world.state);
}

/** The applied image is gone from the engine: pulls it again, beside that of a change. */
function imageAgainPlan(world: World, applied: Applied, change: { outstanding: boolean }): Step {
  const { state, images, now } = world;
  const ref = applied.version.image;
  const image = images.get(ref);
  if (image === undefined) return { do: 'lookAtImage', ref };
  if (image.state === 'absent') return { do: 'pull', ref };
  if (image.state === 'present') {
    return runPlan(world, { ...applied, imageId: image.imageId }, change);
  }
  if (image.state === 'failed') {
    // While there is a change, the count of retries is that of its own image.
    const isOwn = applied.generation === state.generation;
    const delayMs = isOwn ? PULL_RETRY_MS * 2 ** state.pullRetries : SETTLED_RETRY_MS;
    const retryAt = later(image.failedAt, Math.min(delayMs, SETTLED_RETRY_MS));
    if (now >= retryAt) {
      // A change's own attempts are counted and timed apart.
      if (!isOwn) return { do: 'pull', ref, since: now };
      return { do: 'pull', ref, state: { attemptAt: now, pullRetries: state.pullRetries + 1 } };
    }
    return {
      do: 'settle',
      state: { status: 'failed', statusReason: image.reason, statusMessage: image.message },
      dueAt: retryAt,
    };
  }
  return {
    do: 'settle',
    state: {
      status: 'failed',
      statusReason: 'image_pull_error',
      statusMessage: `The image "${ref}" is gone from the engine and is pulled again.`,
    },
    dueAt: later(now, LOOK_AGAIN_MS),
  };
}

/** The process runs. After a minute its exits are forgotten; in a crash loop it must last that long to count. */
function upPlan(
  state: ContainerState,
  applied: Applied,
  observed: ContainerObservation,
  now: Date,
): Step {
  const stableAt = later(earliest(observed.startedAt ?? now, now), STABLE_AFTER_MS);
  const up: Partial<ContainerState> = {
    status: 'running',
    statusReason: null,
    statusMessage: null,
    restartAt: null,
    applied,
    appliedRef: observed.ref,
  };
  if (state.stopRef === observed.ref && state.stopRequestedAt !== null) {
    // The change that it was asked to end for was taken back. It may still end, or ignore the wish.
    const endsBy = later(state.stopRequestedAt, STOP_GRACE_MS);
    if (now < endsBy) return { do: 'settle', state: up, dueAt: endsBy };
    Object.assign(up, { stopRef: null, stopRequestedAt: null });
  }
  if (state.exitTimes.length === 0) return { do: 'settle', state: up, dueAt: null };
  if (now >= stableAt) return { do: 'settle', state: { ...up, exitTimes: [] }, dueAt: null };
  if (!isCrashLoop(state.exitTimes)) return { do: 'settle', state: up, dueAt: stableAt };
  const { status: _status, statusReason: _reason, statusMessage: _message, ...rest } = up;
  return { do: 'settle', state: rest, dueAt: stableAt };
}

function waitPlan(restartAt: Date): Step {
  return { do: 'settle', state: {}, dueAt: restartAt };
}

function isCounted(state: ContainerState, observed: ContainerObservation): boolean {
  return (
    state.exitRef === observed.ref &&
    state.exitFinishedAt?.getTime() === observed.finishedAt?.getTime()
  );
}
