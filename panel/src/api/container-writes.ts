import type { Container } from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { unwrap } from '@dollarbox/client';
import { api } from './client.ts';
import { type ContainerRow, orgKeys, rowOf } from './org-queries.ts';
import { type Versioned, unwrapVersioned } from './versioned.ts';

export type ContainerVerb = 'start' | 'stop' | 'restart';

/**
 * Puts a reply to a write in place of what the page showed before, unless events have come meanwhile: these may tell of
 * later changes, so that the object is read again.
 * @param beganAt when the write was sent, in milliseconds.
 */
function containerKeep(
  queries: QueryClient,
  slug: string,
  read: Versioned<Container>,
  beganAt: number,
): void {
  const row = rowOf(read.value);
  const [list, one] = [orgKeys.containers(slug), orgKeys.container(slug, row.name)];
  // Every event about a container of the org changes the list, if it is held.
  const isOvertaken = (queries.getQueryState(list)?.dataUpdatedAt ?? beganAt) >= beganAt;
  if (!isOvertaken || queries.getQueryData(one) === undefined) queries.setQueryData(one, read);
  if (isOvertaken) {
    for (const queryKey of [list, one]) void queries.invalidateQueries({ queryKey });
    return;
  }
  queries.setQueryData<ContainerRow[]>(list, (rows) => {
    if (rows === undefined) return rows;
    const others = rows.filter(({ id }) => id !== row.id);
    return [...others, row].toSorted((a, b) => b.id - a.id);
  });
}

/**
 * What to do when a write has ended. It is done also if the component that began the write is gone by then: the event
 * of a change may come before its reply, and take the component from the page. (The callbacks of `mutate` are not
 * called then.)
 */
interface WriteEnds<Result> {
  onDone: (result: Result) => void;
  onRefused?: (error: Error) => void;
}

/** Starts, stops or restarts a container. */
export function useContainerVerb(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, verb }: { id: number; verb: ContainerVerb }) => {
      const params = { path: { id }, query: { org: slug } };
      if (verb === 'start') return unwrapVersioned(api.POST('/containers/{id}/start/', { params }));
      if (verb === 'stop') return unwrapVersioned(api.POST('/containers/{id}/stop/', { params }));
      return unwrapVersioned(api.POST('/containers/{id}/restart/', { params }));
    },
    onMutate: () => Date.now(),
    onSuccess: (read, _, beganAt) => containerKeep(queries, slug, read, beganAt),
  });
}

export function useContainerCreate(
  slug: string,
  { onDone, onRefused }: WriteEnds<Versioned<Container>>,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: components['schemas']['ContainerCreate']) =>
      unwrapVersioned(api.POST('/containers/', { params: { query: { org: slug } }, body })),
    onMutate: () => Date.now(),
    onSuccess(read, _, beganAt) {
      containerKeep(queries, slug, read, beganAt);
      void queries.invalidateQueries({ queryKey: orgKeys.usage(slug) });
      void queries.invalidateQueries({ queryKey: orgKeys.volumes(slug) });
      onDone(read);
    },
    onError: (error) => onRefused?.(error),
  });
}

interface Update {
  id: number;
  /** The version that the change was made on. */
  version: string;
  body: components['schemas']['ContainerUpdate'];
}

/** Saves a change, unless somebody else has saved since the version was read: 412. */
export function useContainerUpdate(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id, version, body }: Update) =>
      unwrapVersioned(
        api.PATCH('/containers/{id}/', {
          params: { path: { id }, query: { org: slug }, header: { 'If-Match': version } },
          body,
        }),
      ),
    onMutate: () => Date.now(),
    onSuccess(read, _, beganAt) {
      containerKeep(queries, slug, read, beganAt);
      void queries.invalidateQueries({ queryKey: orgKeys.volumes(slug) });
    },
  });
}

export function useContainerDelete(
  slug: string,
  { onDone }: WriteEnds<Pick<ContainerRow, 'id' | 'name'>>,
) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Pick<ContainerRow, 'id' | 'name'>) =>
      unwrap(api.DELETE('/containers/{id}/', { params: { path: { id }, query: { org: slug } } })),
    onSuccess(_, container) {
      const { id, name } = container;
      queries.setQueryData<ContainerRow[]>(
        orgKeys.containers(slug),
        (rows) => rows && rows.filter((row) => row.id !== id),
      );
      queries.removeQueries({ queryKey: orgKeys.container(slug, name) });
      void queries.invalidateQueries({ queryKey: orgKeys.usage(slug) });
      void queries.invalidateQueries({ queryKey: orgKeys.volumes(slug) });
      onDone(container);
    },
  });
}
