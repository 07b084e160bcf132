// The applied version's image, when the engine does not have it any more.
import type { ImageState } from '@dollarbox/engines/contract';
import { later } from '../../base/moments.ts';
import { mountsOnImage } from '../image-volumes.ts';
import type { Applied } from '../state.ts';
import { LOOK_AGAIN_MS, PULL_RETRY_MS, SETTLED_RETRY_MS } from './delays.ts';
import type { Step, World } from './step.ts';

/**
 * The applied image is gone from the engine: pulls it again, independently of the image of a change.
 * @returns the version on its image, once that is there again.
 */
export function imageAgain(world: World, applied: Applied): Step | Applied {
  const { images, now } = world;
  const ref = applied.version.image;
  const image = images.get(ref);
  if (image === undefined) return { do: 'lookAtImage', ref };
  if (image.state === 'absent') return { do: 'pull', ref };
  if (image.state === 'present') return onImage(world, applied, image);
  if (image.state === 'failed') return failedPlan(world, applied, image);
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

function onImage(
  { state, noRoom, now }: World,
  applied: Applied,
  { imageId, volumePaths }: Extract<ImageState, { state: 'present' }>,
): Step | Applied {
  const { version } = applied;
  const { mounts, missing } = mountsOnImage(
    ...([version.volumes, volumePaths, state.imageVolumes] as const),
  );
  if (missing.length === 0)
    return { ...applied, imageId, version: { ...version, volumes: mounts } };
  if (noRoom === null) return { do: 'addImageVolumes', paths: missing };
  const retryAt = later(now, SETTLED_RETRY_MS);
  return {
    do: 'settle',
    state: { status: 'failed', statusReason: 'quota', statusMessage: noRoom },
    dueAt: retryAt,
    retryAt,
  };
}

function failedPlan(
  { state, now }: World,
  { generation, version }: Applied,
  image: Extract<ImageState, { state: 'failed' }>,
): Step {
  const ref = version.image;
  // While there is a change, the retry counter belongs to the change's image.
  const isOwn = generation === state.generation;
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
    retryAt,
  };
}
