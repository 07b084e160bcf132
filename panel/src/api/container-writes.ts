import type { Container } from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import { type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { unwrap } from '@dollarbox/client';
import { api } from './client.ts';
import { type ContainerRow, orgKeys, rowOf } from './org-queries.ts';
import { type Versioned, unwrapVersioned } from './versioned.ts';

export type ContainerVerb = 'start' | 'stop' | 'restart';

/** Puts a reply of the server in place of what the page showed before. */
function containerKeep(queries: QueryClient, slug: string, read: Versioned<Container>): void {
  const row = rowOf(read.value);
  queries.setQueryData(orgKeys.container(slug, row.name), read);
  queries.setQueryData<ContainerRow[]>(orgKeys.containers(slug), (rows) => {
    if (rows === undefined) return rows;
    const others = rows.filter(({ id }) => id !== row.id);
    return [...others, row].toSorted((a, b) => b.id - a.id);
  });
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
    onSuccess: (read) => containerKeep(queries, slug, read),
  });
}

export function useContainerCreate(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (body: components['schemas']['ContainerCreate']) =>
      unwrapVersioned(api.POST('/containers/', { params: { query: { org: slug } }, body })),
    onSuccess(read) {
      containerKeep(queries, slug, read);
      void queries.invalidateQueries({ queryKey: orgKeys.usage(slug) });
      void queries.invalidateQueries({ queryKey: orgKeys.volumes(slug) });
    },
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
    onSuccess(read) {
      containerKeep(queries, slug, read);
      void queries.invalidateQueries({ queryKey: orgKeys.volumes(slug) });
    },
  });
}

export function useContainerDelete(slug: string) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: ({ id }: Pick<ContainerRow, 'id' | 'name'>) =>
      unwrap(api.DELETE('/containers/{id}/', { params: { path: { id }, query: { org: slug } } })),
    onSuccess(_, { id, name }) {
      queries.setQueryData<ContainerRow[]>(
        orgKeys.containers(slug),
        (rows) => rows && rows.filter((row) => row.id !== id),
      );
      queries.removeQueries({ queryKey: orgKeys.container(slug, name) });
      void queries.invalidateQueries({ queryKey: orgKeys.usage(slug) });
      void queries.invalidateQueries({ queryKey: orgKeys.volumes(slug) });
    },
  });
}
