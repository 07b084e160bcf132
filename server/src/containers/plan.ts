import {
  type ContainerObservation,
  type ContainerObstacle,
  type ContainerSpec,
  type Engine,
  type ImageFailure,
  type ImageState,
  type VolumeMount,
  containerSpecHash,
} from '@dollarbox/engines/contract';
import { earliest, later } from '../base/moments.ts';
import { exitsNew } from './exits.ts';
import { mountsOnImage } from './image-volumes.ts';
import { isCrashLoop, restartDelayMs } from './restart.ts';
import { type Applied, type ContainerState, SETTLE_DEADLINE_MS, settleDeadline } from './state.ts';
import { type VolumeBlock, type VolumeLook, volumeBlock } from './volume-block.ts';

/** A process that has been up for this long has recovered from its exits, in milliseconds. */
const STABLE_AFTER_MS = 60_000;
/** When a process is looked at after its start, in milliseconds: servers need a moment before they listen. */
const NOTICE_AFTER_MS = [5000, 30_000, 120_000];
/** While waiting for something that an event should report, check again at this interval, in milliseconds. */
const LOOK_AGAIN_MS = 5000;
const PULL_MAX_MS = 3_600_000;
/** If a registry has not answered at all for this long, its next failure settles, so that it settles within 30 s. */
const UNREACHABLE_SETTLE_MS = 18_000;
const PULL_RETRY_MS = 2000;
const PULL_RETRY_MAX_MS = 60_000;
/** An obstacle that lasts longer is reported as a failure: the engine may be about to overcome it, with another node. */
const OBSTACLE_SETTLE_MS = 30_000;
const SETTLED_RETRY_MS = 300_000;
const SETTLED_RETRY_MAX_MS = 3_600_000;

/** Why a container of a suspended org does not run. */
const SUSPENDED_STATUS = {
  statusReason: 'org_suspended',
  statusMessage:
    'The org is suspended, so nothing of it runs. The container comes back as it was when the operator resumes the org.',
};

/** Reasons that refer to a change that can't be applied, not to a process. */
export const IMAGE_REASONS: ReadonlySet<string> = new Set<ImageFailure>([
  'image_not_found',
  'image_pull_denied',
  'image_pull_error',
  'image_rejected',
]);

type PresentImage = Extract<ImageState, { state: 'present' }>;

/** Everything that a plan is made from. */
export interface World {
  state: ContainerState;
  observed: ContainerObservation | null;
  /** By reference. Images that are missing here were not checked yet. */
  images: ReadonlyMap<string, ImageState>;
  /** The engine's answers about volumes, by id. Volumes that are missing here were not checked yet. */
  volumeLooks: ReadonlyMap<number, VolumeLook>;
  /** Who restarts processes. */
  restarts: Engine['restarts'];
  /** Why there is no room for the volumes of the image, as found in this turn; null: it was not tried. */
  noRoom: string | null;
  now: Date;
}

/** What to do next. Every step but `settle` changes the world, and is followed by a new plan. */
export type Step =
  | { do: 'lookAtImage'; ref: string }
  /** `since`: earlier results do not count; default: the state's `attemptAt`. */
  | { do: 'pull'; ref: string; since?: Date; state?: Partial<ContainerState> }
  | { do: 'lookAtVolumes'; mounts: readonly VolumeMount[] }
  /** Give the container volumes for these `VOLUME`s of its image. */
  | { do: 'addImageVolumes'; paths: readonly string[] }
  /** As in the engine's verb: 0 removes the object now. */
  | { do: 'end'; ref: string; graceMs: number }
  /** `isPulledAgain`: from the image that a client wanted pulled again. */
  | {
      do: 'apply';
      spec: ContainerSpec;
      generation: number;
      isRestart: boolean;
      isPulledAgain: boolean;
    }
  /** Count exits: read the last lines, then plan again with the state that `exitsCount` returns. */
  | {
      do: 'countExit';
      observed: ContainerObservation;
      /** Was created, but not recorded. */ made?: Applied;
    }
  | { do: 'settle'; state: Partial<ContainerState>; dueAt: Date | null }
  /** Nothing of it is left on the engine: delete the row. */
  | { do: 'forget' };

/** The next step for one container. Pure: the same world gives the same step. */
export function containerPlan(world: World): Step {
  if (world.state.deletedAt !== null) return removalPlan(world);
  const { state } = world;
  if (state.isSuspended || state.isStopped) return stoppedPlan(world);
  if (
    state.applied === null ||
    state.applied.generation !== state.generation ||
    state.pullAgainAt !== null
  ) {
    return changePlan(world);
  }
  return runPlan(world, state.applied, { outstanding: false });
}

/** Ends the process, first with a stop signal, then removes the object. */
function removalPlan(world: World): Step {
  if (world.observed === null) return { do: 'forget' };
  return retirePlan(world, world.observed);
}

/**
 * Ends the process and keeps what is desired and what was applied, so that a start, or the end of the suspension,
 * brings back exactly that.
 */
function stoppedPlan(world: World): Step {
  if (world.observed !== null) return retirePlan(world, world.observed);
  const reported = world.state.isSuspended
    ? SUSPENDED_STATUS
    : { statusReason: null, statusMessage: null };
  return {
    do: 'settle',
    state: {
      status: 'stopped',
      ...reported,
      appliedRef: null,
      exitTimes: [],
      restartAt: null,
    },
    dueAt: null,
  };
}

function retirePlan({ state, restarts, now }: World, observed: ContainerObservation): Step {
  const { ref } = observed;
  const graceMs = stopGraceMs(state);
  const requestedAt = state.stopRef === ref ? state.stopRequestedAt : null;
  // An engine that restarts processes may just have restarted this one, which then gets its time to end.
  const isDown =
    observed.state !== 'running' && (restarts === 'reconciler' || requestedAt !== null);
  if (isDown) return { do: 'end', ref, graceMs: 0 };
  if (requestedAt === null) return { do: 'end', ref, graceMs };
  // Counted from the first signal. It is not sent again, because many programs take a second signal as "stop
  // immediately".
  const until = later(requestedAt, graceMs);
  if (now >= until) return { do: 'end', ref, graceMs: 0 };
  return { do: 'settle', state: {}, dueAt: until };
}

function stopGraceMs(state: ContainerState): number {
  return state.stopGraceSeconds * 1000;
}

/** A generation that is not applied yet: until its image is available, the applied version keeps running. */
function changePlan(world: World): Step {
  const { state, images, now } = world;
  const image = images.get(state.desired.image);
  if (image === undefined) return { do: 'lookAtImage', ref: state.desired.image };
  switch (image.state) {
    case 'absent':
      return { do: 'pull', ref: state.desired.image };
    case 'queued':
      return holdPlan(world, {
        dueAt: later(now, LOOK_AGAIN_MS),
        notice: 'The image waits to be pulled: an org pulls two images at a time.',
      });
    case 'pulling': {
      const startedAt = state.pullStartedAt ?? image.startedAt;
      const deadline = pullDeadline(startedAt, image.progressAt ?? startedAt);
      const begun = { ...world, state: { ...state, pullStartedAt: startedAt } };
      if (now < deadline) {
        return holdPlan(begun, { dueAt: earliest(deadline, later(now, LOOK_AGAIN_MS)) });
      }
      // While a failed change is retried, the reported image failure stands until the pull ends. A failure of the
      // engine does not stand once the engine answers again: what takes too long now is the pull.
      if (isImageFailureReported(state))
        return holdPlan(begun, { dueAt: later(now, SETTLED_RETRY_MS) });
      return holdPlan(begun, {
        dueAt: later(now, SETTLED_RETRY_MS),
        failure: {
          reason: 'image_pull_error',
          message: `The pull of the image "${state.desired.image}" takes too long.`,
        },
      });
    }
    case 'failed':
      return imageFailurePlan(world, image);
    case 'present':
      return imagePresentPlan(world, image);
  }
}

/** A pull that receives data may continue, for an hour at most. */
function pullDeadline(startedAt: Date, progressAt: Date): Date {
  const aliveAt = progressAt > startedAt ? progressAt : startedAt;
  return earliest(later(aliveAt, SETTLE_DEADLINE_MS), later(startedAt, PULL_MAX_MS));
}

/** The image is available. Before the former version ends, the volumes of the new one must exist and be free. */
function imagePresentPlan(world: World, { imageId, volumePaths }: PresentImage): Step {
  const { state, observed, now } = world;
  const { generation } = state;
  const { mounts, missing } = mountsOnImage(
    ...([state.desired.volumes, volumePaths, state.imageVolumes] as const),
  );
  if (missing.length > 0) {
    if (world.noRoom === null) return { do: 'addImageVolumes', paths: missing };
    const failure = { reason: 'quota', message: world.noRoom };
    return holdPlan(world, { dueAt: later(now, SETTLED_RETRY_MS), failure });
  }
  const desired = { ...state.desired, volumes: mounts };
  const applied: Applied = { generation, version: desired, imageId };
  const change = { outstanding: true, isPulledAgain: state.pullAgainAt !== null };
  if (observed !== null && isMadeFrom(observed, { ...desired, imageId })) {
    return runPlan(world, applied, change);
  }
  const block = volumeBlock(desired.volumes, state.volumes, world.volumeLooks, false);
  if (block === 'look') return { do: 'lookAtVolumes', mounts: desired.volumes };
  if (block !== null && !letsGo(state)) {
    const { reason, message } = block;
    const isLate = isSettled(world, block);
    const outcome = isLate ? { failure: { reason, message } } : { notice: message };
    return holdPlan(world, { dueAt: blockDueAt(world, block), ...outcome });
  }
  if (observed !== null) return retirePlan(world, observed);
  return runPlan(world, applied, change);
}

/**
 * Whether the change need not wait for its volumes: either there is no applied version to keep running, or that version
 * holds a volume that the container no longer mounts. Another container may be waiting for that volume while it holds
 * the one that this container wants; if each kept its own, both would wait forever.
 */
function letsGo({ applied, desired, imageVolumes }: ContainerState): boolean {
  if (applied === null) return true;
  // Nobody else can want what is only there for this container's images.
  const wanted = new Set([...desired.volumes, ...imageVolumes].map(({ volume }) => volume.id));
  return applied.version.volumes.some(({ volume }) => !wanted.has(volume.id));
}

function imageFailurePlan(world: World, image: ImageState & { state: 'failed' }): Step {
  const { state, now } = world;
  const startedAt = state.pullStartedAt ?? image.failedAt;
  const settleMs = image.isUnreachable === true ? UNREACHABLE_SETTLE_MS : SETTLE_DEADLINE_MS;
  const deadline = later(startedAt, settleMs);
  const isTransient = image.reason === 'image_pull_error' && now < deadline;
  const [firstMs, maxMs] = isTransient
    ? [PULL_RETRY_MS, PULL_RETRY_MAX_MS]
    : [SETTLED_RETRY_MS, SETTLED_RETRY_MAX_MS];
  // The quick retries before a failure has settled do not count towards the delays after it.
  const pullRetries = isTransient || isFailureReported(state) ? state.pullRetries : 0;
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

/** Whether it is already reported why the change can't be applied. A container that never ran has no other reasons. */
function isFailureReported(state: ContainerState): boolean {
  if (state.statusReason === null) return false;
  return state.applied === null || isImageFailureReported(state);
}

function isImageFailureReported({ statusReason }: ContainerState): boolean {
  return statusReason !== null && IMAGE_REASONS.has(statusReason);
}

interface Hold {
  /** null: it will be woken. */
  dueAt: Date | null;
  /** Why the change can't be applied: it has settled. */
  failure?: { reason: string; message: string };
  /** The progress to show until it has settled. */
  notice?: string;
}

/** The change must wait, or can't be applied: keeps the applied version running and repairs it. */
function holdPlan(world: World, hold: Hold): Step {
  const { state, observed } = world;
  if (state.applied === null && hold.failure !== undefined && observed !== null) {
    // The object is of a version that was never recorded and has been superseded by a later one.
    return retirePlan(world, observed);
  }
  const step: Step =
    state.applied === null
      ? { do: 'settle', state: {}, dueAt: null }
      : runPlan(world, state.applied, {
          outstanding: isChange(state),
        });
  if (step.do !== 'settle') return step;
  const merged = { ...state, ...step.state };
  // A failed change has settled, and stays reported as failed while it is retried.
  const reported =
    hold.failure ??
    (isFailureReported(state)
      ? { reason: state.statusReason, message: state.statusMessage }
      : null);
  const evidence = merged.status === 'failed' ? (merged.statusMessage ?? null) : null;
  return {
    do: 'settle',
    state: {
      ...step.state,
      pullStartedAt: state.pullStartedAt,
      pullRetries: state.pullRetries,
      status: state.applied === null && reported !== null ? 'failed' : merged.status,
      // No reason before the change has settled: clients take a reason as the end of their wait.
      statusReason: reported?.reason ?? (isChange(state) ? null : (merged.statusReason ?? null)),
      statusMessage: reported?.message ?? hold.notice ?? evidence,
    },
    dueAt: step.dueAt && hold.dueAt ? earliest(step.dueAt, hold.dueAt) : (step.dueAt ?? hold.dueAt),
  };
}

interface Change {
  /** The version is not recorded as applied yet, or another one is desired. */
  outstanding: boolean;
  /** Its image has been pulled again, as a client asked for. */
  isPulledAgain?: boolean;
}

/** Whether there is a generation that is not applied, rather than an image to pull again. */
function isChange({ applied, generation }: ContainerState): boolean {
  return applied?.generation !== generation;
}

/** Keeps one version running: starts, repairs, restarts with growing delays. */
function runPlan(world: World, applied: Applied, change: Change): Step {
  const { state, observed, now } = world;
  const isNew = applied.generation === state.generation && change.outstanding;
  // A new version does not wait for the delays that its predecessor's exits caused.
  const restartAt = isNew ? null : state.restartAt;
  if (applied.imageId === null) return imageAgainPlan(world, applied, change);
  const spec: ContainerSpec = { ...applied.version, imageId: applied.imageId };
  const apply = (isRestart: boolean): Step => ({
    do: 'apply',
    spec,
    generation: applied.generation,
    isRestart,
    isPulledAgain: change.isPulledAgain === true,
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
  const isPulling = state.pullAgainAt !== null && change.isPulledAgain !== true;
  const isToRestart = observed.ref === state.restartRef && !isPulling;
  if (!isMadeFrom(observed, spec) || isToRestart) return retirePlan(world, observed);
  if (exitsNew(state, observed) > 0) {
    // An exit of the new version counts as its own, even if its creation was never recorded.
    return { do: 'countExit', observed, ...(isNew ? { made: applied } : {}) };
  }
  if (observed.state === 'running' && observed.connected) {
    const { obstacle } = observed;
    if (obstacle !== undefined && !isNew) {
      return obstaclePlan({ applied, appliedRef: observed.ref }, obstacle, now);
    }
    // The desired version already runs, created by a worker that could not record it.
    return isNew ? apply(false) : upPlan(state, applied, observed, now);
  }
  if (observed.state === 'running' || observed.state === 'paused') return apply(false);
  const block = volumeBlock(spec.volumes, state.volumes, world.volumeLooks, true);
  if (block !== null && block !== 'look') {
    // An object that does not run must not hold a volume that belongs to another container. One that never ran is
    // removed, since it has nothing worth keeping.
    const isKept = block.isReleased !== true && observed.state !== 'created';
    return isKept ? blockedPlan(world, block, isNew) : retirePlan(world, observed);
  }
  if (world.restarts === 'engine') return engineStartPlan(world, observed, applied);
  if (restartAt !== null && now < restartAt) return waitPlan(restartAt);
  return apply(observed.state === 'exited' && state.exitTimes.length > 0);
}

/** The engine will start the process by itself, and reports when it has. */
function engineStartPlan(
  { state, now }: World,
  observed: ContainerObservation,
  applied: Applied,
): Step {
  const { restartAt } = state;
  const found = { applied, appliedRef: observed.ref };
  if (observed.state === 'exited') {
    const againAt = later(now, restartDelayMs(state.exitTimes.length));
    const dueAt = restartAt !== null && now < restartAt ? restartAt : againAt;
    const downReason = isCrashLoop(state.exitTimes) ? 'crash_loop' : 'exited';
    const statusReason = state.statusReason ?? downReason;
    return { do: 'settle', state: { ...found, status: 'failed', statusReason }, dueAt };
  }
  if (observed.obstacle !== undefined) return obstaclePlan(found, observed.obstacle, now);
  const isLate = now >= later(observed.createdAt, SETTLE_DEADLINE_MS);
  return {
    do: 'settle',
    state: {
      ...found,
      ...(isLate ? { status: 'failed', statusReason: 'timeout' } : {}),
      statusMessage: 'The engine has not started the process yet.',
    },
    dueAt: later(now, LOOK_AGAIN_MS),
  };
}

/** The engine says itself why it does not run the process. It goes on trying, and reports when it has. */
function obstaclePlan(
  found: Partial<ContainerState>,
  { reason, message, since }: ContainerObstacle,
  now: Date,
): Step {
  const settlesAt = later(since, OBSTACLE_SETTLE_MS);
  const isLate = now >= settlesAt;
  return {
    do: 'settle',
    state: {
      ...found,
      ...(isLate ? { status: 'failed', statusReason: reason } : {}),
      statusMessage: message,
    },
    dueAt: isLate ? later(now, SETTLED_RETRY_MS) : settlesAt,
  };
}

/** Nothing runs, and nothing can be started because of a volume. */
function blockedPlan(world: World, block: VolumeBlock, isNew: boolean): Step {
  const { reason, message } = block;
  // Only a container that never ran may still be shown as on its way.
  const isWaiting = isNew && !isSettled(world, block);
  const isFirst = isWaiting && world.state.applied === null;
  return {
    do: 'settle',
    state: {
      ...(isFirst ? {} : { status: 'failed' }),
      // No reason before the change has settled: clients take a reason as the end of their wait.
      statusReason: isWaiting ? null : reason,
      statusMessage: message,
      // Record that the object is gone. Otherwise each sweep would report it as missing, possibly forever.
      appliedRef: world.observed?.ref ?? null,
    },
    dueAt: blockDueAt(world, block),
  };
}

/** Whether a block is reported as a failure. It is still checked whether the obstacle has gone. */
function isSettled({ state, now }: World, block: VolumeBlock): boolean {
  return block.waitsFor === 'none' || now >= settleDeadline(state);
}

/** A volume wakes the container that mounts it; a holder wakes the waiting containers too, but that can fail. */
function blockDueAt(world: World, block: VolumeBlock): Date | null {
  if (block.waitsFor === 'holder') return later(world.now, LOOK_AGAIN_MS);
  return isSettled(world, block) ? null : settleDeadline(world.state);
}

/** The applied image is gone from the engine: pulls it again, independently of the image of a change. */
function imageAgainPlan(world: World, applied: Applied, change: Change): Step {
  const { state, images, now } = world;
  const ref = applied.version.image;
  const image = images.get(ref);
  if (image === undefined) return { do: 'lookAtImage', ref };
  if (image.state === 'absent') return { do: 'pull', ref };
  if (image.state === 'present') {
    const { imageId, volumePaths } = image;
    const { version } = applied;
    const { mounts, missing } = mountsOnImage(
      ...([version.volumes, volumePaths, state.imageVolumes] as const),
    );
    if (missing.length === 0) {
      const onImage = { ...applied, imageId, version: { ...version, volumes: mounts } };
      return runPlan(world, onImage, change);
    }
    if (world.noRoom === null) return { do: 'addImageVolumes', paths: missing };
    return {
      do: 'settle',
      state: { status: 'failed', statusReason: 'quota', statusMessage: world.noRoom },
      dueAt: later(now, SETTLED_RETRY_MS),
    };
  }
  if (image.state === 'failed') {
    // While there is a change, the retry counter belongs to the change's image.
    const isOwn = applied.generation === state.generation;
    const delayMs = isOwn ? PULL_RETRY_MS * 2 ** state.pullRetries : SETTLED_RETRY_MS;
    const retryAt = later(image.failedAt, Math.min(delayMs, SETTLED_RETRY_MS));
    if (now >= retryAt) {
      // The attempts of a change are counted and timed separately.
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

/** The process runs. After a minute its exits are forgotten; in a crash loop it is reported as running only then. */
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
    // It was restarted without this having been recorded, or the engine restarted it.
    restartCount: state.restartCount + (state.restartAt === null ? 0 : 1),
    applied,
    appliedRef: observed.ref,
    warnings: observed.warnings ?? [],
  };
  if (state.stopRef === observed.ref && state.stopRequestedAt !== null) {
    // The change for which it was asked to end was reverted. It may still end, or ignore the signal.
    const endsBy = later(state.stopRequestedAt, stopGraceMs(state));
    if (now < endsBy) return { do: 'settle', state: up, dueAt: endsBy };
    Object.assign(up, { stopRef: null, stopRequestedAt: null });
  }
  const lookAt = noticeAt(observed, now);
  if (state.exitTimes.length === 0) return { do: 'settle', state: up, dueAt: lookAt };
  if (now >= stableAt) return { do: 'settle', state: { ...up, exitTimes: [] }, dueAt: lookAt };
  if (!isCrashLoop(state.exitTimes)) return { do: 'settle', state: up, dueAt: stableAt };
  const { status: _status, statusReason: _reason, statusMessage: _message, ...rest } = up;
  return { do: 'settle', state: rest, dueAt: stableAt };
}

/** When to see again what can be noticed about a process that has started recently; null: it can't be told, or no more. */
function noticeAt({ warnings, startedAt }: ContainerObservation, now: Date): Date | null {
  if (warnings === null || startedAt === null) return null;
  const times = NOTICE_AFTER_MS.map((ms) => later(startedAt, ms));
  return times.find((time) => time > now) ?? null;
}

/** Whether an object was created from this spec. Other tools recreate containers with our labels and another image. */
function isMadeFrom(observed: ContainerObservation, spec: ContainerSpec): boolean {
  return observed.imageId === spec.imageId && observed.specHash === containerSpecHash(spec);
}

function waitPlan(restartAt: Date): Step {
  return { do: 'settle', state: {}, dueAt: restartAt };
}
