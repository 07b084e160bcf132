import { ApiError, reauthenticationRequired } from '../base/errors.ts';
import type { Role } from '../db/types.ts';
import type { TokenScope } from '../db/types-account.ts';
import { type CredentialRule, roleAllows } from '../changes/policy.ts';
import type { Membership } from '../tokens/store.ts';
import type { Principal } from './principal.ts';

/** @throws ApiError 403 that names the role required. */
export function roleRequire(role: Role, required: Role): void {
  if (roleAllows(role, required)) return;
  throw new ApiError(
    'permission_denied',
    `Your role in this org is ${role}; this needs the role ${required}.`,
    { detail: { required_role: required } },
  );
}

/** @throws ApiError 403 if a read-only token requests a write. */
export function scopeRequire(scope: TokenScope, required: TokenScope): void {
  if (scope === 'write' || required === 'read') return;
  throw new ApiError(
    'permission_denied',
    'This token is read-only: use one with the scope "write".',
    { detail: { required_scope: 'write' } },
  );
}

/**
 * @param provenFresh whether the session's person has just proved their identity.
 * @throws ApiError 403 if the action can't be done with this kind of credential.
 */
export function credentialRequire(
  { tokenId, tokenOrgId }: Pick<Principal, 'tokenId' | 'tokenOrgId'>,
  rule: CredentialRule | undefined,
  provenFresh: () => boolean,
): void {
  if (rule === 'unrestricted' && tokenOrgId !== null) {
    throw new ApiError(
      'permission_denied',
      'This token is restricted to one org: use one that is not, or the panel.',
    );
  }
  if (rule === 'token' && tokenId === null) {
    throw new ApiError(
      'permission_denied',
      'This is about the API token of the request: send one in the header "Authorization: Bearer dbx_…".',
    );
  }
  if (rule !== 'proven_session') return;
  if (tokenId !== null) {
    throw new ApiError(
      'permission_denied',
      'No token may do this: sign in to the panel and do it there.',
    );
  }
  if (!provenFresh()) throw reauthenticationRequired();
}

/**
 * An org that the operator has suspended can be read and its objects deleted, but not otherwise changed.
 * @throws ApiError 403
 */
export function activeRequire(isSuspended: boolean, method: string): void {
  if (!isSuspended || method === 'DELETE') return;
  throw new ApiError(
    'permission_denied',
    'This org is suspended: what it has can be read and deleted, and nothing else. Ask the operator to resume it.',
  );
}

/**
 * The orgs of a request in which the caller's role suffices. A request that spans several orgs leaves out the others;
 * one that acts in a single org is refused.
 * @throws ApiError 403
 */
export function orgsPermitted(
  orgs: readonly Membership[],
  required: Role | null,
): readonly Membership[] {
  if (required === null) return orgs;
  const [only, ...more] = orgs;
  if (only === undefined || more.length > 0) {
    return orgs.filter((org) => roleAllows(org.role, required));
  }
  roleRequire(only.role, required);
  return orgs;
}
