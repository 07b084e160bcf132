/** The image verbs. */
import type Docker from 'dockerode';
import type { ImageRequest, ImageState } from '../../contract.ts';
import {
  canonicalReference,
  isPinnedReference,
  imageReferenceParse,
} from '../../registry/image-reference.ts';
import type { ImageReference } from '../../registry/image-reference.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { HintHub } from '../../hints.ts';
import { imageTag } from './image-store.ts';
import type { DockerImage, ImageStore } from './image-store.ts';
import {
  exposedPortsRead,
  imageSettingsCheck,
  volumePathsRead,
} from '../../registry/image-config.ts';
import type { DockerContext, PulledImage } from '../base/options.ts';
import { imagePull } from './pull.ts';
import type { PullDependencies, PullOrder } from './pull.ts';
import { PullError } from '../../registry/pull-error.ts';
import { pullDeadlineCreate } from '../../registry/pull-deadline.ts';
import type { PullDeadline } from '../../registry/pull-deadline.ts';
import { pullPoolCreate } from '../../registry/pull-pool.ts';

/** How many outcomes of pulls are remembered. If one is forgotten, the image is pulled again on the next request. */
const OUTCOMES_MAX = 10_000;

export interface Images {
  ensure(request: ImageRequest, signal: AbortSignal): Promise<ImageState>;
  observe(request: ImageRequest, signal: AbortSignal): Promise<ImageState>;
  abandon(containerId: number): void;
  collect(keep: () => Promise<ReadonlySet<string>>, signal: AbortSignal): Promise<string[]>;
  close(): Promise<void>;
}

function keyText(tenantId: number, ref: string): string {
  return `${tenantId} ${ref}`;
}

/** `order`: what a failed pull was made with. */
type Outcome = { endedAt: Date } & ({ imageId: string } | { error: PullError; order: PullOrder });

/**
 * @param now when it was inspected, used if it is refused.
 * @param outcome of its last pull here.
 */
function presentImage(image: DockerImage, now: Date, outcome?: Outcome): ImageState {
  try {
    // Images that others have pulled or built are checked too.
    imageSettingsCheck(image.Config);
  } catch (error) {
    if (error instanceof PullError) return failedImage(error, now);
    throw error;
  }
  const exposedPorts = exposedPortsRead(image.Config?.ExposedPorts ?? {});
  const volumePaths = volumePathsRead(image.Config?.Volumes ?? {});
  const isOfPull = outcome !== undefined && 'imageId' in outcome && outcome.imageId === image.Id;
  return {
    ...{ state: 'present', imageId: image.Id, exposedPorts, volumePaths },
    ...(isOfPull && { pulledAt: outcome.endedAt }),
  };
}

function failedImage(error: PullError, failedAt: Date): ImageState {
  return {
    ...{ state: 'failed', reason: error.reason, message: error.message, failedAt },
    ...(error.isUnreachable && { isUnreachable: true }),
  };
}

/**
 * @param pullTimeoutMs counted from when a pull gets its place in the pool, and again from each MiB received.
 * @param hub notified of the containers that wait for a pull when it ends.
 */
export function dockerImagesCreate(
  context: DockerContext,
  api: DockerApi,
  store: ImageStore,
  dependencies: PullDependencies,
  hub: HintHub,
  pullTimeoutMs: number,
): Images {
  const { log, now } = context;
  const pool = pullPoolCreate(now, (containerId) => hub.tell('container', containerId));
  /** By tenant and reference. */
  const outcomes = new Map<string, Outcome>();
  /** Deadlines of the running pulls. Keys are those of the outcomes. */
  const deadlines = new Map<string, PullDeadline>();

  function recordOutcome(key: string, outcome: Outcome): void {
    outcomes.delete(key);
    outcomes.set(key, outcome);
    const [oldest] = outcomes.keys();
    if (outcomes.size > OUTCOMES_MAX && oldest !== undefined) outcomes.delete(oldest);
  }

  function asPullError(error: unknown, isLate: boolean): PullError {
    if (isLate) {
      const message = `The pull made no progress for ${pullTimeoutMs / 1000} s, or took longer than an hour.`;
      return new PullError('image_pull_error', message, { cause: error });
    }
    if (error instanceof PullError) return error;
    return new PullError('image_pull_error', 'The image could not be pulled now.', {
      cause: error,
    });
  }

  /** Whether the tenant has another credential for an image than a pull of it used. */
  async function isOutdated({ tenantId, reference, credential }: PullOrder): Promise<boolean> {
    const current = await dependencies.credentialOf(tenantId, reference).catch(() => credential);
    return (current?.id ?? null) !== (credential?.id ?? null);
  }

  async function runPull(
    tenantId: number,
    reference: ImageReference,
    abandoned: AbortSignal,
  ): Promise<void> {
    const ref = canonicalReference(reference);
    const key = keyText(tenantId, ref);
    let order: PullOrder = { reference, tenantId, credential: null };
    const deadline = pullDeadlineCreate(pullTimeoutMs, now);
    deadlines.set(key, deadline);
    try {
      order = { ...order, credential: await dependencies.credentialOf(tenantId, reference) };
      const imageId = await imagePull(
        order,
        dependencies,
        AbortSignal.any([deadline.signal, abandoned]),
        deadline.received,
      );
      recordOutcome(key, { endedAt: now(), imageId });
    } catch (error) {
      // Not a failure of the image: no container wants it any more, or this process is ending.
      if (abandoned.aborted) return;
      // A credential that arrived during the pull counts at once: without an outcome, the image is pulled again.
      if (await isOutdated(order)) return;
      const failure = asPullError(error, deadline.signal.aborted);
      log.info(
        { image: ref, tenant: tenantId, reason: failure.reason, err: failure },
        'a pull failed',
      );
      recordOutcome(key, { endedAt: now(), error: failure, order });
    } finally {
      deadline.close();
      if (deadlines.get(key) === deadline) deadlines.delete(key);
    }
  }

  function pullProgress(tenantId: number, ref: string): ImageState | null {
    const progress = pool.progress({ tenantId, ref });
    const progressAt = deadlines.get(keyText(tenantId, ref))?.progressAt() ?? null;
    if (progress?.state !== 'pulling' || progressAt === null) return progress;
    return { ...progress, progressAt };
  }

  /** An image on the engine that this tenant may use under this reference, without asking its registry. */
  async function findUsable(
    tenantId: number,
    reference: ImageReference,
    signal: AbortSignal,
  ): Promise<DockerImage | undefined> {
    const ref = canonicalReference(reference);
    const { isLocalImageAllowed } = context;
    if (isLocalImageAllowed === undefined || (await isLocalImageAllowed(ref))) {
      const found = await store.find(reference, signal);
      if (found !== undefined) return found;
    }
    // By its id: since then, another tenant's pull may have moved the engine's tag to another image.
    const tag = imageTag(context.installationId, reference);
    const imageId = await dependencies.imageRights.find(tenantId, tag);
    return imageId === null ? undefined : store.inspect(imageId, signal);
  }

  async function observeParsed(
    reference: ImageReference,
    { tenantId, since, pullPolicy = 'if_not_present' }: ImageRequest,
    signal: AbortSignal,
  ): Promise<ImageState> {
    const ref = canonicalReference(reference);
    const key = keyText(tenantId, ref);
    if (pullPolicy !== 'always' && isPinnedReference(reference)) {
      const found = await findUsable(tenantId, reference, signal);
      if (found !== undefined) return presentImage(found, now(), outcomes.get(key));
    }
    const progress = pullProgress(tenantId, ref);
    if (progress !== null) return progress;
    // Not before: a pull that ended since has recorded its outcome by now.
    const outcome = outcomes.get(key);
    if (outcome === undefined || outcome.endedAt < since) return { state: 'absent' };
    if ('error' in outcome) {
      // A credential may have been committed after the pull that failed had looked for it.
      if (await isOutdated(outcome.order)) return { state: 'absent' };
      return failedImage(outcome.error, outcome.endedAt);
    }
    const pulled = await store.inspect(outcome.imageId, signal);
    return pulled === undefined ? { state: 'absent' } : presentImage(pulled, now(), outcome);
  }

  function othersRelease({ ref, wanted = [ref], containerId }: ImageRequest): void {
    const references = wanted.flatMap((each) => imageReferenceParse(each) ?? []);
    pool.release(containerId, new Set(references.map(canonicalReference)));
  }

  async function observe(request: ImageRequest, signal: AbortSignal): Promise<ImageState> {
    othersRelease(request);
    const reference = imageReferenceParse(request.ref);
    if (reference !== null) return observeParsed(reference, request, signal);
    const message = `"${request.ref}" is not an image reference.`;
    return failedImage(new PullError('image_rejected', message), now());
  }

  /** Images that any container on the machine was created from, ours or not. */
  async function listUsedImages(signal: AbortSignal): Promise<Set<string>> {
    const containers = await api.call<Docker.ContainerInfo[]>({
      method: 'GET',
      path: '/containers/json',
      query: { all: '1' },
      signal,
    });
    return new Set(containers.map((container) => container.ImageID));
  }

  /** The engine's tags of the references among these. */
  function tagsOf(references: Iterable<string>): Set<string> {
    const parsed = [...references].flatMap((ref) => imageReferenceParse(ref) ?? []);
    return new Set(parsed.map((reference) => imageTag(context.installationId, reference)));
  }

  /**
   * Whether an image has been pulled since its record was read, or is being pulled: something that was created meanwhile
   * wants it.
   * @param tags that a pull may be about to give it, or has given it.
   */
  async function isPulledSince(
    { ref, imageId, pulledAt }: PulledImage,
    tags: readonly string[],
  ): Promise<boolean> {
    const recorded = await dependencies.pulledImages.list();
    const current = recorded.find((entry) => entry.ref === ref && entry.imageId === imageId);
    const pulling = tagsOf(pool.references());
    return (
      current?.pulledAt.getTime() !== pulledAt.getTime() || tags.some((tag) => pulling.has(tag))
    );
  }

  return {
    observe,

    async ensure(request, signal) {
      const state = await observe(request, signal);
      const reference = imageReferenceParse(request.ref);
      const isPending = state.state === 'queued' || state.state === 'pulling';
      if (reference === null || !(state.state === 'absent' || isPending)) return state;
      const ref = canonicalReference(reference);
      const { tenantId, containerId } = request;
      const run = (abandoned: AbortSignal) => runPull(tenantId, reference, abandoned);
      return pool.request({ ref, tenantId, containerId, run });
    },

    abandon: (containerId) => pool.release(containerId, new Set()),

    async collect(keep, signal) {
      const startedAt = now();
      const pulled = await dependencies.pulledImages.list();
      const kept = new Set(await keep());
      for (const tag of tagsOf(kept)) kept.add(tag);
      const used = await listUsedImages(signal);
      const removed: string[] = [];
      for (const entry of pulled) {
        const { ref, imageId } = entry;
        if (kept.has(ref) || kept.has(imageId) || used.has(imageId)) continue;
        const found = await store.inspect(ref, signal);
        // A tag that has since been moved to another image is no longer ours.
        const isOurs = found?.Id === imageId;
        // By its id, an image is removed with its tags.
        const tags = isOurs && ref === imageId ? found.RepoTags : [ref];
        if (tags.some((tag) => kept.has(tag)) || (await isPulledSince(entry, tags))) continue;
        if (isOurs && !(await store.remove(ref, signal))) continue;
        await dependencies.imageRights.remove(ref);
        await dependencies.pulledImages.remove(ref);
        if (isOurs) removed.push(ref);
      }
      await dependencies.imageRights.retain([...(await store.listIds(signal))], startedAt);
      await dependencies.shelf.sweep();
      return removed;
    },

    close: () => pool.close(),
  };
}
