// What is recorded of containers outside their turns: that a process has ended, and that the engine is silent or back.
import type { ContainerEnd } from '@dollarbox/engines/contract';
import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { hintColumns, workWakeBack } from '../reconciler/work-store.ts';
import { endTell } from './outcomes.ts';

export async function containerMarkEnded(
  db: Db,
  id: number,
  ended: ContainerEnd,
  now: Date,
): Promise<void> {
  await db
    // Locked before its row of the queue, as in every other transaction. PostgreSQL runs a part of a statement that
    // writes, and that nothing else refers to, last.
    .with(
      (cte) => cte('held').materialized(),
      (query) =>
        query
          .selectFrom('containers')
          .select(['id', sql<boolean>`not (${isAskedToEnd(ended.ref)})`.as('is_unexpected')])
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .where('applied_ref', '=', ended.ref)
          .where('status', '=', 'running')
          .forUpdate(),
    )
    .with('marked', (cte) =>
      cte
        .updateTable('containers')
        .from('held')
        .set((eb) => ({
          ...endTell(ended),
          status_since: now,
          next_retry_at: null,
          revision: eb('containers.revision', '+', 1),
        }))
        .whereRef('containers.id', '=', 'held.id')
        .where('held.is_unexpected', '=', true),
    )
    .updateTable('work')
    .set(hintColumns(now, sql<boolean>`exists (select from held)`))
    .where('kind', '=', 'container')
    .where('object_id', '=', id)
    .execute();
}

/** If it was asked to end for a change, or its change is being reported, its turn reports the end. */
function isAskedToEnd(ref: string): RawBuilder<boolean> {
  return sql<boolean>`
    stop_ref is not distinct from ${ref} or is_stopped or restart_ref is not distinct from ${ref}
    or observed_generation <> generation`;
}

export async function containersMarkUnknown(db: Db, message: string): Promise<void> {
  await sql`
    with held as materialized (
      select id from containers
      where deleted_at is null and status = 'running' and status_reason is distinct from 'engine_error'
        -- A change that has no reported result yet has its turn within seconds.
        and (observed_generation = generation or status_reason is not null)
      order by id
      for update
    )
    update containers set status_reason = 'engine_error', status_message = ${message}, revision = revision + 1
    from held
    where containers.id = held.id
  `.execute(db);
}

export async function containersWakeUnknown(db: Db, since: Date, now: Date): Promise<void> {
  const unknown = sql`select id from containers where deleted_at is null and status_reason = 'engine_error'`;
  await workWakeBack(db, 'container', unknown, since, now);
}
