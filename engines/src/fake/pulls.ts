/** The pulls of one fake engine handle: at most two at a time for each tenant; the others wait. */
import type { ImageFailure, ImageRequest, ImageState } from '../contract.ts';
import { referenceIsFixed } from './image.ts';
import type { FakeImage } from './image.ts';
import { imageHold } from './world.ts';
import type { FakeWorld } from './world.ts';

const PULLS_PER_TENANT = 2;

interface Failure {
  reason: ImageFailure;
  message: string;
  isUnreachable?: true;
}

interface Pull {
  reference: string;
  tenantId: number;
  /** Ids of containers to notify when it ends. */
  containerIds: Set<number>;
  startedAtMs: number | null;
  endedAtMs: number | null;
  failure: Failure | null;
  cancel: () => void;
}

export interface Pulls {
  ensure(request: ImageRequest): ImageState;
  observe(request: ImageRequest): ImageState;
  /** Releases everything that a container waits for except these references. A pull that nobody waits for ends. */
  release(containerId: number, except: readonly string[]): void;
  /** Ends the pulls in progress, without a result. */
  close(): void;
}

/** @param ended receives the ids of containers that waited for a pull. */
export function pullsCreate(
  world: FakeWorld,
  installationId: string,
  ended: (containerId: number) => void,
): Pulls {
  const { clock } = world;
  const pulls = new Map<string, Pull>();

  function key({ ref, tenantId }: ImageRequest): string {
    return `${tenantId} ${ref}`;
  }

  function finish(pull: Pull, failure: Failure | null): void {
    pull.endedAtMs = clock.now().getTime();
    pull.failure = failure;
    for (const id of pull.containerIds) ended(id);
    pull.containerIds.clear();
    startWaiting(pull.tenantId);
  }

  function end(pull: Pull, image: FakeImage | null): void {
    if (image === null) {
      const message = 'The registry has no such image (HTTP 404).';
      return finish(pull, { reason: 'image_not_found', message });
    }
    if (image.failure !== undefined) return finish(pull, image.failure);
    imageHold(world, pull.reference, image, installationId);
    return finish(pull, null);
  }

  function begin(pull: Pull): void {
    pull.startedAtMs = clock.now().getTime();
    const image = world.published(pull.reference);
    const pullMs = image?.pullMs ?? 0;
    function schedule(): void {
      if (pullMs === Infinity || pull.endedAtMs !== null) return;
      pull.cancel = clock.schedule(pullMs, () => end(pull, image));
    }
    if (image?.pullHold === undefined) schedule();
    else void image.pullHold.then(schedule);
  }

  function startWaiting(tenantId: number): void {
    let free = PULLS_PER_TENANT;
    const waiting: Pull[] = [];
    for (const pull of pulls.values()) {
      if (pull.tenantId !== tenantId || pull.endedAtMs !== null) continue;
      if (pull.startedAtMs === null) waiting.push(pull);
      else free -= 1;
    }
    for (const pull of waiting.slice(0, Math.max(0, free))) begin(pull);
  }

  function held(reference: string): ImageState {
    const imageId = world.references.get(reference)?.imageId;
    if (imageId === undefined) return { state: 'absent' };
    const { exposedPorts = [], volumePaths = [] } = world.images.get(imageId) ?? {};
    const lists = { exposedPorts: [...exposedPorts], volumePaths: [...volumePaths] };
    return { state: 'present', imageId, ...lists };
  }

  function release(containerId: number, except: readonly string[]): void {
    for (const [pullKey, pull] of pulls) {
      if (pull.endedAtMs !== null || except.includes(pull.reference)) continue;
      if (!pull.containerIds.delete(containerId) || pull.containerIds.size > 0) continue;
      pull.cancel();
      pull.endedAtMs = 0;
      pulls.delete(pullKey);
      startWaiting(pull.tenantId);
    }
  }

  function lastProgress(reference: string, startedAtMs: number): Date | null {
    const progressMs = world.published(reference)?.progressMs ?? Infinity;
    const pastMs = clock.now().getTime() - startedAtMs;
    return pastMs < progressMs ? null : new Date(startedAtMs + pastMs - (pastMs % progressMs));
  }

  function observe(request: ImageRequest): ImageState {
    release(request.containerId, request.wanted ?? [request.ref]);
    const present = held(request.ref);
    const isUsedAsItIs = request.pullPolicy !== 'always' && referenceIsFixed(request.ref);
    if (present.state === 'present' && isUsedAsItIs) return present;
    const pull = pulls.get(key(request));
    if (pull === undefined) return { state: 'absent' };
    if (pull.endedAtMs === null) {
      if (pull.startedAtMs === null) return { state: 'queued' };
      const startedAt = new Date(pull.startedAtMs);
      const progressAt = lastProgress(pull.reference, pull.startedAtMs);
      return { state: 'pulling', startedAt, ...(progressAt !== null && { progressAt }) };
    }
    if (pull.endedAtMs < request.since.getTime()) return { state: 'absent' };
    if (pull.failure === null) return present;
    return { state: 'failed', ...pull.failure, failedAt: new Date(pull.endedAtMs) };
  }

  function lose(): void {
    for (const pull of pulls.values()) {
      if (pull.startedAtMs === null || pull.endedAtMs !== null) continue;
      pull.cancel();
      finish(pull, { reason: 'image_pull_error', message: 'The pull was interrupted.' });
    }
  }
  world.onStop.add(lose);

  return {
    observe,
    release,
    ensure(request) {
      const state = observe(request);
      if (state.state === 'queued' || state.state === 'pulling') {
        pulls.get(key(request))?.containerIds.add(request.containerId);
      }
      if (state.state !== 'absent') return state;
      pulls.delete(key(request));
      pulls.set(key(request), {
        reference: request.ref,
        tenantId: request.tenantId,
        containerIds: new Set([request.containerId]),
        startedAtMs: null,
        endedAtMs: null,
        failure: null,
        cancel: () => {},
      });
      startWaiting(request.tenantId);
      return observe(request);
    },
    close() {
      world.onStop.delete(lose);
      for (const pull of pulls.values()) {
        pull.cancel();
        pull.endedAtMs ??= 0;
      }
      pulls.clear();
    },
  };
}
