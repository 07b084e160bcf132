import { DollarboxError, listAll, unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import { accountApi, api } from './client.ts';
import { unwrapVersioned } from './versioned.ts';

/** Query keys. Invalidating a key also invalidates the keys below it. */
export const keys = {
  account: ['account'],
  setup: ['setup'],
  orgs: ['orgs'],
  org: (slug: string) => ['orgs', slug, 'org'],
  usage: (slug: string) => ['orgs', slug, 'usage'],
  audit: (slug: string) => ['orgs', slug, 'audit'],
  members: (slug: string) => ['orgs', slug, 'members'],
  invitations: (slug: string) => ['orgs', slug, 'invitations'],
  tokens: ['tokens'],
  sessions: ['sessions'],
  passkeys: ['passkeys'],
} as const;

/** After this, the server counts as silent: what is shown is at most 15 seconds old without saying so. */
const ACCOUNT_PATIENCE_MS = 8000;

/** The signed-in account; null when nobody is signed in. */
export const accountQuery = queryOptions({
  queryKey: keys.account,
  queryFn: async ({ signal: cancelled }): Promise<Account | null> => {
    const signal = AbortSignal.any([cancelled, AbortSignal.timeout(ACCOUNT_PATIENCE_MS)]);
    try {
      return await unwrap(accountApi.GET('/', { signal }));
    } catch (error) {
      if (error instanceof DollarboxError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 30_000,
});

/** How the installation is set up: sign-up, mail, passkeys. */
export const setupQuery = queryOptions({
  queryKey: keys.setup,
  queryFn: () => unwrap(accountApi.GET('/setup/')),
  staleTime: 300_000,
});

/** An org as the API shows it, with the version that a save must name. */
export function orgQuery(slug: string) {
  return queryOptions({
    queryKey: keys.org(slug),
    queryFn: () => unwrapVersioned(api.GET('/orgs/{slug}/', { params: { path: { slug } } })),
  });
}

export function usageQuery(slug: string) {
  return queryOptions({
    queryKey: keys.usage(slug),
    queryFn: () => unwrap(api.GET('/orgs/{slug}/usage/', { params: { path: { slug } } })),
  });
}

/** The cursor in a page's link to the next one. */
function cursorOf({ next }: { next: string | null }): string | undefined {
  if (next === null) return undefined;
  return new URL(next).searchParams.get('cursor') ?? undefined;
}

export function membersQuery(slug: string) {
  return infiniteQueryOptions({
    queryKey: keys.members(slug),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const query = { org: slug, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return unwrap(api.GET('/members/', { params: { query } }));
    },
    getNextPageParam: cursorOf,
  });
}

/** All members of an org, to name who made a change. */
export function membersAllQuery(slug: string) {
  return queryOptions({
    // Below the list's: events about members concern both.
    queryKey: [...keys.members(slug), 'all'],
    queryFn: () => Array.fromAsync(listAll(api, '/members/', { org: slug, limit: 200 })),
    staleTime: 30_000,
  });
}

export function invitationsQuery(slug: string) {
  return infiniteQueryOptions({
    queryKey: keys.invitations(slug),
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const query = { org: slug, ...(pageParam === undefined ? {} : { cursor: pageParam }) };
      return unwrap(api.GET('/invitations/', { params: { query } }));
    },
    getNextPageParam: cursorOf,
  });
}

/** The audit log of an org, newest first. @param filter days are those of the person's time zone, both included. */
export function auditQuery(
  slug: string,
  filter: { actor?: string; action?: string; since?: string; until?: string },
) {
  const { since, until, ...rest } = filter;
  return infiniteQueryOptions({
    queryKey: [...keys.audit(slug), filter],
    initialPageParam: undefined as string | undefined,
    queryFn: ({ pageParam }) => {
      const query = {
        org: slug,
        ...rest,
        ...dayOf('since', since, 0),
        ...dayOf('until', until, 1),
        ...(pageParam === undefined ? {} : { cursor: pageParam }),
      };
      return unwrap(api.GET('/audit-log/', { params: { query } }));
    },
    getNextPageParam: cursorOf,
  });
}

/** A day of the URL as the moment when it, or a later one, begins; nothing if it is none. */
function dayOf(name: 'since' | 'until', text: string | undefined, daysLater: number) {
  const [year = Number.NaN, month = Number.NaN, day = Number.NaN] = (text ?? 'none')
    .split('-')
    .map(Number);
  const moment = new Date(year, month - 1, day + daysLater);
  return Number.isNaN(moment.getTime()) ? {} : { [name]: moment.toISOString() };
}

/** What the link of an invitation leads to. */
export function invitationLinkQuery(token: string) {
  return queryOptions({
    queryKey: ['invitation-link', token],
    queryFn: () => unwrap(accountApi.POST('/invitations/show/', { body: { token } })),
    staleTime: 0,
  });
}

export const tokensQuery = queryOptions({
  queryKey: keys.tokens,
  queryFn: async () => (await unwrap(accountApi.GET('/tokens/'))).results,
});
export const sessionsQuery = queryOptions({
  queryKey: keys.sessions,
  queryFn: async () => (await unwrap(accountApi.GET('/sessions/'))).results,
});

export const passkeysQuery = queryOptions({
  queryKey: keys.passkeys,
  queryFn: async () => (await unwrap(accountApi.GET('/passkeys/'))).results,
});
