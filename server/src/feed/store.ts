import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { EventActor } from '../db/types.ts';
import type { EventCursor, EventPosition } from './position.ts';

/** An event as it is stored. */
export interface EventRow extends EventPosition {
  at: Date;
  type: string;
  object_kind: string;
  object_id: number;
  object: Record<string, unknown>;
  previous_attributes: Record<string, unknown>;
  actor: EventActor | null;
}

/** How long events are kept, in days. */
const KEPT_DAYS = 30;
const KEPT_BYTES_PER_ORG = 100 * 1024 ** 2;
const PURGE_BATCH_ROWS = 1000;

/**
 * A transaction that is still running may write an event at its own id or above. Everything below the oldest running
 * transaction is therefore final.
 */
const IS_FINAL = sql<boolean>`position < pg_snapshot_xmin(pg_current_snapshot())`;

/** Events of an org, and what their cursors are compared with. */
export interface EventPage {
  /** The number of the feed. */
  feed: number;
  /** The newest event that has been removed. */
  horizon: EventPosition | null;
  rows: EventRow[];
}

/** Which objects' events are wanted: those of a kind, or one of them. */
export interface EventsWanted {
  kind: string;
  /** null: all of the kind. */
  id: number | null;
}

/**
 * The final events of an org behind a position, oldest first.
 * @param wanted null: of all objects.
 * @param end which end of them `limit` counts from.
 */
export async function eventsRead(
  db: Db,
  orgId: number,
  after: EventPosition,
  limit: number,
  wanted: EventsWanted | null = null,
  end: 'oldest' | 'newest' = 'oldest',
): Promise<EventPage> {
  const order = end === 'oldest' ? sql`position, id` : sql`position desc, id desc`;
  const isWanted =
    wanted === null
      ? sql``
      : wanted.id === null
        ? sql`and object_kind = ${wanted.kind}`
        : sql`and object_kind = ${wanted.kind} and object_id = ${wanted.id}`;
  const { rows } = await sql<
    { [K in keyof EventRow]: EventRow[K] | null } & {
      feed: number;
      horizon_position: string | null;
      horizon_id: number | null;
    }
  >`
    select i.event_feed as feed, h.position as horizon_position, h.id as horizon_id, e.*
    from installation as i
    left join event_horizons as h on h.org_id = ${orgId}
    left join lateral (
      select position, id, at, type, object_kind, object_id, object, previous_attributes, actor from events
      where org_id = ${orgId} and (position, id) > (${after.position}::xid8, ${after.id}::bigint) and ${IS_FINAL}
        ${isWanted}
      order by ${order} limit ${limit}
    ) as e on true
    order by e.position, e.id`.execute(db);
  const [first] = rows;
  if (first === undefined) throw new Error('there is no installation');
  const { feed, horizon_position: position, horizon_id: id } = first;
  return {
    feed,
    horizon: position === null || id === null ? null : { position, id },
    rows: rows.filter((row): row is typeof row & EventRow => row.id !== null),
  };
}

/** The position behind every event that is final now. */
export async function eventsEnd(db: Db): Promise<EventCursor> {
  const { rows } = await sql<{ feed: number; position: string }>`
    select event_feed as feed, pg_snapshot_xmin(pg_current_snapshot()) as position
    from installation`.execute(db);
  const [end] = rows;
  if (end === undefined) throw new Error('there is no installation');
  return { ...end, id: 0 };
}

/** Which object an event behind a position is about. */
export interface EventNotice extends EventPosition {
  org_id: number;
  object_kind: string;
  object_id: number;
  /** The whole event, if it was asked for. */
  event: EventRow | null;
}

/**
 * The committed events of all orgs behind a position, oldest first, and those of them that are final.
 * @param wholeOf the orgs whose events are read as a whole.
 * @returns also for how long the oldest event that is not final yet has been held back, in seconds; null if none is.
 */
export async function eventNoticesRead(
  db: Db,
  after: EventPosition,
  limit: number,
  wholeOf: readonly number[],
): Promise<{ final: EventNotice[]; committed: EventNotice[]; heldBackSeconds: number | null }> {
  const { rows } = await sql<
    EventRow & { org_id: number; is_whole: boolean; is_final: boolean; age: number }
  >`
    select org_id, object_kind, object_id, position, id, ${IS_FINAL} as is_final,
      extract(epoch from clock_timestamp() - at)::float8 as age, at, type, is_whole, actor,
      case when is_whole then object end as object,
      case when is_whole then previous_attributes end as previous_attributes
    from events, lateral (select org_id = any(${wholeOf}::bigint[]) as is_whole) as asked
    where (position, id) > (${after.position}::xid8, ${after.id}::bigint)
    order by position, id limit ${limit}`.execute(db);
  const held = rows.filter((row) => !row.is_final).map(({ age }) => age);
  const committed = rows.map((row): EventNotice & { is_final: boolean } => {
    const { org_id, object_kind, object_id, position, id, is_whole, is_final } = row;
    const event = is_whole ? row : null;
    return { org_id, object_kind, object_id, position, id, is_final, event };
  });
  return {
    final: committed.filter((notice) => notice.is_final),
    committed,
    heldBackSeconds: held.length === 0 ? null : Math.max(0, ...held),
  };
}

/** For how long the oldest event that is not final yet has been held back, in seconds; 0 if none is. */
export async function eventsLagSeconds(db: Db): Promise<number> {
  const { rows } = await sql<{ age: number | null }>`
    select extract(epoch from clock_timestamp() - min(at))::float8 as age
    from events where position >= pg_snapshot_xmin(pg_current_snapshot())`.execute(db);
  return Math.max(0, rows[0]?.age ?? 0);
}

/** The transaction that holds events back: the oldest that is running anywhere in the cluster. */
export interface OldestTransaction {
  pid: number | null;
  database: string | null;
  application: string | null;
  state: string | null;
}

export async function oldestTransactionRead(db: Db): Promise<OldestTransaction | null> {
  const { rows } = await sql<OldestTransaction>`
    select pid, database, application, state
    from (
      select pid, datname as database, application_name as application, state, age(backend_xid) as age
      from pg_stat_activity where backend_xid is not null
      union all
      select null, database, 'prepared transaction ' || gid, 'prepared', age(transaction) from pg_prepared_xacts
    ) as running
    order by age desc limit 1`.execute(db);
  return rows[0] ?? null;
}

/**
 * Starts a new feed if the stored positions lie in the future, as in a database that was moved to another cluster
 * together with its events. Cursors of the old feed are refused.
 */
export async function eventFeedCheck(db: Db): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const { rows } = await sql<{ is_ahead: boolean }>`
      select exists (
        select from events where position > pg_snapshot_xmax(pg_current_snapshot())
      ) as is_ahead`.execute(trx);
    if (rows[0]?.is_ahead !== true) return;
    await eventFeedRestart(trx);
  });
}

/** Removes all events and makes their cursors invalid. */
export async function eventFeedRestart(db: Db): Promise<void> {
  await db.deleteFrom('events').execute();
  await db.deleteFrom('event_horizons').execute();
  await db
    .updateTable('installation')
    .set((eb) => ({ event_feed: eb('event_feed', '+', 1) }))
    .execute();
}

/** As it is stored, which is known without reading it. */
const SIZE = sql`pg_column_size(object) + pg_column_size(previous_attributes)`;

/**
 * Removes expired events, and the oldest of each org that has more than its share.
 * @param keptBytes the share of an org.
 */
export async function eventsPurge(
  db: Db,
  now: Date,
  keptBytes = KEPT_BYTES_PER_ORG,
): Promise<void> {
  const keptSince = new Date(now.getTime() - KEPT_DAYS * 86_400_000);
  const expired = await db
    .selectFrom('events')
    .select('org_id')
    .distinct()
    .where('at', '<', keptSince)
    .execute();
  for (const { org_id: orgId } of expired) {
    await eventsRemove(db, orgId, sql<boolean>`at < ${keptSince}`);
  }
  const { rows: large } = await sql<{ org_id: number }>`
    select org_id from events group by org_id
    having sum(${SIZE}) > ${keptBytes}`.execute(db);
  for (const { org_id: orgId } of large) {
    await eventsRemove(
      db,
      orgId,
      sql<boolean>`(position, id) <= (
        select position, id from (
          select position, id, sum(${SIZE})
            over (order by position desc, id desc) as bytes
          from events where org_id = ${orgId}
        ) as sized where bytes > ${keptBytes} order by position desc, id desc limit 1
      )`,
    );
  }
}

/** Removes events of an org, the oldest first, and records how far. */
async function eventsRemove(
  db: Db,
  orgId: number,
  condition: ReturnType<typeof sql<boolean>>,
): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ count: number }>`
      with removed as (
        delete from events where org_id = ${orgId} and (position, id) in (
          select position, id from events where org_id = ${orgId} and ${condition} and ${IS_FINAL}
          order by position, id limit ${PURGE_BATCH_ROWS}
        ) returning position, id
      ),
      recorded as (
        insert into event_horizons (org_id, position, id)
        select ${orgId}, position, id from removed order by position desc, id desc limit 1
        on conflict (org_id) do update set position = excluded.position, id = excluded.id
        where (event_horizons.position, event_horizons.id) < (excluded.position, excluded.id)
      )
      select count(*)::int as count from removed`.execute(db);
    if ((rows[0]?.count ?? 0) < PURGE_BATCH_ROWS) return;
  }
}
