import type { FastifyRateLimitStore, FastifyRateLimitStoreCtor } from '@fastify/rate-limit';
import type { Redis } from 'ioredis';
import type { Logger } from 'pino';
import type { Metrics } from '../base/metrics.ts';
import type { Clock } from '../base/system.ts';
import { type RateCount, RateStore } from './rate-store.ts';

const COMMAND_TIMEOUT_MS = 250;
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
}

/**
 * Opens a connection for counting requests across processes. While Redis is unavailable, each process counts the
 * requests that it receives, so that the limits hold for each process.
 */
export async function sharedRatesOpen(options: SharedRateOptions): Promise<SharedRates> {
  const { url, namespace, clock, maxKeys, log, metrics } = options;
  // Most installations have no Redis.
  const { Redis: Client } = await import('ioredis');
  const redis = new Client(url, {
    enableOfflineQueue: false,
    commandTimeout: COMMAND_TIMEOUT_MS,
    connectTimeout: COMMAND_TIMEOUT_MS * 4,
    retryStrategy: (times) => Math.min(times * 100, RECONNECT_MAX_MS),
  });
  const away = awayWatch(redis, log, metrics);
  const local = new RateStore(clock, maxKeys);

  async function countShared(key: string, windowMs: number): Promise<RateCount | null> {
    if (away.isNow()) return null;
    try {
      const reply = await redis.eval(INCREMENT, 1, `${namespace} ${key}`, windowMs);
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
      rateLimitsShared.set(1);
      log.info('Redis is reachable again: requests are limited across all processes');
    },
  };
  redis.on('error', (error) => away.begin(error));
  redis.on('ready', () => away.end());
  return away;
}
