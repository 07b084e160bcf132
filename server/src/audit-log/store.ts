import { type SqlBool, sql } from 'kysely';
import type { ChangedFields } from '../changes/changed-fields.ts';
import type { Db } from '../db/database.ts';
import { pageRead } from '../db/page-read.ts';
import type { Page, PageRequest } from '../db/page.ts';
import { emailIs } from '../users/email.ts';

/** How long audit rows are kept, in days. */
const KEPT_DAYS = 365;
const PURGE_BATCH_ROWS = 1000;

/** Removes expired rows, the oldest first. */
export async function auditPurge(db: Db, now: Date): Promise<void> {
  const keptSince = new Date(now.getTime() - KEPT_DAYS * 86_400_000);
  for (;;) {
    // Ids increase with time, so the oldest rows are found without another index.
    const { rows } = await sql<{ count: number }>`
      select audit_log_purge(${keptSince}, ${PURGE_BATCH_ROWS}) as count`.execute(db);
    // A batch may hold rows that are not old, written while a clock was ahead.
    if (rows[0]?.count === 0) return;
  }
}

/** A row of the log, with what is known of who did it. */
interface AuditRow {
  id: number;
  org_id: number;
  at: Date;
  user_id: number | null;
  email: string | null;
  token_public_id: string | null;
  token_name: string | null;
  session_id: number | null;
  ip_address: string | null;
  request_id: string | null;
  action: string;
  object_kind: string;
  object_id: number | null;
  changes: ChangedFields;
  detail: Record<string, unknown>;
}

const SHOWN = [
  'id',
  'org_id',
  'at',
  'user_id',
  'email',
  'token_public_id',
  'token_name',
  'session_id',
  'ip_address',
  'request_id',
  'action',
  'object_kind',
  'object_id',
  'changes',
  'detail',
] as const;

const ENTRIES = sql`(
  select a.*, u.email, k.public_id as token_public_id, k.name as token_name
  from audit_log as a left join users as u on u.id = a.user_id left join tokens as k on k.id = a.token_id
)`;

export interface AuditFilter {
  /** An id, an address, or `operator`. */
  actor?: string | undefined;
  action?: string | undefined;
  /** A kind, or a kind, a colon and an id. */
  object?: string | undefined;
  since?: Date | undefined;
  until?: Date | undefined;
}

/** A page of what was done in these orgs, newest first. */
export async function auditList(
  db: Db,
  orgIds: readonly number[],
  request: PageRequest,
  { actor, action, object, since, until }: AuditFilter,
): Promise<Page<AuditRow>> {
  const where = [];
  if (actor === 'operator') where.push(sql<SqlBool>`t.user_id is null`);
  else if (actor?.includes('@') === true) where.push(emailIs(actor, 't.email'));
  else if (actor !== undefined) where.push(sql<SqlBool>`t.user_id = ${actor}::bigint`);
  if (action !== undefined) where.push(sql<SqlBool>`t.action = ${action}`);
  const [kind, id] = object?.split(':') ?? [];
  if (kind !== undefined) where.push(sql<SqlBool>`t.object_kind = ${kind}`);
  if (id !== undefined) where.push(sql<SqlBool>`t.object_id = ${id}::bigint`);
  if (since !== undefined) where.push(sql<SqlBool>`t.at >= ${since}`);
  if (until !== undefined) where.push(sql<SqlBool>`t.at < ${until}`);
  return pageRead<AuditRow>(db, { table: ENTRIES, columns: SHOWN, orgIds, where, request });
}

export function auditShow(row: AuditRow, org: string) {
  return {
    id: row.id,
    org,
    at: row.at.toISOString(),
    actor: {
      kind: row.user_id === null ? 'operator' : 'user',
      user_id: row.user_id,
      email: row.email,
    },
    token:
      row.token_public_id === null
        ? null
        : { public_id: row.token_public_id, name: row.token_name ?? '' },
    session_id: row.session_id,
    ip_address: row.ip_address,
    request_id: row.request_id,
    action: row.action,
    object: { kind: row.object_kind, id: row.object_id },
    changes: row.changes,
    detail: row.detail,
  };
}
