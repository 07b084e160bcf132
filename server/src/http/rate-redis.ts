import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { Redis } from 'ioredis';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import type { Logger } from 'pino';
import type { Metrics } from '../base/metrics.ts';
import type { Clock } from '../base/system.ts';
import { type RateCount, RateStore } from './rate-store.ts';

const COUNT_TIMEOUT_MS = 250;
const CONNECT_TIMEOUT_MS = 1000;
/** After this long, a command that nobody waits for any more is forgotten. */
const COMMAND_TIMEOUT_MS = 10_000;
const RECONNECT_MAX_MS = 5000;
/** After a failed command, Redis is not asked for this long, so that requests don't wait for one that hangs. */
const AWAY_MS = 1000;

/** Counts one request of a key in a fixed window. @returns the count, and the milliseconds left of the window. */
const INCREMENT = `
  local count = redis.call('INCR', KEYS[1])
  local left = redis.call('PTTL', KEYS[1])
  if left < 0 then
    redis.call('PEXPIRE', KEYS[1], ARGV[1])
    left = tonumber(ARGV[1])
  end
  return {count, left}
`;

type IncrementCall = Parameters<FastifyRateLimitStore['incr']>;

/** Requests counted across all processes that use the same Redis. */
export interface SharedRates {
  /** The class that @fastify/rate-limit instantiates. */
  store: FastifyRateLimitStoreCtor;
  close(): void;
}

interface SharedRateOptions {
  url: string;
  /** Separates installations that share a Redis server: their tokens have the same numbers. */
  namespace: string;
  clock: Clock;
  /** How many keys this process counts at most while Redis is unavailable. */
  maxKeys: number;
  log: Logger;
  metrics: Metrics;
  /** How long Redis is waited for, instead of a second for a connection and a quarter of one for a count. */
  patienceMs?: number | undefined;
}

/**
 * Opens a connection for counting requests across processes, and waits for it, so that the first request is counted
 * there, too: for a second at most. While Redis is unavailable, each process counts the requests that it receives, so
 * that the limits hold for each process.
 */
export async function sharedRatesOpen(options: SharedRateOptions): Promise<SharedRates> {
  const { url, namespace, clock, maxKeys, log, metrics } = options;
  const { patienceMs } = options;
  const [connectMs, countMs] = [patienceMs ?? CONNECT_TIMEOUT_MS, patienceMs ?? COUNT_TIMEOUT_MS];
  // Most installations have no Redis.
  const { Redis: Client } = await import('ioredis');
  const redis = new Client(url, {
    lazyConnect: true,
    enableOfflineQueue: false,
    commandTimeout: Math.max(COMMAND_TIMEOUT_MS, countMs),
    connectTimeout: connectMs,
    retryStrategy: (times) => Math.min(times * 100, RECONNECT_MAX_MS),
  });
  const away = awayWatch(redis, log, metrics);
  await inTime(redis.connect(), connectMs).catch((error: unknown) => away.begin(error));
  const local = new RateStore(clock, maxKeys);

  async function countShared(key: string, windowMs: number): Promise<RateCount | null> {
    if (away.isNow()) return null;
    try {
      const counted = redis.eval(INCREMENT, 1, `${namespace} ${key}`, windowMs);
      const reply = await inTime(counted, countMs);
      away.end();
      const [current, ttl] = reply as [number, number];
      return { current, ttl };
    } catch (error) {
      away.begin(error);
      return null;
    }
  }

  async function count(...[key, answer, windowMs]: IncrementCall): Promise<void> {
    const shared = await countShared(key, windowMs);
    if (shared === null) local.incr(key, answer, windowMs);
    else answer(null, shared);
  }

  class SharedStore implements FastifyRateLimitStore {
    incr(...call: IncrementCall): void {
      void count(...call);
    }

    /** The keys of different limits differ, so all count in one store. */
    child(): FastifyRateLimitStore {
      return this;
    }
  }
  return { store: SharedStore, close: () => redis.disconnect() };
}

/**
 * What Redis answers, if it does so in time. A reply that arrived while this process was too busy to read it counts:
 * when the time is over, everything that was received is read first.
 *
 * @throws Error if there is no answer in time.
 */
async function inTime<T>(answer: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(async () => {
      await turnOfLoop();
      reject(new Error(`Redis did not answer within ${timeoutMs} ms`));
    }, timeoutMs);
  });
  try {
    return await Promise.race([answer, timeout]);
  } finally {
    clearTimeout(timer);
  }
}

interface Away {
  /** Whether Redis failed a moment ago. */
  isNow(): boolean;
  begin(error: unknown): void;
  end(): void;
}

function awayWatch(redis: Redis, log: Logger, { rateLimitsShared }: Metrics): Away {
  let isAway = false;
  let untilMs = 0;
  rateLimitsShared.set(1);
  const away: Away = {
    isNow: () => performance.now() < untilMs,
    begin(error) {
      untilMs = performance.now() + AWAY_MS;
      if (isAway) return;
      isAway = true;
      rateLimitsShared.set(0);
      const message = 'Redis is not reachable: requests are limited in each process by itself';
      log.error({ err: error }, message);
    },
    end() {
      if (!isAway) return;
      isAway = false;
      untilMs = 0;
      rateLimitsShared.set(1);
      log.info('Redis is reachable again: requests are limited across all processes');
    },
  };
  redis.on('error', (error) => away.begin(error));
  redis.on('ready', () => away.end());
  return away;
}
