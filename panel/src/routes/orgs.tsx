import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { Plus } from 'lucide-react';
import { accountQuery, setupQuery, usageQuery } from '../api/queries.ts';
import { OrgNone } from '../components/orgs/org-none.tsx';
import type { MemberOrg } from '../components/shell/org-context.ts';
import { OrgTile } from '../components/shell/org-switcher.tsx';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Badge } from '../components/ui/badge.tsx';
import { buttonStyle } from '../components/ui/button-style.ts';
import { Meter } from '../components/ui/meter.tsx';

/** All orgs of the person. */
export function OrgsPage() {
  const { data: account } = useSuspenseQuery(accountQuery);
  const { data: setup } = useQuery(setupQuery);
  if (account === null) return null;
  return (
    <Page
      title="Your orgs"
      action={
        setup?.org_creation === 'open' && (
          <Link to="/new-org" className={buttonStyle()}>
            <Plus className="size-4" aria-hidden="true" />
            New org
          </Link>
        )
      }
    >
      {account.orgs.length === 0 ? (
        <OrgNone />
      ) : (
        <ul aria-label="Your orgs" className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
          {account.orgs.map((org) => (
            <OrgCard key={org.slug} {...org} />
          ))}
        </ul>
      )}
    </Page>
  );
}

function OrgCard({ slug, name, role }: MemberOrg) {
  return (
    <li className="relative grid min-w-0 grid-cols-[minmax(0,1fr)] content-between gap-5 rounded-xl border border-line bg-surface p-5 transition-colors hover:border-edge">
      <div className="flex items-center gap-3">
        <OrgTile name={name} />
        <div className="min-w-0 flex-1">
          <Link
            to="/orgs/$slug"
            params={{ slug }}
            className="block truncate font-semibold after:absolute after:inset-0 after:rounded-xl"
          >
            {name}
          </Link>
          <p className="truncate font-mono text-xs text-faint">{slug}</p>
        </div>
        <Badge>{role}</Badge>
      </div>
      <Usage slug={slug} />
    </li>
  );
}

function Usage({ slug }: { slug: string }) {
  const usage = useQuery(usageQuery(slug));
  return (
    // As tall as the meters, so that nothing moves when they arrive.
    <div className="min-h-[5.25rem]">
      <QueryView query={usage} what="its usage">
        {({ containers, volume_gb: volumeGb }) => (
          <div className="grid gap-4">
            <Meter label="Containers" {...containers} />
            <Meter label="Volumes" {...volumeGb} unit=" GB" />
          </div>
        )}
      </QueryView>
    </div>
  );
}
