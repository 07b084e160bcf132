import { type RawBuilder, sql } from 'kysely';
import type { Trx } from '../db/database.ts';

/** The class of the advisory locks that a write holds for the id of the user who makes it. */
const USER_WRITES_LOCK_CLASS = 0x44_42_55;

const lock = (userId: RawBuilder<unknown>) =>
  sql`pg_advisory_xact_lock(${USER_WRITES_LOCK_CLASS}::integer, (${userId})::integer)`;
const lockShared = (userId: RawBuilder<unknown>) =>
  sql`pg_advisory_xact_lock_shared(${USER_WRITES_LOCK_CLASS}::integer, (${userId})::integer)`;

/**
 * A query for the start of a write's transaction, used beside a table `org`, whose lock comes first. It holds the
 * writer's right to write, shared with the writer's other writes, and waits for the writes of `others` to end, all in
 * the order of their ids. Row locks are not enough: clients that share a row lock can overtake a transaction that waits
 * to change the row, so a client that keeps writing could not be stopped. This lock has a queue.
 * @returns one row.
 */
export function usersLock(writerId: number, others: readonly number[]): RawBuilder<unknown> {
  if (others.length === 0) return sql`select ${lockShared(sql.val(writerId))} from org`;
  const ids = [...new Set([writerId, ...others])].toSorted((a, b) => a - b);
  const ordered = sql`select id from unnest(${ids}::bigint[]) with ordinality as u(id, n) order by n`;
  // `count` forces the evaluation: the rows of a subquery whose result is not used need not be computed.
  return sql`
    select count(locked) from (
      select case when users.id = any(${[...others]}::bigint[]) then ${lock(sql.ref('users.id'))}::text
        else ${lockShared(sql.ref('users.id'))}::text end as locked
      from org, (${ordered}) as users
    ) as each_user`;
}

/**
 * For the statement that takes a right away. Before it changes the row, it waits for the user's writes in progress, and
 * lets no other write start before this transaction ends.
 * @param userId an SQL expression.
 */
export function userWritesEnd(userId: RawBuilder<unknown>): RawBuilder<null> {
  return sql<null>`${lock(userId)}`;
}

/** Waits for the writes of several users in progress, and lets none of them start another before this transaction ends. */
export async function usersWritesEnd(trx: Trx, userIds: readonly number[]): Promise<void> {
  if (userIds.length === 0) return;
  const ids = [...new Set(userIds)].toSorted((a, b) => a - b);
  await sql`
    select count(${lock(sql.ref('users.id'))}::text)
    from (select id from unnest(${ids}::bigint[]) with ordinality as u (id, n) order by n) as users`.execute(
    trx,
  );
}

/** Takes a user's right to write without waiting. False while another transaction ends the user's writes. */
export function userWriteTry(userId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`pg_try_advisory_xact_lock_shared(${USER_WRITES_LOCK_CLASS}::integer, (${userId})::integer)`;
}
