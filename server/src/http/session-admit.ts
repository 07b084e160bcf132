import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from './deps.ts';
import { ApiError } from '../base/errors.ts';
import { type RateLimiter, anonymousAdmit } from './rate-limit.ts';
import { cookieSecretRead } from '../sessions/session-cookie.ts';
import { sessionFind } from './session-find.ts';
import type { SessionRecord } from '../sessions/session-store.ts';

/**
 * Finds the session of a request's cookie, counts the request, and reports the rate limit in the reply.
 * @throws ApiError 401, or 429 if the limit is exceeded or the address floods.
 */
export async function sessionAdmit(
  deps: ApiDeps,
  limiter: RateLimiter,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<SessionRecord> {
  const secret = cookieSecretRead(deps.config, 'session', request.headers.cookie);
  if (secret === null) {
    // Not a failure: the panel asks first whether someone is signed in.
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

/** The error for a request without a valid session. */
export function signInRequired(): ApiError {
  return new ApiError('authentication_failed', 'Sign in to do this.', {
    headers: { 'www-authenticate': 'Session' },
  });
}
