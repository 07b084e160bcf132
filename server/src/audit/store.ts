import type { Db } from '../db/database.ts';

/** For how long it is kept who did what, in days. */
const KEPT_DAYS = 400;
const PURGE_BATCH_ROWS = 1000;

/** What an audit row says: who did what to which object, in which org, by which request. */
export interface AuditEntry {
  at: Date;
  orgId: number | null;
  userId: number | null;
  tokenId: number | null;
  requestId: string | null;
  action: string;
  objectKind: string;
  objectId: number | null;
  /** Names of what changed, never values: these may be secret. */
  detail: Record<string, unknown>;
}

/** The columns of an audit row. Inserted in the transaction of what it tells of. */
export function auditRow(entry: AuditEntry) {
  return {
    at: entry.at,
    org_id: entry.orgId,
    user_id: entry.userId,
    token_id: entry.tokenId,
    action: entry.action,
    object_kind: entry.objectKind,
    object_id: entry.objectId,
    request_id: entry.requestId,
    detail: JSON.stringify(entry.detail),
  };
}

/** Removes rows past their time, the oldest first. */
export async function auditPurge(db: Db, now: Date): Promise<void> {
  const keptSince = new Date(now.getTime() - KEPT_DAYS * 86_400_000);
  for (;;) {
    // Ids rise with time, so the oldest are found without an index of their own.
    const { numDeletedRows } = await db
      .deleteFrom('audit_log')
      .where('at', '<', keptSince)
      .where('id', 'in', (eb) =>
        eb.selectFrom('audit_log').select('id').orderBy('id').limit(PURGE_BATCH_ROWS),
      )
      .executeTakeFirstOrThrow();
    if (numDeletedRows < PURGE_BATCH_ROWS) return;
  }
}
