import { useQuery } from '@tanstack/react-query';
import { accountQuery, setupQuery } from './queries.ts';

/**
 * Whether the person may create orgs: `closed` where only the operator does, `unverified` while their address is not
 * verified; undefined while that is being loaded.
 */
export function useOrgCreation(): 'open' | 'closed' | 'unverified' | undefined {
  const { data: setup } = useQuery(setupQuery);
  const { data: account } = useQuery(accountQuery);
  if (setup === undefined || account === undefined) return undefined;
  if (setup.org_creation === 'closed') return 'closed';
  return account?.email_verified === false ? 'unverified' : 'open';
}
