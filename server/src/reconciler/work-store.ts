// The queue in PostgreSQL; `store.ts` documents each function. One statement per function, except for claims.
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { HANGS_ASIDE } from './next-try.ts';
import { ANY_ORG, type DueWork, orgTurnsChoose } from './org-turns.ts';
import {
  type Claim,
  FenceLost,
  type NextTurn,
  type OrgPlaces,
  type WorkKind,
  type WorkStore,
} from './store.ts';

/** The columns that a wake sets. While a worker holds the object, only the counter changes. */
export function wakeColumns(now: Date) {
  return {
    wake_seq: sql<number>`wake_seq + 1`,
    due_at: sql<Date>`case when lease_until > ${now} then due_at else least(due_at, ${now}::timestamptz) end`,
  };
}

async function workWake(db: Db, kind: WorkKind, id: number, now: Date): Promise<void> {
  await db
    .updateTable('work')
    .set(wakeColumns(now))
    .where('kind', '=', kind)
    .where('object_id', '=', id)
    .execute();
}

/** The columns that a hint from the engine sets. The delay after a failure stays, unless `isUrgent`. */
export function hintColumns(now: Date, isUrgent = sql<boolean>`false`) {
  return {
    hint_seq: sql<number>`hint_seq + 1`,
    wake_seq: sql<number>`wake_seq + case when ${isUrgent} then 1 else 0 end`,
    due_at: sql<Date>`case
      when lease_until > ${now} then due_at
      when failures > 0 and due_at is not null and not ${isUrgent} then due_at
      else least(due_at, ${now}::timestamptz)
    end`,
  };
}

async function workHint(db: Db, kind: WorkKind, id: number, now: Date): Promise<void> {
  const { hint_seq, due_at } = hintColumns(now);
  await db
    .updateTable('work')
    .set({ hint_seq, due_at })
    .where('kind', '=', kind)
    .where('object_id', '=', id)
    .execute();
}

/**
 * Wakes the objects that wait for the engine, once per object and outage: several processes see the same outage end.
 * @param ids a query for the objects of the kind whose state was marked unknown.
 */
export async function workWakeBack(
  db: Db,
  kind: WorkKind,
  ids: RawBuilder<unknown>,
  since: Date,
  now: Date,
): Promise<void> {
  const { wake_seq, due_at } = wakeColumns(now);
  await sql`
    with held as materialized (
      select kind, object_id from work
      where kind = ${kind} and (failures > 0 or object_id in (${ids}))
        and (engine_back_at is null or engine_back_at < ${since})
      order by object_id
      for update
    )
    update work set wake_seq = ${wake_seq}, due_at = ${due_at}, engine_back_at = ${now}, hangs = 0
    from held
    where work.kind = held.kind and work.object_id = held.object_id
  `.execute(db);
}

/** Objects that a turn wakes in the transaction that records it. */
interface Woken {
  /** The claim of the turn itself. It is released or removed afterwards. */
  claim: Claim;
  containers?: readonly number[];
  /**
   * Wakes those of these volumes that are deleted, whose data can now be removed, and the containers that mount the
   * others.
   */
  volumes?: readonly number[];
}

/**
 * Wakes several objects. Locks their rows and the turn's own row in a fixed order: turns wake each other, and two that
 * end at the same time would otherwise deadlock.
 */
export async function workWakeInOrder(
  db: Db,
  { claim, containers = [], volumes = [] }: Woken,
  now: Date,
): Promise<void> {
  const { wake_seq, due_at } = wakeColumns(now);
  await sql`
    with woken as (
      select 'container' as kind, unnest(${[...containers]}::bigint[]) as object_id
      union select 'container', container_id from volumes where id = any(${[...volumes]}::bigint[]) and container_id is not null
      union select 'volume', id from volumes where id = any(${[...volumes]}::bigint[]) and deleted_at is not null
    ),
    held as materialized (
      select kind, object_id from work
      where (kind, object_id) in (select kind, object_id from woken) or (kind = ${claim.kind} and object_id = ${claim.id})
      order by kind, object_id
      for update
    )
    update work set wake_seq = ${wake_seq}, due_at = ${due_at}
    from held
    where work.kind = held.kind and work.object_id = held.object_id
      and not (work.kind = ${claim.kind} and work.object_id = ${claim.id})
  `.execute(db);
}

/** Wakes every object of an org. */
export async function workWakeOrg(db: Db, orgId: number, now: Date): Promise<void> {
  const { wake_seq, due_at } = wakeColumns(now);
  await sql`
    with held as materialized (
      select kind, object_id from work where org_id = ${orgId} order by kind, object_id for update
    )
    update work set wake_seq = ${wake_seq}, due_at = ${due_at}
    from held
    where work.kind = held.kind and work.object_id = held.object_id
  `.execute(db);
}

/** @throws FenceLost */
export async function workReleaseRequire(
  db: Db,
  claim: Claim,
  now: Date,
  next: NextTurn,
): Promise<void> {
  if (!(await workRelease(db, claim, now, next))) throw new FenceLost();
}

/** Up to this many due objects, all of them are read, to choose from. */
const DUE_WINDOW = 64;
/** Another worker may lock the chosen objects first. */
const CLAIM_ATTEMPTS = 3;

async function workClaim(
  db: Db,
  worker: number,
  now: Date,
  leaseMs: number,
  limit: number,
  places: OrgPlaces = ANY_ORG,
): Promise<Claim[]> {
  const until = new Date(now.getTime() + leaseMs);
  for (let attempt = 1; ; attempt += 1) {
    const chosen = orgTurnsChoose(await workDue(db, now, limit, places), limit, places);
    if (chosen.length === 0) return [];
    const claims = await workLease(db, worker, now, until, chosen);
    if (claims.length > 0 || attempt === CLAIM_ATTEMPTS) return claims;
  }
}

/**
 * The due objects of orgs that may have more places: all of them if there are few, else the longest due of each org.
 */
async function workDue(db: Db, now: Date, perOrg: number, places: OrgPlaces): Promise<DueWork[]> {
  const full = [...places.held].flatMap(([orgId, count]) => (count < places.perOrg ? [] : orgId));
  const window = Math.max(DUE_WINDOW, perOrg);
  const isAsideWanted = places.aside > 0;
  const due = await db
    .selectFrom('work')
    .select(['kind', 'object_id as id', 'org_id as orgId', 'due_at as dueAt', 'hangs'])
    .where('due_at', '<=', now)
    .$if(full.length > 0, (query) => query.where('org_id', 'not in', full))
    .$if(!isAsideWanted, (query) => query.where('hangs', '<', HANGS_ASIDE))
    .orderBy('due_at')
    .limit(window)
    .$narrowType<{ kind: WorkKind; dueAt: Date }>()
    .execute();
  if (due.length < window) return due;
  // One step per org along the index, instead of a look at each object.
  const heads = await sql<DueWork>`
    with recursive org as (
      (select org_id from work where due_at is not null order by org_id limit 1)
      union all
      select (
        select org_id from work where due_at is not null and work.org_id > org.org_id order by work.org_id limit 1
      )
      from org where org.org_id is not null
    )
    select head.kind, head.object_id as id, org.org_id as "orgId", head.due_at as "dueAt",
      head.hangs
    from org cross join lateral (
      select kind, object_id, due_at, hangs from work
      where work.org_id = org.org_id and due_at <= ${now} and org.org_id <> all(${full}::bigint[])
        and (${isAsideWanted}::boolean or hangs < ${HANGS_ASIDE})
      order by hangs >= ${HANGS_ASIDE}, due_at
      limit ${perOrg}
    ) as head
  `.execute(db);
  return heads.rows;
}

/** Leases those chosen objects that are still due and that no other worker is currently leasing. */
async function workLease(
  db: Db,
  worker: number,
  now: Date,
  until: Date,
  chosen: readonly DueWork[],
): Promise<Claim[]> {
  const { rows } = await sql<Claim>`
    with due as (
      select kind, object_id, due_at from work
      where (kind, object_id) in (
        select * from unnest(${chosen.map(({ kind }) => kind)}::text[], ${chosen.map(({ id }) => id)}::bigint[])
      ) and due_at <= ${now}
      for update skip locked
    )
    update work
    set lease_owner = ${worker}, lease_until = ${until}, due_at = ${until}, fence = fence + 1
    from due
    where work.kind = due.kind and work.object_id = due.object_id
    returning work.kind, work.object_id as id, work.org_id as "orgId", work.fence, work.wake_seq as "wakeSeq",
      work.hint_seq as "hintSeq", work.failures, work.hangs, due.due_at as "dueAt"
  `.execute(db);
  const leased = new Map(rows.map((claim) => [`${claim.kind} ${claim.id}`, claim]));
  return chosen.flatMap(({ kind, id }) => leased.get(`${kind} ${id}`) ?? []);
}

async function workRelease(db: Db, claim: Claim, now: Date, next: NextTurn): Promise<boolean> {
  const result = await db
    .updateTable('work')
    .set({
      due_at: sql<Date | null>`case
        when wake_seq <> ${claim.wakeSeq} then ${now}::timestamptz
        when hint_seq <> ${claim.hintSeq} and ${next.failures === 0} then ${now}::timestamptz
        else ${next.dueAt}::timestamptz
      end`,
      lease_owner: null,
      lease_until: null,
      failures: next.failures,
      hangs: next.hangs ?? 0,
    })
    .where('kind', '=', claim.kind)
    .where('object_id', '=', claim.id)
    .where('fence', '=', claim.fence)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

async function workRenew(
  db: Db,
  worker: number,
  held: readonly Claim[],
  until: Date,
): Promise<Set<Claim>> {
  const rows = await sql<{ kind: string; object_id: number; fence: number }>`
    with held as materialized (
      select kind, object_id, fence from work
      where (kind, object_id, fence) in (
        select * from unnest(${held.map((claim) => claim.kind)}::text[], ${held.map((claim) => claim.id)}::bigint[], ${held.map((claim) => claim.fence)}::bigint[])
      ) and lease_owner = ${worker}
      order by kind, object_id
      for update
    )
    update work set lease_until = greatest(lease_until, ${until}), due_at = greatest(due_at, ${until})
    from held
    where work.kind = held.kind and work.object_id = held.object_id
    returning work.kind, work.object_id, work.fence
  `.execute(db);
  const kept = new Set(rows.rows.map((row) => `${row.kind}/${row.object_id}/${row.fence}`));
  return new Set(held.filter((claim) => kept.has(`${claim.kind}/${claim.id}/${claim.fence}`)));
}

/** The advisory lock class under which each living worker holds its number. */
export const WORKER_LOCK_CLASS = 0x44_42_58;

/** A worker whose database session is gone is dead: nobody holds the advisory lock of its number. */
async function workReclaimDead(db: Db, now: Date): Promise<number> {
  const result = await sql`
    with held as materialized (
      select kind, object_id from work
      where lease_until > ${now} and due_at is not null
        and not exists (
          select from pg_locks
          where locktype = 'advisory' and classid = ${WORKER_LOCK_CLASS}
            and database = (select oid from pg_database where datname = current_database())
            and objid = work.lease_owner::bigint::oid and granted
        )
      order by kind, object_id
      for update
    )
    update work set lease_owner = null, lease_until = null, due_at = ${now}
    from held
    where work.kind = held.kind and work.object_id = held.object_id
  `.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

async function workNextDue(db: Db, after: Date): Promise<Date | null> {
  const row = await db
    .selectFrom('work')
    .select((eb) => eb.fn.min('due_at').as('due_at'))
    .where('due_at', '>', after)
    .executeTakeFirst();
  return row?.due_at ?? null;
}

/** How many objects are put aside, by kind. For the metrics. */
export async function workAside(db: Db): Promise<{ kind: WorkKind; count: number }[]> {
  return (
    db
      .selectFrom('work')
      .select((eb) => ['kind', eb.fn.countAll<number>().as('count')])
      // As a literal, so that the small index of these objects serves it.
      .where(sql<boolean>`hangs >= ${sql.lit(HANGS_ASIDE)}`)
      .groupBy('kind')
      .execute()
  );
}

/** How many objects are due now, and since when the first one has been due. For the metrics. */
export async function workDepth(
  db: Db,
  now: Date,
): Promise<{ depth: number; oldestDueAt: Date | null }> {
  const row = await db
    .selectFrom('work')
    .select((eb) => [eb.fn.countAll<number>().as('depth'), eb.fn.min('due_at').as('oldestDueAt')])
    .where('due_at', '<=', now)
    .executeTakeFirstOrThrow();
  return { depth: Number(row.depth), oldestDueAt: row.oldestDueAt };
}

export function workStoreCreate(db: Db): WorkStore {
  return {
    workWake: (kind, id, now) => workWake(db, kind, id, now),
    workHint: (kind, id, now) => workHint(db, kind, id, now),
    workClaim: (...args) => workClaim(db, ...args),
    workRelease: (claim, now, next) => workRelease(db, claim, now, next),
    workRenew: (worker, held, until) => workRenew(db, worker, held, until),
    workReclaimDead: (now) => workReclaimDead(db, now),
    workNextDue: (after) => workNextDue(db, after),
  };
}
