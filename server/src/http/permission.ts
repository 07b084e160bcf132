import { ApiError } from '../errors.ts';
import type { Role, TokenScope } from '../db/types.ts';

/** A higher one may do all that a lower one may. */
export const ROLE_RANK: Record<Role, number> = { member: 1, admin: 2, owner: 3 };

/** Those that may what `required` may. */
export function rolesFrom(required: Role): Role[] {
  return (Object.keys(ROLE_RANK) as Role[]).filter((role) => roleAllows(role, required));
}

export function roleAllows(role: Role, required: Role): boolean {
  return ROLE_RANK[role] >= ROLE_RANK[required];
}

/** @throws ApiError 403 naming the role that is needed. */
export function roleRequire(role: Role, required: Role): void {
  if (roleAllows(role, required)) return;
  throw new ApiError(
    'permission_denied',
    `Your role in this org is ${role}; this needs the role ${required}.`,
    { detail: { required_role: required } },
  );
}

/** A `read` token may GET and HEAD only. */
export function scopeRequire(scope: TokenScope, method: string): void {
  if (scope === 'write' || method === 'GET' || method === 'HEAD') return;
  throw new ApiError(
    'permission_denied',
    'This token is read-only: use one with the scope "write".',
    { detail: { required_scope: 'write' } },
  );
}
