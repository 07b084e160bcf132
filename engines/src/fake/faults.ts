/** Scripted faults and delays of the fake engine's verbs. */
import { EngineError, VERB_DEADLINE_MS } from '../contract.ts';
import type { FakeClock } from './clock.ts';

export type FakeVerb =
  | 'start'
  | 'ping'
  | 'probeIsolation'
  | 'capacity'
  | 'tenants.ensure'
  | 'tenants.remove'
  | 'tenants.list'
  | 'images.ensure'
  | 'images.observe'
  | 'images.collect'
  | 'containers.apply'
  | 'containers.observe'
  | 'containers.stop'
  | 'containers.remove'
  | 'containers.list'
  | 'containers.logs'
  | 'volumes.apply'
  | 'volumes.observe'
  | 'volumes.remove'
  | 'volumes.list'
  | 'volumes.usedBytes'
  | 'volumes.exportTar'
  | 'volumes.importTar';

/** Milliseconds, or from and to of a uniform choice. */
type FakeDelay = number | readonly [fromMs: number, toMs: number];

interface Fault {
  verb: FakeVerb | '*';
  /** How many calls it strikes; default 1. */
  times?: number;
  /** With what probability it strikes a call; default 1. */
  chance?: number;
  /** Only calls about this: the id of a container, tenant or volume, an image's reference, the ref of a container or volume. */
  subject?: number | string;
  /** Until the effect. Past the verb's deadline the caller is told so and the effect still comes; `Infinity`: never. */
  delayMs?: FakeDelay;
  /** Between the effect and the reply: what the caller is told is then this old. */
  replyDelayMs?: FakeDelay;
  /** What the call throws. */
  error?: EngineError;
  /**
   * When it is thrown: `before` any effect (default), `after` it happened, or `halfway` (only
   * `containers.apply` that creates: the object is made and its process not started).
   */
  when?: 'before' | 'halfway' | 'after';
}

/** What strikes one call. */
interface Strike {
  delayMs: number;
  replyDelayMs: number;
  error: EngineError | null;
  when: 'before' | 'halfway' | 'after';
}

export interface Faults {
  /** Adds a fault. Returns what takes it away again. */
  add(fault: Fault): () => void;
  clear(): void;
  /** Does `effect` as the faults have it. `halfway` throws if the call is to fail there. */
  run<T>(
    verb: FakeVerb,
    subject: number | string | null,
    effect: (halfway: () => void) => T,
  ): Promise<T>;
}

function deadlineError(verb: FakeVerb): EngineError {
  return new EngineError('retryable', 'timeout', `The engine did not answer in time (${verb}).`);
}

/** @param random uniform in [0, 1). */
export function createFaults(clock: FakeClock, random: () => number): Faults {
  let faults: { fault: Fault; left: number }[] = [];

  function drawMs(delay: FakeDelay = 0): number {
    return typeof delay === 'number' ? delay : delay[0] + random() * (delay[1] - delay[0]);
  }

  function strike(verb: FakeVerb, subject: number | string | null): Strike {
    const result: Strike = { delayMs: 0, replyDelayMs: 0, error: null, when: 'before' };
    for (const entry of faults) {
      const { fault } = entry;
      if (fault.verb !== '*' && fault.verb !== verb) continue;
      if (fault.subject !== undefined && fault.subject !== subject) continue;
      if (fault.chance !== undefined && random() >= fault.chance) continue;
      entry.left -= 1;
      result.delayMs += drawMs(fault.delayMs);
      result.replyDelayMs += drawMs(fault.replyDelayMs);
      if (fault.error !== undefined && result.error === null) {
        result.error = fault.error;
        result.when = fault.when ?? 'before';
      }
    }
    faults = faults.filter((entry) => entry.left > 0);
    return result;
  }

  function sleep(ms: number): Promise<void> {
    if (ms === Infinity) return new Promise(() => {});
    return new Promise((resolve) => void clock.schedule(ms, resolve));
  }

  async function struck<T>(
    { delayMs, replyDelayMs, error, when }: Strike,
    effect: (halfway: () => void) => T,
  ): Promise<T> {
    if (delayMs > 0) await sleep(delayMs);
    if (error !== null && when === 'before') throw error;
    const result = effect(() => {
      if (error !== null && when === 'halfway') throw error;
    });
    if (replyDelayMs > 0) await sleep(replyDelayMs);
    if (error !== null && when === 'after') throw error;
    return result;
  }

  return {
    add(fault) {
      const entry = { fault, left: fault.times ?? 1 };
      faults.push(entry);
      return () => {
        faults = faults.filter((each) => each !== entry);
      };
    },
    clear() {
      faults = [];
    },
    async run(verb, subject, effect) {
      const hit = strike(verb, subject);
      if (hit.delayMs + hit.replyDelayMs === 0) return struck(hit, effect);
      const work = struck(hit, effect);
      let cancel = () => {};
      const deadline = new Promise<never>((_, reject) => {
        cancel = clock.schedule(VERB_DEADLINE_MS, () => reject(deadlineError(verb)));
      });
      return Promise.race([work, deadline]).finally(cancel);
    },
  };
}
