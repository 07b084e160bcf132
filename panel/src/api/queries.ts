import { DollarboxError, unwrap } from '@dollarbox/client';
import type { Account } from '@dollarbox/client/account';
import { queryOptions } from '@tanstack/react-query';
import { accountApi, api } from './client.ts';

/** Names of what is kept from the server; what is below a name goes stale with it. */
export const keys = {
  account: ['account'],
  setup: ['setup'],
  orgs: ['orgs'],
  usage: (slug: string) => ['orgs', slug, 'usage'],
  tokens: ['tokens'],
  sessions: ['sessions'],
  passkeys: ['passkeys'],
} as const;

/** Who is signed in; null when nobody is. */
export const accountQuery = queryOptions({
  queryKey: keys.account,
  queryFn: async (): Promise<Account | null> => {
    try {
      return await unwrap(accountApi.GET('/'));
    } catch (error) {
      if (error instanceof DollarboxError && error.status === 401) return null;
      throw error;
    }
  },
  staleTime: 30_000,
});

/** How the installation takes people in. */
export const setupQuery = queryOptions({
  queryKey: keys.setup,
  queryFn: () => unwrap(accountApi.GET('/setup/')),
  staleTime: 300_000,
});

export function usageQuery(slug: string) {
  return queryOptions({
    queryKey: keys.usage(slug),
    queryFn: () => unwrap(api.GET('/orgs/{slug}/usage/', { params: { path: { slug } } })),
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
