/** The image verbs. */
import type { ImageRequest, ImageState } from '../../contract.ts';
import type { HintHub } from '../../hints.ts';
import {
  canonicalReference,
  imageReferenceParse,
  isPinnedReference,
} from '../../registry/image-reference.ts';
import type { ImageReference } from '../../registry/image-reference.ts';
import { pullDeadlineCreate } from '../../registry/pull-deadline.ts';
import { PullError } from '../../registry/pull-error.ts';
import { pullPoolCreate } from '../../registry/pull-pool.ts';
import type { KubernetesContext } from '../base/options.ts';
import type { ImageStore, KnownImage } from './image-store.ts';

/** How many failures of pulls are remembered. If one is forgotten, the image is pulled again on the next request. */
const FAILURES_MAX = 10_000;

export interface Images {
  ensure(request: ImageRequest, signal: AbortSignal): Promise<ImageState>;
  observe(request: ImageRequest, signal: AbortSignal): Promise<ImageState>;
  abandon(containerId: number): void;
  collect(keep: () => Promise<ReadonlySet<string>>, signal: AbortSignal): Promise<string[]>;
  close(): Promise<void>;
}

export interface ImagePulls {
  store: ImageStore;
  /** Has a node pull the image. @throws PullError */
  pull(tenantId: number, reference: ImageReference, signal: AbortSignal): Promise<KnownImage>;
  /** The images that Deployments of this installation have. */
  usedIds(signal: AbortSignal): Promise<ReadonlySet<string>>;
  pullTimeoutMs: number;
}

interface Failure {
  failedAt: Date;
  error: PullError;
}

function presentImage(image: KnownImage): ImageState {
  const { imageId, exposedPorts, volumePaths, pulledAt } = image;
  return { state: 'present', imageId, exposedPorts, volumePaths, pulledAt };
}

function failedImage({ error, failedAt }: Failure): ImageState {
  const { reason, message, isUnreachable } = error;
  return {
    ...{ state: 'failed', reason, message, failedAt },
    ...(isUnreachable && { isUnreachable }),
  };
}

export function imagesCreate(
  { log, now }: KubernetesContext,
  { store, pull, usedIds, pullTimeoutMs }: ImagePulls,
  hub: HintHub,
): Images {
  const pool = pullPoolCreate(now, (containerId) => hub.tell('container', containerId));
  /** By tenant and reference. */
  const failures = new Map<string, Failure>();
  const keyOf = (tenantId: number, ref: string) => `${tenantId} ${ref}`;

  function recordFailure(key: string, failure: Failure): void {
    failures.delete(key);
    failures.set(key, failure);
    const [oldest] = failures.keys();
    if (failures.size > FAILURES_MAX && oldest !== undefined) failures.delete(oldest);
  }

  async function runPull(tenantId: number, reference: ImageReference, abandoned: AbortSignal) {
    const ref = canonicalReference(reference);
    const deadline = pullDeadlineCreate(pullTimeoutMs, now);
    const signal = AbortSignal.any([deadline.signal, abandoned]);
    try {
      await store.put(await pull(tenantId, reference, signal), signal);
      failures.delete(keyOf(tenantId, ref));
    } catch (error) {
      if (abandoned.aborted) return;
      const late = `The pull made no progress for ${pullTimeoutMs / 1000} s.`;
      const sentence = deadline.signal.aborted ? late : 'The image could not be pulled now.';
      const failure =
        error instanceof PullError && !deadline.signal.aborted
          ? error
          : new PullError('image_pull_error', sentence, { cause: error });
      log.info(
        { image: ref, tenant: tenantId, reason: failure.reason, err: failure },
        'a pull failed',
      );
      recordFailure(keyOf(tenantId, ref), { failedAt: now(), error: failure });
    } finally {
      deadline.close();
    }
  }

  function othersRelease({ ref, wanted = [ref], containerId }: ImageRequest): void {
    const references = wanted.flatMap((each) => imageReferenceParse(each) ?? []);
    pool.release(containerId, new Set(references.map(canonicalReference)));
  }

  async function observe(request: ImageRequest, signal: AbortSignal): Promise<ImageState> {
    const { tenantId, since, pullPolicy = 'if_not_present' } = request;
    othersRelease(request);
    const reference = imageReferenceParse(request.ref);
    if (reference === null) {
      const message = `"${request.ref}" is not an image reference.`;
      return failedImage({ error: new PullError('image_rejected', message), failedAt: now() });
    }
    const ref = canonicalReference(reference);
    const progress = pool.progress({ tenantId, ref });
    const isReused = pullPolicy !== 'always' && isPinnedReference(reference);
    if (progress !== null && !isReused) return progress;
    // After the pool was asked: what has ended since is recorded by now.
    const known = await store.find(tenantId, ref, signal);
    if (known !== undefined && (isReused || known.pulledAt >= since)) return presentImage(known);
    if (progress !== null) return progress;
    const failure = failures.get(keyOf(tenantId, ref));
    return failure === undefined || failure.failedAt < since
      ? { state: 'absent' }
      : failedImage(failure);
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
      const images = await store.list(signal);
      const kept = new Set(await keep());
      for (const ref of [...kept]) {
        const reference = imageReferenceParse(ref);
        if (reference !== null) kept.add(canonicalReference(reference));
      }
      const used = await usedIds(signal);
      const removed = new Set<string>();
      for (const image of images) {
        const { tenantId, ref, imageId, pulledAt } = image;
        if (kept.has(ref) || kept.has(imageId) || used.has(imageId)) continue;
        const current = await store.find(tenantId, ref, signal);
        // Something that was created since then wants it.
        if (current?.pulledAt.getTime() !== pulledAt.getTime() || pool.references().has(ref)) {
          continue;
        }
        await store.remove(image, signal);
        removed.add(ref);
      }
      return [...removed];
    },

    close: () => pool.close(),
  };
}
