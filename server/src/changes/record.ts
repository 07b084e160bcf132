import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { wakeColumns } from '../reconciler/work-store.ts';
import type { WorkKind } from '../reconciler/store.ts';
import type { Actor } from './actor.ts';
import type { ChangedFields } from './changed-fields.ts';

/** A change, as the audit log stores it. */
export interface Change {
  at: Date;
  /** Null for a change outside any org. */
  orgId: number | null;
  /** Object, dot, verb: `container.update`. */
  action: string;
  objectKind: string;
  /** Null where there is no object to name. */
  objectId: number | null;
  /** Names of what changed. Values are included only if they are never secret. */
  detail?: Record<string, unknown>;
  /** The values before and after: see `changedFields`. */
  changes?: ChangedFields;
  /** The kind under which the object is in the queue, if the change makes it due. */
  wakes?: WorkKind;
}

/**
 * Records a change in its own transaction: writes the audit row and wakes the object. Every change ends here or, if one
 * statement creates several objects, in `createdRecord`.
 */
export async function changeRecord(
  db: Db,
  actor: Actor,
  { wakes, detail = {}, changes = {}, ...change }: Change,
): Promise<void> {
  const row = {
    at: change.at,
    org_id: change.orgId,
    user_id: actor.userId,
    token_id: actor.tokenId,
    action: change.action,
    object_kind: change.objectKind,
    object_id: change.objectId,
    request_id: actor.requestId,
    detail: JSON.stringify(detail),
    changes: JSON.stringify(changes),
    session_id: actor.sessionId ?? null,
    ip_address: actor.ipAddress ?? null,
  };
  if (wakes === undefined) {
    await db.insertInto('audit_log').values(row).execute();
    return;
  }
  await db
    .with('woken', (cte) =>
      cte
        .updateTable('work')
        .set(wakeColumns(change.at))
        .where('kind', '=', wakes)
        .where('object_id', '=', change.objectId),
    )
    .insertInto('audit_log')
    .values(row)
    .execute();
}

/**
 * The same for objects that one statement creates. These are the last common table expressions of the statement: each
 * object gets its row in the queue, due now, its audit row and its event.
 * @param made a table expression of the new objects, whose rows are named `made`, with the columns `id`, `org_id`, `name`, `at`, `user_id`,
 * `token_id`, `request_id`, `session_id` and `ip_address`.
 */
export function createdRecord(kind: WorkKind, made: RawBuilder<unknown>): RawBuilder<unknown> {
  return sql`
    queued as (
      insert into work (kind, object_id, org_id, due_at) select ${kind}, id, org_id, at from ${made}
    ),
    audited as (
      insert into audit_log (at, org_id, user_id, token_id, action, object_kind, object_id, request_id, session_id, ip_address, detail)
      select at, org_id, user_id, token_id, ${`${kind}.create`}, ${kind}, id, request_id, session_id, ip_address,
        jsonb_build_object('name', name)
      from ${made}
    ),
    announced as (
      insert into events (position, at, org_id, type, object_kind, object_id, object, previous_attributes, actor)
      select pg_current_xact_id(), clock_timestamp(), org_id, ${`${kind}.created`}, ${kind}, id,
        event_object(${kind}, to_jsonb(made)), '{}',
        jsonb_build_object('user_id', user_id, 'token_id', token_id, 'request_id', request_id)
      from ${made}
    )`;
}
