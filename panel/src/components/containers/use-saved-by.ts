import { useQuery } from '@tanstack/react-query';
import { containerEventsQuery } from '../../api/org-queries.ts';
import { eventActor } from '../actors/actor-words.ts';
import { useKnownPeople } from '../actors/use-known-people.ts';

/** Who saved a version of a container; null where that is not known. */
export function useSavedBy(slug: string, id: number, generation: number): string | null {
  const { data: events = [] } = useQuery(containerEventsQuery(slug, id));
  const known = useKnownPeople(slug);
  const saved = events.find(
    ({ type, object }) => type === 'container.updated' && object['generation'] === generation,
  );
  if (saved === undefined) return null;
  const { kind, who } = eventActor(saved.actor, known);
  return kind === 'person' ? who : null;
}
