import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { auditQuery } from '../api/queries.ts';
import { AuditFilters } from '../components/audit/audit-filters.tsx';
import { AuditTable } from '../components/audit/audit-table.tsx';
import { MoreRows } from '../components/people/more-rows.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Callout } from '../components/ui/callout.tsx';
import { Panel } from '../components/ui/card.tsx';
import { Empty } from '../components/ui/states.tsx';

const route = getRouteApi('/member/orgs/$slug/audit');

/** Who changed what in the org, for admins and owners. */
export function OrgAuditPage() {
  const org = useOrg();
  return (
    <Page title="Audit log" about="Who changed what in the last 365 days.">
      {org.role === 'member' ? (
        <Callout>Only admins and owners can see the audit log.</Callout>
      ) : (
        <AuditLog slug={org.slug} />
      )}
    </Page>
  );
}

function AuditLog({ slug }: { slug: string }) {
  const filter = route.useSearch();
  const navigate = route.useNavigate();
  const entries = useInfiniteQuery(auditQuery(slug, filter));
  const isFiltered = Object.keys(filter).length > 0;
  return (
    <>
      <AuditFilters
        filter={filter}
        onChange={(search) => void navigate({ search, replace: true, resetScroll: false })}
      />
      <Panel>
        <QueryView query={entries} what="the audit log" rows={8}>
          {({ pages }) => {
            const rows = pages.flatMap(({ results }) => results);
            if (rows.length === 0) {
              return isFiltered ? (
                <Empty title="Nothing matches">Change or clear the filters.</Empty>
              ) : (
                <Empty title="Nothing yet">Every change in this org will be listed here.</Empty>
              );
            }
            return (
              <>
                <AuditTable entries={rows} />
                <MoreRows query={entries} what="entries" />
              </>
            );
          }}
        </QueryView>
      </Panel>
    </>
  );
}
