import { ApiError } from '../base/errors.ts';
import type { Db } from '../db/database.ts';
import { type EventCursor, type EventPosition, eventIdFormat } from '../feed/position.ts';
import { type EventPage, type EventsWanted, eventsRead } from '../feed/store.ts';

const BEGINNING: EventPosition = { position: '0', id: 0 };

/**
 * The events of an org behind a cursor, oldest first.
 * @param cursor null: from the oldest event that is kept.
 * @param wanted null: of all objects.
 * @throws ApiError 410 if events behind the cursor have been removed.
 */
export async function eventList(
  db: Db,
  orgId: number,
  cursor: EventCursor | null,
  limit: number,
  wanted: EventsWanted | null = null,
): Promise<EventPage> {
  const page = await eventsRead(db, orgId, cursor ?? BEGINNING, limit, wanted);
  if (cursor === null) return page;
  const { feed, horizon } = page;
  const isKept = cursor.feed === feed && (horizon === null || !isBefore(cursor, horizon));
  if (isKept) return page;
  throw new ApiError(
    'cursor_expired',
    'Events behind this cursor are no longer kept: read the objects again, and continue from "oldest".',
    { detail: { oldest: eventIdFormat(feed, horizon ?? BEGINNING) } },
  );
}

/** The newest events of an org, oldest of them first. */
export function eventTail(
  db: Db,
  orgId: number,
  limit: number,
  wanted: EventsWanted | null,
): Promise<EventPage> {
  return eventsRead(db, orgId, BEGINNING, limit, wanted, 'newest');
}

function isBefore(one: EventPosition, other: EventPosition): boolean {
  const [a, b] = [BigInt(one.position), BigInt(other.position)];
  return a === b ? one.id < other.id : a < b;
}
