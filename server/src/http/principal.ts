import type { FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import type { TokenScope } from '../db/types.ts';
import { type ApiError, authenticationFailed } from '../errors.ts';
import { tokenMatches, tokenParse } from '../tokens/format.ts';
import type { RateLimiter } from './rate-limit.ts';
import { type Membership, tokenFault, tokenRead } from '../tokens/store.ts';

/** Who calls. */
export interface Principal {
  tokenId: number;
  userId: number;
  scope: TokenScope;
  /** The org that the token is restricted to. */
  tokenOrgId: number | null;
  memberships: readonly Membership[];
}

/**
 * Finds who calls.
 * @returns an error to answer, and to count as a failure, when there is no good credential.
 * @throws ApiError 429 when the address floods.
 */
type PrincipalResolver = (request: FastifyRequest) => Promise<Principal | ApiError>;

const MISSING = 'Send your API token in the header "Authorization: Bearer dbx_…".';
const INVALID = 'This API token is not valid: check that it was copied whole.';

/** Good tokens that are remembered, by public id. */
const REMEMBERED_TOKENS = 10_000;

/**
 * Makes what finds the caller, from the Authorization header: by one statement, none for a token whose checksum is off.
 *
 * Anyone can make up tokens with a right checksum. A flood of them from one address is refused before the database is
 * asked; but others may share the address (NAT), so a token that was good when this process last looked goes on,
 * and is looked up as ever. What a flood shuts out is a token's first use in this process from that very address,
 * until the minute is over.
 */
export function principalResolverMake(
  deps: Pick<ApiDeps, 'db' | 'clock'>,
  limiter: Pick<RateLimiter, 'floodRefusal'>,
): PrincipalResolver {
  const goodHashes = new Map<string, Buffer>();

  function isKnown(publicId: string, credential: string): boolean {
    const hash = goodHashes.get(publicId);
    return hash !== undefined && tokenMatches(credential, hash);
  }

  function remember(publicId: string, secretHash: Buffer): void {
    goodHashes.delete(publicId);
    goodHashes.set(publicId, secretHash);
    if (goodHashes.size <= REMEMBERED_TOKENS) return;
    for (const oldest of goodHashes.keys()) {
      goodHashes.delete(oldest);
      return;
    }
  }

  return async (request) => {
    const credential = bearerRead(request.raw.rawHeaders);
    if (credential instanceof Error) return credential;
    const publicId = tokenParse(credential);
    if (publicId === null) return authenticationFailed(INVALID);
    const flood = limiter.floodRefusal(request);
    if (flood !== null && !isKnown(publicId, credential)) throw flood;
    const record = await tokenRead(deps.db, publicId);
    if (record === null || !tokenMatches(credential, record.secretHash)) {
      return authenticationFailed(INVALID);
    }
    const fault = tokenFault(record, deps.clock.now());
    if (fault !== null) {
      goodHashes.delete(publicId);
      return authenticationFailed(fault);
    }
    remember(publicId, record.secretHash);
    return {
      tokenId: record.tokenId,
      userId: record.userId,
      scope: record.scope,
      tokenOrgId: record.tokenOrgId,
      memberships: record.memberships,
    };
  };
}

/** Raw headers, since Node keeps only the first of several Authorization headers and says nothing. */
function bearerRead(rawHeaders: readonly string[]): string | ApiError {
  let found: string | null = null;
  for (let index = 0; index < rawHeaders.length; index += 2) {
    if (rawHeaders[index]?.toLowerCase() !== 'authorization') continue;
    if (found !== null) return authenticationFailed('Send one Authorization header, not several.');
    found = rawHeaders[index + 1] ?? '';
  }
  if (found === null) return authenticationFailed(MISSING);
  const match = /^Bearer +(\S+) *$/i.exec(found);
  return match?.[1] ?? authenticationFailed(MISSING);
}
