/** Delivers the fake engine's change hints to their readers, or loses them. */
import type { EngineChange } from '../contract.ts';
import type { FakeClock } from './clock.ts';

interface HintScript {
  /** Probability that a hint is lost. 1: no events arrive at all. */
  loseChance: number;
  /** Probability that a hint is delivered twice. */
  doubleChance: number;
  delayMs: number;
}

type Listener = (change: EngineChange) => void;

export interface HintBus {
  /** Takes effect for subsequent hints. */
  script(script: Partial<HintScript>): void;
  /** @param group who receives it: an installation's id, or a key that belongs to one engine handle. */
  emit(group: unknown, change: EngineChange): void;
  listen(group: unknown, listener: Listener): () => void;
}

export function hintBusCreate(clock: FakeClock, random: () => number): HintBus {
  const script: HintScript = { loseChance: 0, doubleChance: 0, delayMs: 0 };
  const groups = new Map<unknown, Set<Listener>>();
  function deliver(group: unknown, change: EngineChange): void {
    for (const listener of groups.get(group) ?? []) listener(change);
  }
  return {
    script(changes) {
      Object.assign(script, changes);
    },
    emit(group, change) {
      if (script.loseChance > 0 && random() < script.loseChance) return;
      const copies = script.doubleChance > 0 && random() < script.doubleChance ? 2 : 1;
      for (let copy = 0; copy < copies; copy += 1) {
        if (script.delayMs === 0) deliver(group, change);
        else clock.schedule(script.delayMs, () => deliver(group, change));
      }
    },
    listen(group, listener) {
      const listeners = groups.get(group) ?? new Set();
      groups.set(group, listeners.add(listener));
      return () => {
        listeners.delete(listener);
        if (listeners.size === 0) groups.delete(group);
      };
    },
  };
}

/** The hints that `listen` yields from this call on, until `signal` aborts. */
export function hintStream(
  listen: (listener: Listener) => () => void,
  signal: AbortSignal,
): AsyncIterable<EngineChange> {
  const waiting: EngineChange[] = [];
  let wake = () => {};
  const unlisten = listen((change) => {
    waiting.push(change);
    wake();
  });
  function end(): void {
    unlisten();
    wake();
  }
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return {
    async *[Symbol.asyncIterator]() {
      try {
        while (!signal.aborted) {
          const change = waiting.shift();
          if (change !== undefined) yield change;
          else await new Promise<void>((resolve) => (wake = resolve));
        }
      } finally {
        signal.removeEventListener('abort', end);
        unlisten();
      }
    },
  };
}
