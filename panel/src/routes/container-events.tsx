import { useQuery } from '@tanstack/react-query';
import { containerEventsQuery } from '../api/org-queries.ts';
import { useContainer } from '../components/containers/container-context.ts';
import { ContainerTimeline } from '../components/containers/container-timeline.tsx';
import { useKnownPeople } from '../components/actors/use-known-people.ts';
import { useOrg } from '../components/shell/org-context.ts';
import { QueryView } from '../components/shell/query-view.tsx';
import { Card } from '../components/ui/card.tsx';
import { Empty } from '../components/ui/states.tsx';

/** What people and the machine did with a container, newest first. */
export function ContainerEventsPage() {
  const { slug } = useOrg();
  const { value: container } = useContainer();
  const events = useQuery(containerEventsQuery(slug, container.id));
  const known = useKnownPeople(slug);
  return (
    <Card title="Events" about="The last 200 changes, kept for 30 days.">
      <QueryView query={events} what="the events">
        {(rows) =>
          rows.length === 0 ? (
            <Empty title="No events">Nothing has changed within the last 30 days.</Empty>
          ) : (
            <ContainerTimeline events={rows} known={known} />
          )
        }
      </QueryView>
    </Card>
  );
}
