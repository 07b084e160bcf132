import type { Account } from '@dollarbox/client/account';
import { useQuery, useSuspenseQuery } from '@tanstack/react-query';
import { getRouteApi } from '@tanstack/react-router';
import { accountQuery, usageQuery } from '../api/queries.ts';
import { FirstSteps } from '../components/first-steps.tsx';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { Badge } from '../components/ui/badge.tsx';
import { Card } from '../components/ui/card.tsx';
import { Meter } from '../components/ui/meter.tsx';
import { OrgNotFoundPage } from './not-found.tsx';

const route = getRouteApi('/member/orgs/$slug');

export function OrgPage() {
  const { slug } = route.useParams();
  const { data: account } = useSuspenseQuery(accountQuery);
  const org = account?.orgs.find((candidate) => candidate.slug === slug);
  if (org === undefined) return <OrgNotFoundPage />;
  return <OrgFoundPage org={org} />;
}

function OrgFoundPage({ org }: { org: Account['orgs'][number] }) {
  const usage = useQuery(usageQuery(org.slug));
  return (
    <Page
      title={org.name}
      about={<span className="font-mono text-sm">{org.slug}</span>}
      action={<Badge kind="brand">you are {org.role}</Badge>}
    >
      <Card title="Usage" about="What is in use of the plan's limits.">
        <QueryView query={usage} what="what it uses">
          {({ containers, volume_gb: volumeGb }) => (
            <div className="grid gap-6 sm:grid-cols-2 sm:gap-10">
              <Meter label="Containers" {...containers} />
              <Meter label="Volumes" {...volumeGb} unit=" GB" />
            </div>
          )}
        </QueryView>
      </Card>
      <FirstSteps org={org.slug} />
    </Page>
  );
}
