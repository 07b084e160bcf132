import { useQuery } from '@tanstack/react-query';
import { volumesQuery } from '../api/org-queries.ts';
import { wordsFormat } from '../lib/command-text.ts';
import { ContainerAddress } from '../components/containers/container-address.tsx';
import { useContainer } from '../components/containers/container-context.ts';
import {
  ContainerFacts,
  ContainerWarnings,
  StatusExplained,
} from '../components/containers/status-explained.tsx';
import { StatsCard } from '../components/containers/stats-card.tsx';
import { useOrg } from '../components/shell/org-context.ts';
import { TextLink } from '../components/shell/text-link.tsx';
import { Card } from '../components/ui/card.tsx';

/** How a container is, and how it is reached. */
export function ContainerOverviewPage() {
  const { slug } = useOrg();
  const { value: container } = useContainer();
  const { data: volumes = [] } = useQuery(volumesQuery(slug));
  return (
    <>
      <StatusExplained container={container} />
      <ContainerWarnings container={container} />
      <Card title="Address" about="IPv6, the same for the container’s whole life.">
        <ContainerAddress container={container} />
      </Card>
      <StatsCard container={container} />
      <Card title="State">
        <ContainerFacts container={container} />
      </Card>
      <Card
        title="What runs"
        aside={
          <TextLink
            to="/orgs/$slug/containers/$name/settings"
            params={{ slug, name: container.name }}
          >
            Edit
          </TextLink>
        }
      >
        <dl className="grid gap-x-8 gap-y-4 text-sm sm:grid-cols-[8rem_minmax(0,1fr)]">
          <Fact term="Image">{container.image}</Fact>
          <Fact term="Command">
            {container.command.length === 0 ? null : wordsFormat(container.command)}
          </Fact>
          <Fact term="TCP ports">
            {container.ports.length === 0 ? null : container.ports.join(', ')}
          </Fact>
          <Fact term="Variables" empty="none">
            {Object.keys(container.env).toSorted().join(', ') || null}
          </Fact>
          <Fact term="Volumes" empty="none">
            {container.volumes
              .map(({ volume, mount_path: path }) => {
                const name = volumes.find(({ id }) => id === volume)?.name ?? `volume ${volume}`;
                return `${name} at ${path}`;
              })
              .join(', ') || null}
          </Fact>
        </dl>
      </Card>
    </>
  );
}

interface FactProps {
  term: string;
  empty?: string;
  children: string | null;
}

function Fact({ term, empty = 'the image’s own', children }: FactProps) {
  return (
    <>
      <dt className="-mb-3 text-soft sm:mb-0">{term}</dt>
      <dd className="min-w-0">
        {children === null ? (
          <span className="text-faint">{empty}</span>
        ) : (
          <code className="font-mono wrap-anywhere">{children}</code>
        )}
      </dd>
    </>
  );
}
