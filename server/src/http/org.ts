import type { Principal } from './principal.ts';
import { ApiError, notFound, validationError } from '../errors.ts';
import type { Membership } from '../tokens/store.ts';

/** How a route finds its org: reads may span, writes need one, path routes name it themselves. */
export type OrgMode = 'read' | 'write' | 'path';

/**
 * The orgs that a request acts on, in the contract's order: the token's, the named one, the only one.
 * A read without a named org spans all of the caller's.
 * @param named values of the header and of `?org=`, absent ones left out.
 * @throws ApiError
 */
export function orgsResolve(
  principal: Principal,
  mode: Exclude<OrgMode, 'path'>,
  named: readonly string[],
): readonly Membership[] {
  const isOpen = (membership: Membership) => orgIsOpen(principal, membership.apiEnabled);
  if (principal.tokenOrgId !== null) return [orgOpen(principal.memberships[0], isOpen)];
  if (named.length > 0) {
    const slug = named[0];
    if (named.some((other) => other !== slug)) {
      const fault = 'The header X-Dollarbox-Org and ?org= name different orgs: send one of them.';
      throw validationError({ org: [fault] }, fault);
    }
    return [
      orgOpen(
        principal.memberships.find((membership) => membership.slug === slug),
        isOpen,
      ),
    ];
  }
  if (principal.memberships.length === 1) return [orgOpen(principal.memberships[0], isOpen)];
  const open = principal.memberships.filter(isOpen);
  if (mode === 'write') {
    throw new ApiError(
      'org_required',
      'You belong to several orgs or none: name one in the header X-Dollarbox-Org or in ?org=.',
      { detail: { orgs: open.map((membership) => membership.slug) } },
    );
  }
  return open;
}

/** Whether an org takes requests of this caller: one whose API is turned off takes those of the panel alone. */
export function orgIsOpen(principal: Pick<Principal, 'sessionId'>, apiEnabled: boolean): boolean {
  return apiEnabled || principal.sessionId !== null;
}

/** The membership when there is one and its org takes the caller's requests. */
function orgOpen(
  membership: Membership | undefined,
  isOpen: (membership: Membership) => boolean,
): Membership {
  if (membership === undefined) throw notFound();
  if (!isOpen(membership)) throw apiDisabled();
  return membership;
}

export function apiDisabled(): ApiError {
  return new ApiError(
    'api_disabled',
    'API access is turned off for this org: ask the operator to turn it on.',
  );
}
