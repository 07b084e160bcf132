import type { Principal } from './principal.ts';
import { ApiError, notFound, validationError } from '../base/errors.ts';
import type { Membership } from '../tokens/store.ts';

const MAX_SLUGS_IN_MESSAGE = 20;

/**
 * How a route finds its org. A `read` may span several orgs and a `write` needs exactly one; both are named by header
 * or query. `path`: the `{slug}` of the path. `none`: the route acts in no org, and header and query are ignored.
 */
export type OrgMode = 'read' | 'write' | 'path' | 'none';

/** Whether a route reads the header `X-Dollarbox-Org` and `?org=`. */
export function orgIsNamedAside(mode: OrgMode): boolean {
  return mode === 'read' || mode === 'write';
}

/**
 * The orgs that a request acts in, in the contract's order: the token's org, the named org, the caller's only org. A
 * read that names none spans all of the caller's orgs.
 * @param named the slug of the path, or the values of the header and of `?org=`; absent ones are left out.
 * @throws ApiError
 */
export function orgsResolve(
  principal: Principal,
  mode: OrgMode,
  named: readonly string[],
): readonly Membership[] {
  const isOpen = (membership: Membership) => orgIsOpen(principal, membership.apiEnabled);
  const membershipOf = (slug: string | undefined) =>
    principal.memberships.find((membership) => membership.slug === slug);
  if (mode === 'none') return [];
  if (mode === 'path') return [orgOpen(membershipOf(named[0]), isOpen)];
  if (principal.tokenOrgId !== null) return [orgOpen(principal.memberships[0], isOpen)];
  if (named.length > 0) {
    const slug = named[0];
    if (named.some((other) => other !== slug)) {
      const fault = 'The header X-Dollarbox-Org and ?org= name different orgs: send one of them.';
      throw validationError({ org: [fault] }, fault);
    }
    return [orgOpen(membershipOf(slug), isOpen, orgUnknown())];
  }
  if (principal.memberships.length === 1) return [orgOpen(principal.memberships[0], isOpen)];
  const open = principal.memberships.filter(isOpen);
  if (mode === 'write') throw orgRequired(open.map((membership) => membership.slug));
  return open;
}

/** The same for an org that does not exist and one that the caller is not in. */
function orgUnknown(): ApiError {
  return new ApiError(
    'not_found',
    'You are in no org with the slug in the header X-Dollarbox-Org or in ?org=: check it.',
  );
}

/** Some clients show only the message, so it names the orgs too. */
function orgRequired(slugs: readonly string[]): ApiError {
  const shown = slugs.slice(0, MAX_SLUGS_IN_MESSAGE).join(', ');
  const more = slugs.length - MAX_SLUGS_IN_MESSAGE;
  const message =
    slugs.length === 0
      ? 'You belong to no org that takes API requests: ask the owner of one to add you.'
      : `You belong to several orgs: name one in the header X-Dollarbox-Org or in ?org= (${shown}${more > 0 ? ` and ${more} more` : ''}).`;
  return new ApiError('org_required', message, { detail: { orgs: slugs } });
}

/** Whether an org accepts requests from this caller. If its API is turned off, it accepts only those of the panel. */
function orgIsOpen(principal: Pick<Principal, 'sessionId'>, apiEnabled: boolean): boolean {
  return apiEnabled || principal.sessionId !== null;
}

/** @throws ApiError 404 without a membership, 403 if the org does not accept the caller's requests. */
function orgOpen(
  membership: Membership | undefined,
  isOpen: (membership: Membership) => boolean,
  missing: ApiError = notFound(),
): Membership {
  if (membership === undefined) throw missing;
  if (!isOpen(membership)) throw apiDisabled();
  return membership;
}

/** @throws ApiError 403 if the org's API is turned off, and the caller uses a token. */
export function apiRequire(principal: Pick<Principal, 'sessionId'>, apiEnabled: boolean): void {
  if (!orgIsOpen(principal, apiEnabled)) throw apiDisabled();
}

function apiDisabled(): ApiError {
  return new ApiError(
    'api_disabled',
    'API access is turned off for this org: an owner can turn it on in the panel.',
  );
}
