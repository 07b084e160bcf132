import type { FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import type { TokenScope } from '../db/types.ts';
import { type ApiError, authenticationFailed } from '../errors.ts';
import { tokenMatches, tokenParse } from '../tokens/format.ts';
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

const MISSING = 'Send your API token in the header "Authorization: Bearer dbx_…".';
const INVALID = 'This API token is not valid: check that it was copied whole.';

/**
 * The caller, from the Authorization header: one statement, none for a token whose checksum is off.
 * @returns an error to answer when there is no good credential.
 */
export async function principalResolve(
  deps: Pick<ApiDeps, 'db' | 'clock'>,
  request: FastifyRequest,
): Promise<Principal | ApiError> {
  const credential = bearerRead(request.raw.rawHeaders);
  if (credential instanceof Error) return credential;
  const publicId = tokenParse(credential);
  if (publicId === null) return authenticationFailed(INVALID);
  const record = await tokenRead(deps.db, publicId);
  if (record === null || !tokenMatches(credential, record.secretHash)) {
    return authenticationFailed(INVALID);
  }
  const fault = tokenFault(record, deps.clock.now());
  if (fault !== null) return authenticationFailed(fault);
  return {
    tokenId: record.tokenId,
    userId: record.userId,
    scope: record.scope,
    tokenOrgId: record.tokenOrgId,
    memberships: record.memberships,
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
