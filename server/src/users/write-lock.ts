import { type RawBuilder, sql } from 'kysely';

/** The class of advisory locks under which writes hold the id of the user who makes them. */
const USER_WRITES_LOCK_CLASS = 0x44_42_55;

/**
 * For a statement of a write's transaction: holds its user's right to write, together with the user's
 * other writes. Row locks would not do alone: those that share one let each other in past whoever waits
 * to change the row, so a client that keeps writing could not be stopped. This lock has a queue.
 */
export function userWriteBegin(userId: number): RawBuilder<null> {
  return sql<null>`pg_advisory_xact_lock_shared(${USER_WRITES_LOCK_CLASS}::integer, ${userId}::integer)`;
}

/**
 * For the statement that takes a right away, before it changes the row: waits for the user's writes
 * under way, and lets none begin before this transaction ends.
 * @param userId an SQL expression.
 */
export function userWritesEnd(userId: RawBuilder<unknown>): RawBuilder<null> {
  return sql<null>`pg_advisory_xact_lock(${USER_WRITES_LOCK_CLASS}::integer, (${userId})::integer)`;
}

/** As `userWriteBegin`, without waiting: false while someone ends the user's writes. */
export function userWriteTry(userId: RawBuilder<unknown>): RawBuilder<boolean> {
  return sql<boolean>`pg_try_advisory_xact_lock_shared(${USER_WRITES_LOCK_CLASS}::integer, (${userId})::integer)`;
}
