/** Hints that a container or a volume changed, from Docker's event stream and from pulls. */

import { setTimeout as delay } from 'node:timers/promises';
import type { ContainerEnd, EngineChange } from '../contract.ts';
import type { DockerApi } from './api.ts';
import type { Attended } from './attended.ts';
import { readLines } from './lines.ts';
import { LABELS, networkDockerName, parseVolumeName } from './names.ts';
import type { NameWaiters } from './name-waiters.ts';
import type { DockerContext } from './options.ts';

const RECONNECT_FIRST_MS = 100;
const RECONNECT_LAST_MS = 5000;
/** A consumer that falls this far behind loses hints: it looks at everything now and then anyway. */
const QUEUE_MAX_LENGTH = 100_000;

const EVENTS = {
  type: ['container', 'network', 'volume'],
  event: ['create', 'start', 'die', 'oom', 'pause', 'unpause', 'destroy', 'disconnect'],
};

/** What bringing a container up does to it. */
const BRING_UP_STEPS = new Set(['create', 'start']);

interface DockerEvent {
  Type: string;
  Action: string;
  Actor?: { ID?: string; Attributes?: Record<string, string> };
}

/**
 * @param ended null: it was started. Left out: nothing is said of its process.
 * @param isAttended who does it looks at it last: only a hint that still waits is corrected.
 */
type HintListener = (
  kind: EngineChange['kind'],
  id: number,
  ended?: ContainerEnd | null,
  isAttended?: boolean,
) => void;

/** What to hint at, told by many, read by each who listens. */
export interface HintHub {
  tell: HintListener;
  listen(listener: HintListener): () => void;
}

export function createHintHub(): HintHub {
  const listeners = new Set<HintListener>();
  return {
    tell(...hint) {
      for (const listener of listeners) listener(...hint);
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}

/**
 * Reads Docker's events for as long as someone listens, and tells the hub. A stream that ends is
 * opened again, ever more slowly while that fails.
 */
async function followEvents(
  context: DockerContext,
  api: DockerApi,
  hub: HintHub,
  nameWaiters: NameWaiters,
  attended: Attended,
  onGap: () => void,
  signal: AbortSignal,
): Promise<void> {
  const networkPrefix = networkDockerName(context.installationId, 0).slice(0, -1);
  /** Network events name containers by Docker's id alone. */
  const idByRef = new Map<string, number>();
  let waitMs = RECONNECT_FIRST_MS;
  let isAgain = false;

  function tellOf(event: DockerEvent): void {
    const attributes = event.Actor?.Attributes ?? {};
    if (event.Type === 'network') {
      const id = idByRef.get(attributes['container'] ?? '');
      if (id !== undefined && attributes['name']?.startsWith(networkPrefix)) {
        hub.tell('container', id);
      }
      return;
    }
    if (event.Type === 'volume') {
      const key = parseVolumeName(context.installationId, event.Actor?.ID ?? '');
      if (key !== null) hub.tell('volume', key.id);
      return;
    }
    if (attributes[LABELS.installation] !== context.installationId) return;
    const id = Number(attributes[LABELS.container]);
    if (!Number.isSafeInteger(id)) return;
    const ref = event.Actor?.ID ?? '';
    if (event.Action === 'destroy') idByRef.delete(ref);
    else idByRef.set(ref, id);
    const isAttended = BRING_UP_STEPS.has(event.Action) && attended.has(id);
    hub.tell('container', id, endOf(event), isAttended);
    if (event.Action === 'die' || event.Action === 'destroy') {
      for (const waiter of nameWaiters.take(id)) hub.tell('container', waiter);
    }
    if (event.Action === 'destroy') {
      // It has let go of them.
      for (const volume of attributes[LABELS.volumes]?.split(',') ?? []) {
        hub.tell('volume', Number(volume));
      }
    }
  }

  while (!signal.aborted) {
    try {
      const query = { filters: JSON.stringify(EVENTS) };
      const stream = await api.stream({ method: 'GET', path: '/events', query, signal });
      if (isAgain) onGap();
      // Only what the stream's own end tells is awaited; an abort destroys it.
      const stop = () => stream.destroy();
      signal.addEventListener('abort', stop, { once: true });
      try {
        for await (const line of readLines(stream)) {
          waitMs = RECONNECT_FIRST_MS;
          tellOf(JSON.parse(line) as DockerEvent);
        }
      } finally {
        signal.removeEventListener('abort', stop);
        stream.destroy();
      }
    } catch (error) {
      if (signal.aborted) return;
      if (waitMs === RECONNECT_FIRST_MS) {
        context.log.warn({ err: error }, 'the stream of Docker events broke and is opened again');
      }
    }
    isAgain = true;
    await delay(waitMs, undefined, { signal }).catch(() => undefined);
    waitMs = Math.min(2 * waitMs, RECONNECT_LAST_MS);
  }
}

/** What an event says of its container's process. */
function endOf({ Action, Actor }: DockerEvent): ContainerEnd | null | undefined {
  if (Action === 'start') return null;
  if (Action !== 'die') return undefined;
  const exitCode = Number(Actor?.Attributes?.['exitCode'] ?? Number.NaN);
  return { ref: Actor?.ID ?? '', exitCode: Number.isSafeInteger(exitCode) ? exitCode : null };
}

interface Queued {
  kind: EngineChange['kind'];
  id: number;
  ended: ContainerEnd | null;
}

/** Implements `Engine.changes`. */
export async function* watchChanges(
  context: DockerContext,
  api: DockerApi,
  hub: HintHub,
  nameWaiters: NameWaiters,
  attended: Attended,
  onGap: () => void,
  signal: AbortSignal,
): AsyncGenerator<EngineChange> {
  const done = new AbortController();
  const queued = new Map<string, Queued>();
  let wake = Promise.withResolvers<void>();
  const stopListening = hub.listen((kind, id, ended, isAttended = false) => {
    const key = `${kind} ${id}`;
    const last = ended === undefined ? (queued.get(key)?.ended ?? null) : ended;
    if (queued.has(key) || (!isAttended && queued.size < QUEUE_MAX_LENGTH))
      queued.set(key, { kind, id, ended: last });
    wake.resolve();
  });
  const onAbort = () => wake.resolve();
  signal.addEventListener('abort', onAbort, { once: true });
  const following = followEvents(
    context,
    api,
    hub,
    nameWaiters,
    attended,
    onGap,
    AbortSignal.any([signal, done.signal]),
  );
  try {
    while (!signal.aborted) {
      await wake.promise;
      wake = Promise.withResolvers();
      for (const [key, { kind, id, ended }] of queued) {
        queued.delete(key);
        yield { kind, id, ...(ended !== null && { ended }) };
        if (signal.aborted) return;
      }
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    stopListening();
    done.abort();
    await following;
  }
}
