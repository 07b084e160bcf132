import type { FastifyRequest } from 'fastify';
import { cookieSecretRead } from '../sessions/session-cookie.ts';
import { sessionFind } from './session-find.ts';
import type { ApiDeps } from './deps.ts';
import type { TokenScope } from '../db/types-account.ts';
import { type ApiError, authenticationFailed } from '../base/errors.ts';
import { tokenMatches, tokenParse } from '../tokens/format.ts';
import type { RateLimiter } from './rate-limit.ts';
import { type Membership, tokenFault, tokenRead } from '../tokens/store.ts';

/** The caller of a request. */
export interface Principal {
  /** Null if the caller uses a session. */
  tokenId: number | null;
  /** Null if the caller uses a token. */
  sessionId: number | null;
  /** When the session's person last proved their identity; null for a token. */
  provenAt: Date | null;
  userId: number;
  scope: TokenScope;
  /** The org that the token is restricted to. */
  tokenOrgId: number | null;
  memberships: readonly Membership[];
}

/**
 * Identifies the caller.
 * @returns the error to reply with, and to count as a failure, if there is no valid credential.
 * @throws ApiError 429 if the address floods the API.
 */
type PrincipalResolver = (request: FastifyRequest) => Promise<Principal | ApiError>;

const MISSING = 'Send your API token in the header "Authorization: Bearer dbx_…".';
const INVALID = 'This API token is not valid: check that it was copied whole.';
const OVER = 'Your session is over: sign in again.';

/**
 * Creates the function that identifies the caller from the Authorization header or, without that header, from the
 * session's cookie. It runs one statement; none for a token with an invalid checksum.
 *
 * Anyone can make up tokens with a valid checksum. A flood of them from one address is refused before the database is
 * queried. Other clients may share the address (NAT), so a token that was valid at its last lookup by this process is
 * still looked up as usual. A flood therefore blocks only the first use of a token in this process from that address,
 * until the minute is over.
 */
export function principalResolverCreate(
  deps: Pick<ApiDeps, 'config' | 'db' | 'clock' | 'usage'>,
  limiter: Pick<RateLimiter, 'floodRefusal' | 'known'>,
): PrincipalResolver {
  const { db, clock, usage } = deps;
  const { known } = limiter;

  async function tokenPrincipal(
    request: FastifyRequest,
    credential: string,
  ): Promise<Principal | ApiError> {
    const publicId = tokenParse(credential);
    if (publicId === null) return authenticationFailed(INVALID);
    const flood = limiter.floodRefusal(request);
    const knownHash = flood === null ? undefined : known.get(publicId);
    if (flood !== null && (knownHash === undefined || !tokenMatches(credential, knownHash))) {
      throw flood;
    }
    const record = await tokenRead(db, publicId);
    if (record === null || !tokenMatches(credential, record.secretHash)) {
      return authenticationFailed(INVALID);
    }
    const fault = tokenFault(record, clock.now());
    if (fault !== null) {
      known.forget(publicId);
      return authenticationFailed(fault);
    }
    known.add(publicId, record.secretHash);
    usage.noteToken(record.tokenId);
    return {
      tokenId: record.tokenId,
      sessionId: null,
      provenAt: null,
      userId: record.userId,
      scope: record.scope,
      tokenOrgId: record.tokenOrgId,
      memberships: record.memberships,
    };
  }

  async function sessionPrincipal(
    request: FastifyRequest,
    secret: string,
  ): Promise<Principal | ApiError> {
    const record = await sessionFind({ db, clock }, limiter, request, secret);
    if (record === null) return authenticationFailed(OVER);
    usage.noteSession(record.sessionId);
    return {
      tokenId: null,
      sessionId: record.sessionId,
      provenAt: record.provenAt,
      userId: record.userId,
      scope: 'write',
      tokenOrgId: null,
      memberships: record.memberships,
    };
  }

  return async (request) => {
    const credential = bearerRead(request.raw.rawHeaders);
    if (typeof credential === 'string') return tokenPrincipal(request, credential);
    if (credential !== null) return credential;
    const secret = cookieSecretRead(deps.config, 'session', request.headers.cookie);
    return secret === null ? authenticationFailed(MISSING) : sessionPrincipal(request, secret);
  };
}

/**
 * The token of the Authorization header; null if there is no such header.
 * Reads the raw headers: Node silently keeps only the first of several Authorization headers.
 */
function bearerRead(rawHeaders: readonly string[]): string | ApiError | null {
  let found: string | null = null;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'authorization') continue;
    if (found !== null) return authenticationFailed('Send one Authorization header, not several.');
    found = rawHeaders[index + 1] ?? '';
  }
  if (found === null) return null;
  const match = /^Bearer +(\S+) *$/i.exec(found);
  return match?.[1] ?? authenticationFailed(MISSING);
}
