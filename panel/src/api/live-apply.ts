import type { Volume } from '@dollarbox/client';
import type { QueryClient } from '@tanstack/react-query';
import type { FeedEvent } from './live-feed.ts';
import { type ContainerRow, orgKeys } from './org-queries.ts';
import { keys } from './queries.ts';

interface Row {
  id: number;
}

/** What events leave out of a volume: how much is used is measured later, without one. */
export const NEW_VOLUME: Pick<Volume, 'used_bytes'> = { used_bytes: null };

/** What events leave out of a very large container. */
const NEW_CONTAINER: Pick<ContainerRow, 'command' | 'volumes'> = { command: [], volumes: [] };

/** Brings what the page holds about an org up to date with events. */
export function eventsApply(
  queries: QueryClient,
  slug: string,
  events: readonly FeedEvent[],
): void {
  const byKind = Map.groupBy(events, ({ type }) => type.split('.')[0]);
  const containers = byKind.get('container') ?? [];
  const volumes = byKind.get('volume') ?? [];
  listUpdate(orgKeys.containers(slug), containers, NEW_CONTAINER);
  listUpdate(orgKeys.volumes(slug), volumes, NEW_VOLUME);
  const names = new Set(containers.map(({ object }) => String(object['name'])));
  for (const name of names) invalidate(orgKeys.container(slug, name));
  if (containers.length > 0) invalidate(orgKeys.containerEvents(slug));
  const isCountChanged = [...containers, ...volumes].some(({ type }) => !type.endsWith('_changed'));
  if (isCountChanged) invalidate(orgKeys.usage(slug));
  if (byKind.has('registry')) invalidate(orgKeys.registries(slug));
  if (byKind.has('kubectl_credential')) invalidate(orgKeys.kubectl(slug));
  if (byKind.has('member')) invalidate(keys.members(slug), keys.account);
  if (byKind.has('invitation')) invalidate(keys.invitations(slug));
  if (byKind.has('org')) invalidate(keys.account, orgKeys.usage(slug));

  function listUpdate(queryKey: string[], changes: FeedEvent[], blank: object): void {
    if (changes.length === 0) return;
    queries.setQueryData<Row[]>(queryKey, (rows) => rows && rowsUpdate(rows, changes, blank));
    const isPartial = changes.some(({ object }) => object['truncated'] === true);
    // A reply that is under way may be from before these events.
    if (isPartial || queries.isFetching({ queryKey }) > 0) invalidate(queryKey);
  }

  function invalidate(...stale: (readonly string[])[]): void {
    for (const queryKey of stale) void queries.invalidateQueries({ queryKey });
  }
}

/**
 * Lists of objects after events about some of them, newest first as the API lists them.
 * @param blank what events leave out, for an object that is new to the list.
 */
export function rowsUpdate<T extends Row>(
  rows: readonly T[],
  events: readonly FeedEvent[],
  blank: object,
): T[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const { type, object } of events) {
    const { truncated: _, ...fields } = object as { id: number; truncated?: boolean };
    if (type.endsWith('.deleted')) byId.delete(fields.id);
    else byId.set(fields.id, { ...(byId.get(fields.id) ?? blank), ...fields } as T);
  }
  return [...byId.values()].toSorted((a, b) => b.id - a.id);
}
