import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { Clock } from '../base/system.ts';

interface Window {
  count: number;
  endsAtMs: number;
}

/** The state of a key: how often it was counted, and how long that count remains valid. */
export interface RateCount {
  current: number;
  ttl: number;
}

type IncrementAnswer = Parameters<FastifyRateLimitStore['incr']>[1];

/** Counts each key in fixed windows, in this process's memory, by our clock. Forgets the oldest keys first. */
export class RateStore implements FastifyRateLimitStore {
  readonly #clock: Clock;
  readonly #maxKeys: number;
  readonly #windows = new Map<string, Window>();

  constructor(clock: Clock, maxKeys: number) {
    this.#clock = clock;
    this.#maxKeys = maxKeys;
  }

  incr(key: string, answer: IncrementAnswer, windowMs: number): void {
    const now = this.#clock.now().getTime();
    let window = this.#windows.get(key);
    if (window === undefined || window.endsAtMs <= now) {
      window = { count: 0, endsAtMs: now + windowMs };
      // Moves it to the end, so that it is forgotten last.
      this.#windows.delete(key);
      this.#windows.set(key, window);
      this.#forget();
    }
    window.count += 1;
    answer(null, { current: window.count, ttl: window.endsAtMs - now });
  }

  /** Counts nothing. */
  peek(key: string): RateCount {
    const now = this.#clock.now().getTime();
    const window = this.#windows.get(key);
    if (window === undefined || window.endsAtMs <= now) return { current: 0, ttl: 0 };
    return { current: window.count, ttl: window.endsAtMs - now };
  }

  child(): FastifyRateLimitStore {
    return new RateStore(this.#clock, this.#maxKeys);
  }

  #forget(): void {
    if (this.#windows.size <= this.#maxKeys) return;
    for (const oldest of this.#windows.keys()) {
      this.#windows.delete(oldest);
      return;
    }
  }
}

/** The class that @fastify/rate-limit instantiates. Each limiter created with it counts separately. */
export function rateStoreCreate(clock: Clock, maxKeys: number): FastifyRateLimitStoreCtor {
  return class extends RateStore {
    constructor() {
      super(clock, maxKeys);
    }
  };
}
