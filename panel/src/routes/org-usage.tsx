import { useQuery } from '@tanstack/react-query';
import { containersQuery, volumesQuery } from '../api/org-queries.ts';
import { usageQuery } from '../api/queries.ts';
import { ContainerStatus } from '../components/containers/container-status.tsx';
import { WorkloadsCard } from '../components/kubectl/workloads-card.tsx';
import { LimitNote } from '../components/shell/limit-note.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { Page } from '../components/shell/page.tsx';
import { QueryView } from '../components/shell/query-view.tsx';
import { TextLink } from '../components/shell/text-link.tsx';
import { Card } from '../components/ui/card.tsx';
import { Meter } from '../components/ui/meter.tsx';
import { usedText } from '../components/volumes/volume-list.tsx';

/** What an org uses of its plan, and what uses it. */
export function OrgUsagePage() {
  const { slug } = useOrg();
  const usage = useQuery(usageQuery(slug));
  const containers = useQuery(containersQuery(slug));
  const volumes = useQuery(volumesQuery(slug));
  return (
    <Page title="Usage" width="form" about="What this org uses of its plan.">
      <QueryView query={usage} what="the usage">
        {({ containers: count, volume_gb: volumeGb }) => (
          <>
            {count.current >= count.limit && (
              <LimitNote slug={slug} what="containers" limit={count.limit} />
            )}
            {volumeGb.current >= volumeGb.limit && (
              <LimitNote slug={slug} what="GB of volumes" limit={volumeGb.limit} />
            )}
            <Card title="Containers" about="Each has 1 GiB of memory and a share of the CPU.">
              <div className="grid gap-5">
                <Meter label="Containers" {...count} />
                <QueryView query={containers} what="the containers">
                  {(rows) => (
                    <ul aria-label="Containers" className="divide-y divide-line">
                      {rows
                        .toSorted((a, b) => a.name.localeCompare(b.name))
                        .map((row) => (
                          <li key={row.id} className="flex items-center justify-between gap-4 py-2">
                            <TextLink
                              to="/orgs/$slug/containers/$name"
                              params={{ slug, name: row.name }}
                            >
                              {row.name}
                            </TextLink>
                            <ContainerStatus container={row} />
                          </li>
                        ))}
                    </ul>
                  )}
                </QueryView>
              </div>
            </Card>
            {/* Not before the containers above it, which would move it when they arrive. */}
            {!containers.isPending && (
              <Card title="Volumes" about="The sizes that volumes were created with.">
                <div className="grid gap-5">
                  <Meter label="Volumes" {...volumeGb} unit=" GB" />
                  <QueryView query={volumes} what="the volumes">
                    {(rows) => (
                      <ul aria-label="Volumes" className="divide-y divide-line">
                        {rows
                          .toSorted((a, b) => b.size_gb - a.size_gb)
                          .map((row) => (
                            <li
                              key={row.id}
                              className="flex items-center justify-between gap-4 py-2"
                            >
                              <TextLink
                                to="/orgs/$slug/volumes/$name"
                                params={{ slug, name: row.name }}
                              >
                                {row.name}
                              </TextLink>
                              <span className="text-sm text-soft tabular-nums">
                                {usedText(row)}
                              </span>
                            </li>
                          ))}
                      </ul>
                    )}
                  </QueryView>
                </div>
              </Card>
            )}
            {!containers.isPending && !volumes.isPending && <WorkloadsCard slug={slug} />}
          </>
        )}
      </QueryView>
    </Page>
  );
}
