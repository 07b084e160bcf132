// The queue's part of ReconcileStore (store.ts says what each does), one statement a function.
import { sql } from 'kysely';
import { type AuditEntry, auditRow } from '../audit/store.ts';
import type { Db } from '../db/database.ts';
import { type Claim, FenceLost, type NextTurn, type WorkKind } from './store.ts';

/** What a wake sets. While a worker holds the object, only the counter moves. */
export function wakeColumns(now: Date) {
  return {
    wake_seq: sql<number>`wake_seq + 1`,
    due_at: sql<Date>`case when lease_until > ${now} then due_at else least(due_at, ${now}::timestamptz) end`,
  };
}

/** Makes an object that a client changed due, and writes the audit row, in one statement. */
export async function workWakeTold(db: Db, kind: WorkKind, audit: AuditEntry): Promise<void> {
  await db
    .with('woken', (cte) =>
      cte
        .updateTable('work')
        .set(wakeColumns(audit.at))
        .where('kind', '=', kind)
        .where('object_id', '=', audit.objectId),
    )
    .insertInto('audit_log')
    .values(auditRow(audit))
    .execute();
}

export async function workWake(db: Db, kind: WorkKind, id: number, now: Date): Promise<void> {
  await db
    .updateTable('work')
    .set(wakeColumns(now))
    .where('kind', '=', kind)
    .where('object_id', '=', id)
    .execute();
}

/** Objects that a turn wakes in the transaction that records it. */
interface Woken {
  /** Its own: it is given back, or removed, after this. */
  claim: Claim;
  containers?: readonly number[];
  /** Of these the deleted, whose data can go, and the containers that mount them now. */
  volumes?: readonly number[];
}

/**
 * Wakes several objects. Their rows and the turn's own are held in one order, since turns wake each other: else two
 * that end at once could each wait for the other.
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

/** @throws FenceLost */
export async function workReleaseRequire(
  db: Db,
  claim: Claim,
  now: Date,
  next: NextTurn,
): Promise<void> {
  if (!(await workRelease(db, claim, now, next))) throw new FenceLost();
}

export async function workClaim(
  db: Db,
  worker: number,
  now: Date,
  leaseMs: number,
  limit: number,
): Promise<Claim[]> {
  const until = new Date(now.getTime() + leaseMs);
  const rows = await sql<{
    kind: WorkKind;
    object_id: number;
    fence: number;
    wake_seq: number;
    failures: number;
    was_due: Date;
  }>`
    with due as (
      select kind, object_id, due_at from work
      where due_at <= ${now}
      order by due_at
      limit ${limit}
      for update skip locked
    )
    update work
    set lease_owner = ${worker}, lease_until = ${until}, due_at = ${until}, fence = fence + 1
    from due
    where work.kind = due.kind and work.object_id = due.object_id
    returning work.kind, work.object_id, work.fence, work.wake_seq, work.failures, due.due_at as was_due
  `.execute(db);
  return rows.rows.map((row) => ({
    kind: row.kind,
    id: row.object_id,
    fence: row.fence,
    wakeSeq: row.wake_seq,
    failures: row.failures,
    dueAt: row.was_due,
  }));
}

export async function workRelease(
  db: Db,
  claim: Claim,
  now: Date,
  next: NextTurn,
): Promise<boolean> {
  const result = await db
    .updateTable('work')
    .set((eb) => ({
      due_at: eb
        .case()
        .when('wake_seq', '=', claim.wakeSeq)
        .then(sql<Date | null>`${next.dueAt}::timestamptz`)
        .else(sql<Date | null>`${now}::timestamptz`)
        .end(),
      lease_owner: null,
      lease_until: null,
      failures: next.failures,
    }))
    .where('kind', '=', claim.kind)
    .where('object_id', '=', claim.id)
    .where('fence', '=', claim.fence)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

export async function workRenew(
  db: Db,
  worker: number,
  held: readonly Claim[],
  until: Date,
): Promise<Set<Claim>> {
  const rows = await sql<{ kind: string; object_id: number; fence: number }>`
    update work set lease_until = greatest(lease_until, ${until}), due_at = greatest(due_at, ${until})
    from unnest(${held.map((claim) => claim.kind)}::text[], ${held.map((claim) => claim.id)}::bigint[], ${held.map((claim) => claim.fence)}::bigint[]) as held(kind, object_id, fence)
    where work.kind = held.kind and work.object_id = held.object_id and work.fence = held.fence and work.lease_owner = ${worker}
    returning work.kind, work.object_id, work.fence
  `.execute(db);
  const kept = new Set(rows.rows.map((row) => `${row.kind}/${row.object_id}/${row.fence}`));
  return new Set(held.filter((claim) => kept.has(`${claim.kind}/${claim.id}/${claim.fence}`)));
}

/** The advisory lock class under which each living worker holds its number. */
export const WORKER_LOCK_CLASS = 0x44_42_58;

/** A worker whose database session is gone has died: nobody holds the lock of its number. */
export async function workReclaimDead(db: Db, now: Date): Promise<number> {
  const result = await sql`
    update work set lease_owner = null, lease_until = null, due_at = ${now}
    where lease_until > ${now} and due_at is not null
      and not exists (
        select from pg_locks
        where locktype = 'advisory' and classid = ${WORKER_LOCK_CLASS}
          and database = (select oid from pg_database where datname = current_database())
          and objid = work.lease_owner::bigint::oid and granted
      )
  `.execute(db);
  return Number(result.numAffectedRows ?? 0n);
}

export async function workNextDue(db: Db): Promise<Date | null> {
  const row = await db
    .selectFrom('work')
    .select((eb) => eb.fn.min('due_at').as('due_at'))
    .executeTakeFirst();
  return row?.due_at ?? null;
}

/** How many objects are due now, and since when the longest. For the metrics. */
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
