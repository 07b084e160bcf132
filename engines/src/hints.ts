/** Distributes what the parts of the engine learn about objects to everyone who watches them. */
import type { ContainerEnd, EngineChange } from './contract.ts';

/**
 * @param ended null: it was started. Omitted: nothing is known about its process.
 * @param isAttended the caller observes it last itself: only a hint that is still pending is corrected.
 */
type HintListener = (
  kind: EngineChange['kind'],
  id: number,
  ended?: ContainerEnd | null,
  isAttended?: boolean,
) => void;

/** Distributes hints from many sources to every listener. */
export interface HintHub {
  tell: HintListener;
  listen(listener: HintListener): () => void;
}

export function hintHubCreate(): HintHub {
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

/** A consumer that falls this far behind loses hints. It observes everything periodically anyway. */
const QUEUE_MAX_LENGTH = 100_000;

interface Queued {
  kind: EngineChange['kind'];
  id: number;
  ended: ContainerEnd | null;
}

/**
 * Implements `Engine.changes`: yields what is reported to the hub until `signal` aborts.
 * @param follow feeds the hub while somebody listens, and ends soon after its signal.
 */
export async function* hintsFollow(
  hub: HintHub,
  follow: (signal: AbortSignal) => Promise<void>,
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
  const following = follow(AbortSignal.any([signal, done.signal]));
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
