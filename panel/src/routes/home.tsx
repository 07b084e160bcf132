import { useSuspenseQuery } from '@tanstack/react-query';
import { Navigate } from '@tanstack/react-router';
import { accountQuery } from '../api/queries.ts';
import { OrgNone } from '../components/orgs/org-none.tsx';
import { Page } from '../components/shell/page.tsx';
import { lastOrgOf } from '../lib/last-org.ts';

/** Leads to the org that was opened last; people without an org learn how to get one. */
export function HomePage() {
  const { data: account } = useSuspenseQuery(accountQuery);
  const org = lastOrgOf(account?.orgs ?? []);
  if (account === null) return null;
  if (org !== undefined) return <Navigate to="/orgs/$slug" params={{ slug: org.slug }} replace />;
  return (
    <Page title="Welcome" about="Containers and volumes belong to an org.">
      <OrgNone />
    </Page>
  );
}
