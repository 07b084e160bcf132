import { eventIdFormat } from '../feed/position.ts';
import type { Event } from './schema.ts';
import type { EventRow } from '../feed/store.ts';

/** Columns whose name differs from the field in the API. */
const RENAMED: Readonly<Record<string, string>> = { container_id: 'container' };

/** An event as the API shows it. */
export function eventShow(row: EventRow, feed: number, orgSlug: string): Event {
  const { actor } = row;
  const isOrg = row.object_kind === 'org';
  return {
    id: eventIdFormat(feed, row),
    at: row.at.toISOString(),
    type: row.type,
    object: { ...fieldsShow(row.object), ...(isOrg ? {} : { org: orgSlug }) },
    previous_attributes: fieldsShow(row.previous_attributes),
    actor: actor === null ? null : { user_id: actor.user_id, token_id: actor.token_id },
    request_id: actor?.request_id ?? null,
  };
}

/** Columns that hold times, by their names. */
const TIME = /_(at|since)$/;

/** Times as everywhere in the API: PostgreSQL writes them with an offset and microseconds. */
function fieldsShow(columns: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(columns).map(([column, value]) => [
      RENAMED[column] ?? column,
      TIME.test(column) && typeof value === 'string' ? new Date(value).toISOString() : value,
    ]),
  );
}
