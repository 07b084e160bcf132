/** The image verbs. */
import type Docker from 'dockerode';
import type { ImageRequest, ImageState } from '../contract.ts';
import { canonicalReference, isPinnedReference, parseImageReference } from '../image-reference.ts';
import type { ImageReference } from '../image-reference.ts';
import type { DockerApi } from './api.ts';
import type { HintHub } from './changes.ts';
import { imageTag } from './image-store.ts';
import type { DockerImage, ImageStore } from './image-store.ts';
import { checkSettings } from './manifest.ts';
import type { DockerContext } from './options.ts';
import { pullImage } from './pull.ts';
import type { PullDependencies } from './pull.ts';
import { PullError } from './pull-error.ts';
import { createPullPool } from './pull-pool.ts';

/** Ends of pulls that are remembered; a forgotten one is pulled again when asked for. */
const OUTCOMES_MAX = 10_000;

export interface Images {
  ensure(request: ImageRequest, signal: AbortSignal): Promise<ImageState>;
  observe(request: ImageRequest, signal: AbortSignal): Promise<ImageState>;
  abandon(containerId: number): void;
  collect(keep: ReadonlySet<string>, signal: AbortSignal): Promise<string[]>;
  close(): Promise<void>;
}

type Outcome = { endedAt: Date } & ({ imageId: string } | { error: PullError });

/** @param now when it was looked at, should it be refused. */
function presentImage(image: DockerImage, now: Date): ImageState {
  try {
    // Also what others have pulled or built.
    checkSettings(image.Config);
  } catch (error) {
    if (error instanceof PullError) return failedImage(error, now);
    throw error;
  }
  const exposed = Object.keys(image.Config?.ExposedPorts ?? {});
  const exposedPorts = exposed
    .filter((port) => !port.endsWith('/udp') && !port.endsWith('/sctp'))
    .map((port) => Number.parseInt(port, 10))
    .toSorted((a, b) => a - b);
  return { state: 'present', imageId: image.Id, exposedPorts };
}

function failedImage(error: PullError, failedAt: Date): ImageState {
  return { state: 'failed', reason: error.reason, message: error.message, failedAt };
}

/**
 * @param pullTimeoutMs counted from when a pull has its place in the pool.
 * @param hub told the containers that wait for a pull when it ends.
 */
export function createImages(
  context: DockerContext,
  api: DockerApi,
  store: ImageStore,
  dependencies: PullDependencies,
  hub: HintHub,
  pullTimeoutMs: number,
): Images {
  const { log, now } = context;
  const pool = createPullPool(now, (containerId) => hub.tell('container', containerId));
  const outcomes = new Map<string, Outcome>();

  function recordOutcome(key: string, outcome: Outcome): void {
    outcomes.delete(key);
    outcomes.set(key, outcome);
    const [oldest] = outcomes.keys();
    if (outcomes.size > OUTCOMES_MAX && oldest !== undefined) outcomes.delete(oldest);
  }

  function asPullError(error: unknown, isLate: boolean): PullError {
    if (isLate) {
      const message = `The image was not there after ${pullTimeoutMs / 1000} s.`;
      return new PullError('image_pull_error', message, { cause: error });
    }
    if (error instanceof PullError) return error;
    return new PullError('image_pull_error', 'The image could not be pulled now.', {
      cause: error,
    });
  }

  async function runPull(reference: ImageReference, abandoned: AbortSignal): Promise<void> {
    const key = canonicalReference(reference);
    const deadline = AbortSignal.timeout(pullTimeoutMs);
    try {
      const imageId = await pullImage(
        reference,
        dependencies,
        AbortSignal.any([deadline, abandoned]),
      );
      recordOutcome(key, { endedAt: now(), imageId });
    } catch (error) {
      // Not a failure of the image's: nobody wants it any more, or this process ends.
      if (abandoned.aborted) return;
      const failure = asPullError(error, deadline.aborted);
      log.info({ image: key, reason: failure.reason, err: failure }, 'a pull failed');
      recordOutcome(key, { endedAt: now(), error: failure });
    }
  }

  async function observeParsed(
    reference: ImageReference,
    since: Date,
    signal: AbortSignal,
  ): Promise<ImageState> {
    const key = canonicalReference(reference);
    if (isPinnedReference(reference)) {
      const found = await store.find(reference, signal);
      if (found !== undefined) return presentImage(found, now());
    }
    const progress = pool.progress(key);
    if (progress !== null) return progress;
    const outcome = outcomes.get(key);
    if (outcome === undefined || outcome.endedAt < since) return { state: 'absent' };
    if ('error' in outcome) return failedImage(outcome.error, outcome.endedAt);
    const pulled = await store.inspect(outcome.imageId, signal);
    return pulled === undefined ? { state: 'absent' } : presentImage(pulled, now());
  }

  function letGoOfOthers({ ref, wanted = [ref], containerId }: ImageRequest): void {
    const references = wanted.flatMap((each) => parseImageReference(each) ?? []);
    pool.release(containerId, new Set(references.map(canonicalReference)));
  }

  async function observe(request: ImageRequest, signal: AbortSignal): Promise<ImageState> {
    letGoOfOthers(request);
    const reference = parseImageReference(request.ref);
    if (reference !== null) return observeParsed(reference, request.since, signal);
    const message = `"${request.ref}" is not an image reference.`;
    return failedImage(new PullError('image_rejected', message), now());
  }

  /** Images that any container on the machine was made from, ours or not. */
  async function listUsedImages(signal: AbortSignal): Promise<Set<string>> {
    const containers = await api.call<Docker.ContainerInfo[]>({
      method: 'GET',
      path: '/containers/json',
      query: { all: '1' },
      signal,
    });
    return new Set(containers.map((container) => container.ImageID));
  }

  return {
    observe,

    async ensure(request, signal) {
      const state = await observe(request, signal);
      const reference = parseImageReference(request.ref);
      const isPending = state.state === 'queued' || state.state === 'pulling';
      if (reference === null || !(state.state === 'absent' || isPending)) return state;
      const key = canonicalReference(reference);
      const { tenantId, containerId } = request;
      const run = (abandoned: AbortSignal) => runPull(reference, abandoned);
      return pool.request({ key, tenantId, containerId, run });
    },

    abandon: (containerId) => pool.release(containerId, new Set()),

    async collect(keep, signal) {
      const kept = new Set(keep);
      for (const ref of keep) {
        const reference = parseImageReference(ref);
        if (reference !== null) kept.add(imageTag(context.installationId, reference));
      }
      const removed: string[] = [];
      const used = await listUsedImages(signal);
      for (const { ref, imageId } of await dependencies.pulledImages.list()) {
        if (
          kept.has(ref) ||
          kept.has(imageId) ||
          used.has(imageId) ||
          pool.progress(ref) !== null
        ) {
          continue;
        }
        const found = await store.inspect(ref, signal);
        // A tag that was put on something else since is not ours any more.
        const isOurs = found?.Id === imageId;
        if (isOurs && !(await store.remove(ref, signal))) continue;
        await dependencies.pulledImages.remove(ref);
        if (isOurs) removed.push(ref);
      }
      return removed;
    },

    close: () => pool.close(),
  };
}
