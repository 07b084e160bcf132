import rateLimit, { type RateLimitPluginOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { rateRedisOpen } from './rate-redis.ts';
import { addressGroup } from './address-group.ts';
import { rateStoreMake } from './rate-store.ts';

const WINDOW_SECONDS = 60;
/** Failed authentication of one address gets this share of the limit. */
const FAILURE_SHARE = 10;
const REMEMBERED_CALLERS = 100_000;

interface RateVerdict {
  /** RateLimit-Policy and RateLimit, as in draft-ietf-httpapi-ratelimit-headers-10. */
  headers: Record<string, string>;
  refusal: ApiError | null;
}

export interface RateLimiter {
  /** Counts a request of a known caller. `key` is unique to the token or session. */
  countRequest(request: FastifyRequest, key: string): Promise<RateVerdict>;
  /** Counts a request that failed to authenticate, by address. */
  countFailure(request: FastifyRequest): Promise<RateVerdict>;
  /** Counts a request that needs no caller, by address. */
  countAnonymous(request: FastifyRequest): Promise<RateVerdict>;
}

/** Limits per caller in a fixed window, counted by @fastify/rate-limit. */
export async function rateLimiterCreate(app: FastifyInstance, deps: ApiDeps): Promise<RateLimiter> {
  const perMinute = deps.config.rateLimitPerMinute;
  const failuresPerMinute = Math.max(1, Math.ceil(perMinute / FAILURE_SHARE));
  const keys = new WeakMap<FastifyRequest, string>();
  await app.register(rateLimit, { global: false, ...storeOptions(app, deps) });

  function create(policy: string, max: number): RateLimiter['countRequest'] {
    const limit = app.createRateLimit({
      max,
      timeWindow: WINDOW_SECONDS * 1000,
      keyGenerator: (request) => keys.get(request) ?? request.ip,
    });
    return async (request, key) => {
      keys.set(request, `${policy}:${key}`);
      const count = await limit(request);
      if (count.isAllowed) return { headers: {}, refusal: null };
      // Rounded up, so that who waits for it is never too early.
      const resetSeconds = Math.max(1, Math.ceil(count.ttl / 1000));
      const headers = {
        'ratelimit-policy': `"${policy}";q=${max};w=${WINDOW_SECONDS}`,
        ratelimit: `"${policy}";r=${count.remaining};t=${resetSeconds}`,
      };
      if (!count.isExceeded) return { headers, refusal: null };
      const refusal = new ApiError(
        'rate_limited',
        `Too many requests: wait ${resetSeconds} seconds, then go on with at most ${max} a minute.`,
        {
          detail: { retry_after: resetSeconds },
          headers: { 'retry-after': String(resetSeconds) },
        },
      );
      return { headers, refusal };
    };
  }

  const countRequest = create('default', perMinute);
  const countFailure = create('authentication', failuresPerMinute);
  const countAnonymous = create('anonymous', perMinute);
  return {
    countRequest,
    countFailure: (request) => countFailure(request, addressGroup(request.ip)),
    countAnonymous: (request) => countAnonymous(request, addressGroup(request.ip)),
  };
}

/** Where requests are counted: in this process, or in Redis for all of them. */
function storeOptions(app: FastifyInstance, deps: ApiDeps): RateLimitPluginOptions {
  const { redisUrl, publicUrl } = deps.config;
  if (redisUrl === null) return { store: rateStoreMake(deps.clock, REMEMBERED_CALLERS) };
  const redis = rateRedisOpen(redisUrl, deps.log);
  app.addHook('onClose', async () => redis.disconnect());
  // Installations may share a Redis; their tokens have the same numbers.
  return { redis, nameSpace: `dollarbox ${publicUrl} `, skipOnError: true };
}
