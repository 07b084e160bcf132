import { type SqlBool, sql } from 'kysely';
import { type AuditEntry, auditRow } from '../audit/store.ts';
import type { Db } from '../db/database.ts';
import { pageRead } from '../db/page-read.ts';
import { sharedRead } from '../db/shared-read.ts';
import type { VolumeStatus } from '../db/types.ts';
import type { Page, PageRequest } from '../http/pagination.ts';
import type { Trx } from '../http/write.ts';
import { workWakeTold } from '../reconciler/work-store.ts';
import type { Volume, VolumeCreate } from './schema.ts';

/** A row as the API shows it. */
export interface VolumeRow {
  id: number;
  org_id: number;
  name: string;
  size_gb: number;
  status: VolumeStatus;
  status_reason: string | null;
  status_message: string | null;
  storage_class: string | null;
  size_enforced: boolean | null;
  used_bytes: number | null;
  container_id: number | null;
  mount_path: string | null;
  generation: number;
  revision: number;
  created_at: Date;
  updated_at: Date;
}

const SHOWN = [
  'id',
  'org_id',
  'name',
  'size_gb',
  'status',
  'status_reason',
  'status_message',
  'storage_class',
  'size_enforced',
  'used_bytes',
  'container_id',
  'mount_path',
  'generation',
  'revision',
  'created_at',
  'updated_at',
] as const;

/** The row less its private columns. */
export function volumeShow(row: VolumeRow, orgSlug: string): Volume {
  return {
    id: row.id,
    org: orgSlug,
    name: row.name,
    size_gb: row.size_gb,
    status: row.status,
    status_reason: row.status_reason,
    status_message: row.status_message,
    storage_class: row.storage_class,
    size_enforced: row.size_enforced,
    used_bytes: row.used_bytes,
    container: row.container_id,
    mount_path: row.mount_path,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

const SHOWN_OF_MADE = sql.join(SHOWN.map((column) => sql.ref(`made.${column}`)));

/**
 * Makes a volume in one statement: if there is room in the org's plan and on the host and the name is free, the row,
 * its place in the queue and its audit row are made, and its GB are counted.
 * @param uid of 16 letters a-z and digits, never used before.
 * @returns null where there is no room, or the name is taken.
 */
export async function volumeCreate(
  db: Db,
  orgId: number,
  desired: VolumeCreate,
  uid: string,
  audit: Omit<AuditEntry, 'objectId'>,
): Promise<VolumeRow | null> {
  const { at: now } = audit;
  const { name, size_gb: sizeGb } = desired;
  const told = auditRow({ ...audit, objectId: null });
  const { rows } = await sql<VolumeRow>`
    with org as (
      select orgs.id from installation, orgs
      where orgs.id = ${orgId} and volume_gb_count + ${sizeGb}::bigint <= volume_gb_limit and not storage_low
      for no key update of orgs
    ),
    made as (
      insert into volumes (uid, org_id, name, size_gb, created_at, updated_at, attempt_at)
      select ${uid}, id, ${name}, ${sizeGb}::integer, ${now}::timestamptz, ${now}::timestamptz, ${now}::timestamptz
      from org
      on conflict (org_id, name) where deleted_at is null do nothing
      returning *
    ),
    counted as (
      update orgs set volume_gb_count = volume_gb_count + size_gb from made where orgs.id = made.org_id
    ),
    due as (
      insert into work (kind, object_id, due_at) select 'volume', id, created_at from made
    ),
    told as (
      insert into audit_log (
        at, org_id, user_id, token_id, action, object_kind, object_id, request_id, detail
      )
      select ${told.at}, ${told.org_id}, ${told.user_id}, ${told.token_id}, ${told.action}, ${told.object_kind},
        id, ${told.request_id}, ${told.detail}
      from made
    )
    select ${SHOWN_OF_MADE} from made
  `.execute(db);
  return rows[0] ?? null;
}

/** A live volume in one of these orgs. */
export async function volumeRead(
  db: Db,
  orgIds: readonly number[],
  id: number,
): Promise<VolumeRow | null> {
  const row = await volumeById(db, id);
  return row !== null && orgIds.includes(row.org_id) ? row : null;
}

const volumeById = sharedRead(
  (db, ids: number[]) =>
    db
      .selectFrom('volumes')
      .select(SHOWN)
      .where('id', '=', sql<number>`any(${ids}::bigint[])`)
      .where('deleted_at', 'is', null),
  (rows: VolumeRow[]) => new Map(rows.map((row) => [row.id, row])),
);

export async function volumeNameIsTaken(db: Db, orgId: number, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('volumes')
    .select('id')
    .where('org_id', '=', orgId)
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** A live volume, held for its deletion. Its org's row is held first, as by whatever else counts. */
export async function volumeLock(trx: Trx, orgId: number, id: number): Promise<VolumeRow | null> {
  await trx.selectFrom('orgs').select('id').where('id', '=', orgId).forNoKeyUpdate().execute();
  const row = await trx
    .selectFrom('volumes')
    .select(SHOWN)
    .where('id', '=', id)
    .where('org_id', '=', orgId)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** Deletion is a desired state: the row leaves the API and the quota now, the table when the engine confirms. */
export async function volumeDelete(
  trx: Trx,
  row: Pick<VolumeRow, 'id' | 'org_id' | 'size_gb'>,
  audit: AuditEntry,
): Promise<void> {
  await trx
    .updateTable('orgs')
    .set((eb) => ({ volume_gb_count: eb('volume_gb_count', '-', row.size_gb) }))
    .where('id', '=', row.org_id)
    .execute();
  await trx.updateTable('volumes').set({ deleted_at: audit.at }).where('id', '=', row.id).execute();
  await workWakeTold(trx, 'volume', audit);
}

export interface VolumeFilter {
  name?: string | undefined;
  status?: VolumeStatus | undefined;
}

/** A page of the live volumes of these orgs, newest first. */
export async function volumeList(
  db: Db,
  orgIds: readonly number[],
  request: PageRequest,
  filter: VolumeFilter,
): Promise<Page<VolumeRow>> {
  const where = [sql<SqlBool>`t.deleted_at is null`];
  if (filter.name !== undefined) where.push(sql<SqlBool>`t.name = ${filter.name}`);
  if (filter.status !== undefined) where.push(sql<SqlBool>`t.status = ${filter.status}`);
  return pageRead<VolumeRow>(db, { table: 'volumes', columns: SHOWN, orgIds, where, request });
}
