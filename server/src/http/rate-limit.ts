import rateLimit, { type RateLimitPluginOptions } from '@fastify/rate-limit';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from './deps.ts';
import { ApiError } from '../base/errors.ts';
import { type KnownCredentials, knownCredentialsCreate } from './known-credentials.ts';
import { sharedRatesOpen } from './rate-redis.ts';
import { addressGroup } from './address-group.ts';
import { RateStore, rateStoreCreate } from './rate-store.ts';

const WINDOW_SECONDS = 60;
const WINDOW_MS = WINDOW_SECONDS * 1000;
/** Failed authentications from one address get this share of the limit. */
const FAILURE_SHARE = 10;
/** All tokens of a user together get this multiple of the limit of one token. */
const USER_FACTOR = 10;
/** An address that fails this many times more often than allowed floods the API. */
const FLOOD_FACTOR = 10;
const REMEMBERED_CALLERS = 100_000;
const KNOWN_CREDENTIALS = 10_000;

interface RateVerdict {
  /** RateLimit-Policy and RateLimit, as in draft-ietf-httpapi-ratelimit-headers-10. */
  headers: Record<string, string>;
  refusal: ApiError | null;
}

export interface RateLimiter {
  /** Counts a request of a known caller. `key` is unique to the token or session. */
  countRequest(request: FastifyRequest, key: string): Promise<RateVerdict>;
  /** Counts a request of a user, whichever token was used: a user may have many. */
  countUser(request: FastifyRequest, userId: number): Promise<RateVerdict>;
  /** Counts a request that failed to authenticate, by address. */
  countFailure(request: FastifyRequest): Promise<RateVerdict>;
  /** The credentials that are still accepted in a flood: by a token's public id, or a session's hash in hex. */
  known: KnownCredentials;
  /**
   * Whether so many requests from the address failed to authenticate that its tokens and sessions are no longer looked
   * up in the database, unless they are known to be valid. Counts nothing.
   * @returns the refusal, or null. Applies to this process only, whose connections it protects.
   */
  floodRefusal(request: FastifyRequest): ApiError | null;
  /** Counts a request that needs no caller, by address. */
  countAnonymous(request: FastifyRequest): Promise<RateVerdict>;
}

/** Limits per caller in a fixed window, counted by @fastify/rate-limit. */
export async function rateLimiterCreate(app: FastifyInstance, deps: ApiDeps): Promise<RateLimiter> {
  const perMinute = deps.config.rateLimitPerMinute;
  const failuresPerMinute = Math.max(1, Math.ceil(perMinute / FAILURE_SHARE));
  const keys = new WeakMap<FastifyRequest, string>();
  await app.register(rateLimit, { global: false, ...(await storeOptions(app, deps)) });

  function create(policy: string, max: number): RateLimiter['countRequest'] {
    const limit = app.createRateLimit({
      max,
      timeWindow: WINDOW_MS,
      keyGenerator: (request) => keys.get(request) ?? request.ip,
    });
    return async (request, key) => {
      keys.set(request, `${policy}:${key}`);
      const count = await limit(request);
      if (count.isAllowed) return { headers: {}, refusal: null };
      const headers = rateHeaders(policy, max, count.remaining, count.ttl);
      return { headers, refusal: count.isExceeded ? rateRefusal(max, count.ttl) : null };
    };
  }

  const countRequest = create('default', perMinute);
  const countUser = create('user', perMinute * USER_FACTOR);
  const countFailure = create('authentication', failuresPerMinute);
  const countAnonymous = create('anonymous', perMinute);
  const failures = new RateStore(deps.clock, REMEMBERED_CALLERS);
  return {
    known: knownCredentialsCreate(KNOWN_CREDENTIALS),
    countRequest,
    countUser: (request, userId) => countUser(request, String(userId)),
    countFailure(request) {
      const address = addressGroup(request.ip);
      failures.incr(address, () => undefined, WINDOW_MS);
      return countFailure(request, address);
    },
    floodRefusal(request) {
      const { current, ttl } = failures.peek(addressGroup(request.ip));
      if (current < failuresPerMinute * FLOOD_FACTOR) return null;
      const headers = rateHeaders('authentication', failuresPerMinute, 0, ttl);
      return rateRefusal(failuresPerMinute, ttl, headers);
    },
    countAnonymous: (request) => countAnonymous(request, addressGroup(request.ip)),
  };
}

/**
 * Counts a request that needs no caller, and adds the limit to the reply's headers. @throws ApiError 429 past the
 * limit.
 */
export async function anonymousAdmit(
  limiter: RateLimiter,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const { headers, refusal } = await limiter.countAnonymous(request);
  reply.headers(headers);
  if (refusal !== null) throw refusal;
}

/** Rounded up, so that a client that waits this long is never too early. */
function resetSecondsOf(ttlMs: number): number {
  return Math.max(1, Math.ceil(ttlMs / 1000));
}

function rateHeaders(
  policy: string,
  max: number,
  remaining: number,
  ttlMs: number,
): Record<string, string> {
  return {
    'ratelimit-policy': `"${policy}";q=${max};w=${WINDOW_SECONDS}`,
    ratelimit: `"${policy}";r=${remaining};t=${resetSecondsOf(ttlMs)}`,
  };
}

function rateRefusal(max: number, ttlMs: number, headers: Record<string, string> = {}): ApiError {
  const seconds = resetSecondsOf(ttlMs);
  return new ApiError(
    'rate_limited',
    `Too many requests: wait ${seconds} seconds, then go on with at most ${max} a minute.`,
    { detail: { retry_after: seconds }, headers: { ...headers, 'retry-after': String(seconds) } },
  );
}

/** Where requests are counted: in this process, or in Redis for all processes. */
async function storeOptions(app: FastifyInstance, deps: ApiDeps): Promise<RateLimitPluginOptions> {
  const { clock, config, log, metrics, redisPatienceMs: patienceMs } = deps;
  const { redisUrl, publicUrl } = config;
  const maxKeys = REMEMBERED_CALLERS;
  if (redisUrl === null) return { store: rateStoreCreate(clock, maxKeys) };
  const namespace = `dollarbox ${publicUrl}`;
  const rates = await sharedRatesOpen({
    ...{ url: redisUrl, namespace, clock, maxKeys, log, metrics, patienceMs },
  });
  app.addHook('onClose', async () => rates.close());
  return { store: rates.store };
}
