import type { Volume } from '@dollarbox/client';
import type { QueryClient } from '@tanstack/react-query';
import type { FeedEvent } from './live-feed.ts';
import { type ContainerRow, orgKeys } from './org-queries.ts';
import { keys } from './queries.ts';

/** Brings what the page holds about an org up to date with events. */
export function eventsApply(
  queries: QueryClient,
  slug: string,
  events: readonly FeedEvent[],
): void {
  const byKind = Map.groupBy(events, ({ type }) => type.split('.')[0]);
  const containers = byKind.get('container') ?? [];
  const volumes = byKind.get('volume') ?? [];
  listUpdate<ContainerRow>(orgKeys.containers(slug), containers);
  listUpdate<Volume>(orgKeys.volumes(slug), volumes);
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

  function listUpdate<T extends { id: number }>(queryKey: string[], changes: FeedEvent[]): void {
    if (changes.length === 0) return;
    queries.setQueryData<T[]>(queryKey, (rows) => rows && rowsUpdate(rows, changes));
    // A reply that is under way may be from before these events.
    if (queries.isFetching({ queryKey }) > 0) invalidate(queryKey);
  }

  function invalidate(...stale: (readonly string[])[]): void {
    for (const queryKey of stale) void queries.invalidateQueries({ queryKey });
  }
}

/** Lists of objects after events about some of them, newest first as the API lists them. */
export function rowsUpdate<T extends { id: number }>(
  rows: readonly T[],
  events: readonly FeedEvent[],
): T[] {
  const byId = new Map(rows.map((row) => [row.id, row]));
  for (const { type, object } of events) {
    const { truncated: _, ...fields } = object as { id: number; truncated?: boolean };
    if (type.endsWith('.deleted')) byId.delete(fields.id);
    else byId.set(fields.id, { ...byId.get(fields.id), ...fields } as T);
  }
  return [...byId.values()].toSorted((a, b) => b.id - a.id);
}
