/** Scripted faults and delays of the fake engine's verbs. */
import { ENGINE_TIMEOUT, EngineError, VERB_DEADLINE_MS } from '../contract.ts';
import type { FakeClock } from './clock.ts';

export type FakeVerb =
  | 'start'
  | 'ping'
  | 'probeIsolation'
  | 'capacity'
  | 'access.logs'
  | 'access.lines'
  | 'access.follow'
  | 'access.usage'
  | 'credentials.issue'
  | 'credentials.revoke'
  | 'credentials.list'
  | 'workloads.list'
  | 'tenants.ensure'
  | 'tenants.remove'
  | 'tenants.list'
  | 'images.ensure'
  | 'images.observe'
  | 'images.collect'
  | 'containers.apply'
  | 'containers.observe'
  | 'containers.end'
  | 'containers.kill'
  | 'containers.list'
  | 'volumes.storage'
  | 'volumes.apply'
  | 'volumes.observe'
  | 'volumes.remove'
  | 'volumes.list'
  | 'volumes.tidy'
  | 'volumes.usedBytes'
  | 'volumes.exportTar'
  | 'volumes.importTar';

/** Milliseconds, or the bounds of a uniformly random choice. */
type FakeDelay = number | readonly [fromMs: number, toMs: number];

interface Fault {
  verb: FakeVerb | '*';
  /** The number of calls that it affects; default 1. */
  times?: number;
  /** The probability that it affects a call; default 1. */
  chance?: number;
  /**
   * Only calls about this subject: the id of a container, tenant or volume, an image's reference, or the ref of a
   * container or volume.
   */
  subject?: number | string;
  /**
   * Delay before the effect. If it exceeds the verb's deadline, the caller gets a timeout and the effect still happens
   * later; `Infinity`: never.
   */
  delayMs?: FakeDelay;
  /** Delay between the effect and the reply. What the caller receives is this old. */
  replyDelayMs?: FakeDelay;
  /** The error that the call throws. */
  error?: EngineError;
  /**
   * When it is thrown: `before` any effect (default), `after` it happened, or `halfway` (only for a `containers.apply`
   * that creates: the object is created but its process is not started).
   */
  when?: 'before' | 'halfway' | 'after';
}

/** The faults that affect one call. */
interface Strike {
  delayMs: number;
  replyDelayMs: number;
  error: EngineError | null;
  when: 'before' | 'halfway' | 'after';
}

export interface Faults {
  /** Adds a fault. Returns a function that removes it. */
  add(fault: Fault): () => void;
  clear(): void;
  /** Runs `effect` subject to the faults. `halfway` throws if the call is to fail at that point. */
  run<T>(
    verb: FakeVerb,
    subject: number | string | null,
    effect: (halfway: () => void) => T,
  ): Promise<T>;
}

function deadlineError(verb: FakeVerb): EngineError {
  return new EngineError(
    'retryable',
    ENGINE_TIMEOUT,
    `The engine did not answer in time (${verb}).`,
  );
}

/** @param random uniform in [0, 1). */
export function faultsCreate(clock: FakeClock, random: () => number): Faults {
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
