import type { Account } from '@dollarbox/client/account';
import { createContext, use } from 'react';

/** An org as the account names it: its slug, its name and the person's role in it. */
export type MemberOrg = Account['orgs'][number];

export const OrgContext = createContext<MemberOrg | null>(null);

/** The org of the page, if the page belongs to one. */
export function useOrgOrNull(): MemberOrg | null {
  return use(OrgContext);
}

/** The org of a page below `/orgs/$slug/`, whose layout has found it. */
export function useOrg(): MemberOrg {
  const org = use(OrgContext);
  if (org === null) throw new Error('This page is not inside the layout of an org.');
  return org;
}
