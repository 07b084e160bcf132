import { useQuery } from '@tanstack/react-query';
import { usageQuery } from '../api/queries.ts';
import { containersQuery } from '../api/org-queries.ts';
import { ContainerList } from '../components/containers/container-list.tsx';
import { QuickRun } from '../components/containers/quick-run.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Badge } from '../components/ui/badge.tsx';
import { Card } from '../components/ui/card.tsx';
import { Meter } from '../components/ui/meter.tsx';

/** What an org has and uses. */
export function OrgPage() {
  const org = useOrg();
  const usage = useQuery(usageQuery(org.slug));
  return (
    <Page
      title={org.name}
      about={<span className="font-mono text-sm">{org.slug}</span>}
      action={<Badge kind="brand">Your role: {org.role}</Badge>}
    >
      <Card title="Usage" about="Current use and the limits of the plan.">
        {/* As tall as the meters, so that nothing moves when they arrive. */}
        <div className="min-h-[5.25rem] sm:min-h-9">
          <QueryView query={usage} what="its usage">
            {({ containers, volume_gb: volumeGb }) => (
              <div className="grid gap-4 sm:grid-cols-2 sm:gap-10">
                <Meter label="Containers" {...containers} />
                <Meter label="Volumes" {...volumeGb} unit=" GB" />
              </div>
            )}
          </QueryView>
        </div>
      </Card>
      <Containers slug={org.slug} />
    </Page>
  );
}

/** How many containers the overview shows. */
const SHOWN = 8;

function Containers({ slug }: { slug: string }) {
  const containers = useQuery(containersQuery(slug));
  return (
    <QueryView query={containers} what="the containers">
      {(rows) =>
        rows.length === 0 ? (
          <QuickRun slug={slug} />
        ) : (
          <section aria-labelledby="containers" className="grid gap-3">
            <div className="flex items-baseline justify-between gap-4">
              <h2 id="containers" tabIndex={-1} className="text-lg font-semibold">
                Containers
              </h2>
              <TextLink to="/orgs/$slug/containers" params={{ slug }}>
                {rows.length > SHOWN ? `All ${rows.length}` : 'Manage'}
              </TextLink>
            </div>
            <ContainerList slug={slug} rows={rows.slice(0, SHOWN)} />
          </section>
        )
      }
    </QueryView>
  );
}
