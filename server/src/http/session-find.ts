import type { FastifyRequest } from 'fastify';
import type { ApiDeps } from './deps.ts';
import type { RateLimiter } from './rate-limit.ts';
import { browserSecretHash } from '../sessions/session-cookie.ts';
import { type SessionRecord, sessionIsGood, sessionRead } from '../sessions/session-store.ts';

/**
 * Finds the session of a cookie's secret. During a flood it does not query the database, and accepts only sessions that
 * were valid when this process last checked.
 * @returns null if there is none, or it has ended.
 * @throws ApiError 429 when the address floods.
 */
export async function sessionFind(
  { db, clock }: Pick<ApiDeps, 'db' | 'clock'>,
  { floodRefusal, known }: Pick<RateLimiter, 'floodRefusal' | 'known'>,
  request: FastifyRequest,
  secret: string,
): Promise<SessionRecord | null> {
  const hash = browserSecretHash(secret);
  const key = hash.toString('hex');
  const flood = floodRefusal(request);
  if (flood !== null && known.get(key) === undefined) throw flood;
  const record = await sessionRead(db, key);
  if (record === null || !sessionIsGood(record, clock.now())) {
    known.forget(key);
    return null;
  }
  known.add(key, hash);
  return record;
}
