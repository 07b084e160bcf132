import {
  type Container,
  DollarboxError,
  type Volume,
  listAll,
  pagesAll,
  unwrap,
} from '@dollarbox/client';
import type { components } from '@dollarbox/client/schema';
import { queryOptions } from '@tanstack/react-query';
import { api } from './client.ts';
import { type Versioned, unwrapVersioned } from './versioned.ts';

export type Registry = components['schemas']['Registry'];
export type Workload = components['schemas']['Workload'];
export type KubectlCredential = components['schemas']['KubectlCredential'];

/** A container in a list: without the values of its variables, which no list shows. */
export type ContainerRow = Omit<Container, 'env'>;

/** A container without its variables. */
export function rowOf(container: Container): ContainerRow {
  const row: ContainerRow & { env?: unknown } = { ...container };
  delete row.env;
  return row;
}

/** Keys of what belongs to one org, all below that org's. */
export const orgKeys = {
  all: (slug: string) => ['orgs', slug],
  containers: (slug: string) => ['orgs', slug, 'containers'],
  /** Without a name: of all containers. */
  container: (slug: string, ...name: [string] | []) => ['orgs', slug, 'container', ...name],
  containerEvents: (slug: string) => ['orgs', slug, 'container-events'],
  stats: (slug: string, id: number) => ['orgs', slug, 'stats', String(id)],
  volumes: (slug: string) => ['orgs', slug, 'volumes'],
  registries: (slug: string) => ['orgs', slug, 'registries'],
  kubectl: (slug: string) => ['orgs', slug, 'kubectl'],
  workloads: (slug: string) => ['orgs', slug, 'workloads'],
  usage: (slug: string) => ['orgs', slug, 'usage'],
};

/** As many as the API gives at once. */
const PAGE_ROWS = 200;

async function listWhole<T>(rows: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const row of rows) all.push(row);
  return all;
}

/** All containers of an org, newest first: search, counts and sorting are done here, and events keep it current. */
export function containersQuery(slug: string) {
  return queryOptions({
    queryKey: orgKeys.containers(slug),
    queryFn: async (): Promise<ContainerRow[]> => {
      const all = await listWhole(listAll(api, '/containers/', { org: slug, limit: PAGE_ROWS }));
      return all.map(rowOf);
    },
    staleTime: 30_000,
  });
}

/** How long a try may take before its result is read, and how often it is read after that. */
const RETRY_TAKES_MS = 2000;
const RETRY_READ_MS = 5000;

/** One container by its name; null if there is none. */
export function containerQuery(slug: string, name: string) {
  return queryOptions({
    queryKey: orgKeys.container(slug, name),
    queryFn: async (): Promise<Versioned<Container> | null> => {
      const query = { org: slug, name };
      const { results } = await unwrap(api.GET('/containers/', { params: { query } }));
      const [found] = results;
      return found === undefined ? null : containerRead(slug, found.id);
    },
    staleTime: 30_000,
    // A try that fails as the one before causes no event.
    refetchInterval: ({ state }) => retryReadMs(state.data?.value.next_retry_at ?? null),
  });
}

/** How long to wait before an object is read again of which something is tried at this time; false: no need. */
function retryReadMs(nextRetryAt: string | null): number | false {
  if (nextRetryAt === null) return false;
  return Math.max(Date.parse(nextRetryAt) - Date.now() + RETRY_TAKES_MS, RETRY_READ_MS);
}

/** @returns null if it is gone. */
async function containerRead(slug: string, id: number): Promise<Versioned<Container> | null> {
  try {
    return await unwrapVersioned(
      api.GET('/containers/{id}/', { params: { path: { id }, query: { org: slug } } }),
    );
  } catch (error) {
    if (error instanceof DollarboxError && error.status === 404) return null;
    throw error;
  }
}

/** The newest events of a container, oldest of them first. */
export function containerEventsQuery(slug: string, id: number) {
  return queryOptions({
    queryKey: [...orgKeys.containerEvents(slug), String(id)],
    queryFn: async () => {
      const query = { org: slug, object: `container:${id}`, tail: PAGE_ROWS };
      const page = await unwrap(api.GET('/events/', { params: { query } }));
      // Text is what a stream would be; this asks for a list.
      return typeof page === 'string' ? [] : page.results;
    },
  });
}

export type ContainerStats = components['schemas']['ContainerStats'];

/** What a container uses, and the measurement before, from which rates follow. */
export interface StatsPair {
  now: ContainerStats;
  before: ContainerStats | null;
}

const STATS_EVERY_MS = 5000;

/** Read again and again while it is shown: no event tells what a container uses. */
export function statsQuery(slug: string, id: number) {
  const queryKey = orgKeys.stats(slug, id);
  return queryOptions({
    queryKey,
    queryFn: async ({ client }): Promise<StatsPair> => {
      const params = { path: { id }, query: { org: slug } };
      const now = await unwrap(api.GET('/containers/{id}/stats/', { params }));
      return { now, before: client.getQueryData<StatsPair>(queryKey)?.now ?? null };
    },
    refetchInterval: STATS_EVERY_MS,
    staleTime: 0,
  });
}

export function volumesQuery(slug: string) {
  return queryOptions({
    queryKey: orgKeys.volumes(slug),
    queryFn: (): Promise<Volume[]> =>
      listWhole(listAll(api, '/volumes/', { org: slug, limit: PAGE_ROWS })),
    staleTime: 30_000,
  });
}

export function registriesQuery(slug: string) {
  return queryOptions({
    queryKey: orgKeys.registries(slug),
    queryFn: (): Promise<Registry[]> =>
      listWhole(listAll(api, '/registries/', { org: slug, limit: PAGE_ROWS })),
    staleTime: 30_000,
  });
}

/** @param isAll also those of other members, which admins and owners see. */
export function kubectlQuery(slug: string, isAll: boolean) {
  return queryOptions({
    queryKey: orgKeys.kubectl(slug),
    queryFn: (): Promise<KubectlCredential[]> => {
      const query = { org: slug, limit: PAGE_ROWS, ...(isAll ? { all: true } : {}) };
      return listWhole(listAll(api, '/kubectl-credentials/', query));
    },
    staleTime: 30_000,
  });
}

const WORKLOADS_EVERY_MS = 10_000;

/**
 * What runs in the org by kubectl, newest first.
 * @param isOn members may create more of it: it is read again while it is shown, since there are no events of it.
 */
export function workloadsQuery(slug: string, isOn: boolean) {
  return queryOptions({
    queryKey: orgKeys.workloads(slug),
    queryFn: (): Promise<Workload[]> =>
      Array.fromAsync(
        pagesAll('workloads', (cursor) => {
          const params = { path: { slug }, query: { limit: PAGE_ROWS, ...cursor } };
          return unwrap(api.GET('/orgs/{slug}/workloads/', { params }));
        }),
      ),
    refetchInterval: isOn ? WORKLOADS_EVERY_MS : (false as const),
  });
}
