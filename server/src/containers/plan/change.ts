// A generation that is not applied yet: its image is pulled, its volumes are waited for, then it replaces the former one.
import type { ImageState } from '@dollarbox/engines/contract';
import { earliest, later } from '../../base/moments.ts';
import { mountsOnImage } from '../image-volumes.ts';
import { type Applied, type ContainerState, SETTLE_DEADLINE_MS } from '../state.ts';
import { volumeBlock } from '../volume-block.ts';
import { blockDueAt, isSettled } from './blocked.ts';
import {
  LOOK_AGAIN_MS,
  PULL_RETRY_MAX_MS,
  PULL_RETRY_MS,
  SETTLED_RETRY_MAX_MS,
  SETTLED_RETRY_MS,
  UNREACHABLE_SETTLE_MS,
  pullDeadline,
} from './delays.ts';
import { holdPlan, isFailureReported, isImageFailureReported } from './hold.ts';
import { retirePlan } from './retire.ts';
import { isMadeFrom, runPlan } from './run.ts';
import type { Step, World } from './step.ts';

type PresentImage = Extract<ImageState, { state: 'present' }>;
type FailedImage = Extract<ImageState, { state: 'failed' }>;

/** A generation that is not applied yet: until its image is available, the applied version keeps running. */
export function changePlan(world: World): Step {
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

/** The image is available. Before the former version ends, the volumes of the new one must exist and be free. */
function imagePresentPlan(world: World, { imageId, volumePaths }: PresentImage): Step {
  const { state, observed, now } = world;
  const { generation } = state;
  const { mounts, missing } = mountsOnImage(
    ...([state.desired.volumes, volumePaths, state.imageVolumes] as const),
  );
  if (missing.length > 0) {
    if (world.noRoom === null) return { do: 'addImageVolumes', paths: missing };
    const retryAt = later(now, SETTLED_RETRY_MS);
    const failure = { reason: 'quota', message: world.noRoom, retryAt };
    return holdPlan(world, { dueAt: retryAt, failure });
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

function imageFailurePlan(world: World, image: FailedImage): Step {
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
  const failure = { reason: image.reason, message: image.message, retryAt };
  return holdPlan(
    { ...world, state: begun },
    isTransient
      ? { dueAt: earliest(retryAt, deadline), notice: `${image.message} Trying again.` }
      : { dueAt: retryAt, failure },
  );
}
