import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { ApiError } from '../errors.ts';
import { type RateLimiter, anonymousAdmit } from '../http/rate-limit.ts';
import { cookieSecretRead } from './session-cookie.ts';
import { sessionFind } from './session-find.ts';
import type { SessionRecord } from './session-store.ts';

/**
 * Finds the session of a request's cookie, counts the request, and tells of the count in the reply.
 * @throws ApiError 401, or 429 past the limit or when the address floods.
 */
export async function sessionAdmit(
  deps: ApiDeps,
  limiter: RateLimiter,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionRecord> {
  const secret = cookieSecretRead(deps.config, 'session', request.headers.cookie);
  if (secret === null) {
    // Not a failure: a page asks first whether someone is signed in.
    await anonymousAdmit(limiter, request, reply);
    throw signInRequired();
  }
  const session = await sessionFind(deps, limiter, request, secret);
  const verdict =
    session === null
      ? await limiter.countFailure(request)
      : await limiter.countRequest(request, `session-${session.sessionId}`);
  reply.headers(verdict.headers);
  if (verdict.refusal !== null) throw verdict.refusal;
  if (session === null) throw signInRequired();
  deps.usage.noteSession(session.sessionId);
  return session;
}

/** Said to who has no session, or one that is over. */
export function signInRequired(): ApiError {
  return new ApiError('authentication_failed', 'Sign in to do this.', {
    headers: { 'www-authenticate': 'Session' },
  });
}
