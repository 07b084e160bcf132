import type { FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import type { RateLimiter } from '../http/rate-limit.ts';
import { browserSecretHash } from './session-cookie.ts';
import { type SessionRecord, sessionIsGood, sessionRead } from './session-store.ts';

/**
 * Finds the session that a cookie's secret opens, without asking the database in a flood: of it, only a session that was
 * good when this process last looked goes on.
 * @returns null when there is none, or it is over.
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
