import { type SqlBool, sql } from 'kysely';
import type { OrgActor } from '../changes/actor.ts';
import { createdRecord } from '../changes/record.ts';
import type { Db, Trx } from '../db/database.ts';
import { pageRead } from '../db/page-read.ts';
import { removalsHaveRoom } from '../orgs/removals.ts';
import { objectReadCreate } from '../db/object-read.ts';
import type { VolumeStatus } from '../db/types.ts';
import type { Page, PageRequest } from '../db/page.ts';
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
  storage_class: string;
  size_enforced: boolean;
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

/** The row without its private columns. */
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
 * Creates a volume in one statement. If there is room in the org's plan and on the host, and the name is free, the
 * statement inserts the row, its row in the queue and its audit row, and counts its GB.
 * @param uid 16 letters a-z and digits, never used before.
 * @returns null if there is no room or the name is taken.
 */
export async function volumeInsert(
  trx: Trx,
  { userId, tokenId, requestId, sessionId, ipAddress, org }: OrgActor,
  { name, size_gb: sizeGb }: VolumeCreate,
  uid: string,
  at: Date,
): Promise<VolumeRow | null> {
  const { rows } = await sql<VolumeRow>`
    with asked as (
      select ${at}::timestamptz as at, ${userId}::bigint as user_id, ${tokenId}::bigint as token_id,
        ${requestId}::text as request_id, ${sessionId ?? null}::bigint as session_id, ${ipAddress ?? null}::text as ip_address
    ),
    org as (
      select orgs.id, volume_storage_class, volume_size_enforced from installation, orgs
      where orgs.id = ${org.id} and volume_gb_count + ${sizeGb}::bigint <= volume_gb_limit and not storage_low
        and volume_storage_class is not null and ${removalsHaveRoom('volumes')}
      for no key update of orgs
    ),
    made as (
      insert into volumes (
        uid, org_id, name, size_gb, storage_class, size_enforced, created_at, updated_at, attempt_at
      )
      select ${uid}, id, ${name}, ${sizeGb}::integer, volume_storage_class, volume_size_enforced, at, at, at
      from org cross join asked
      on conflict (org_id, name) where deleted_at is null do nothing
      returning *
    ),
    counted as (
      update orgs set volume_gb_count = volume_gb_count + size_gb from made where orgs.id = made.org_id
    ),
    ${createdRecord('volume', sql`made cross join asked`)}
    select ${SHOWN_OF_MADE} from made
  `.execute(trx);
  return rows[0] ?? null;
}

/** A live volume in one of these orgs. */
export const volumeRead = objectReadCreate<VolumeRow>('volumes', SHOWN);

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

/** A live volume, locked for its deletion. */
export async function volumeLock(
  trx: Trx,
  orgId: number,
  id: number,
): Promise<(VolumeRow & { of_image: boolean }) | null> {
  const row = await trx
    .selectFrom('volumes')
    .select([...SHOWN, 'of_image'])
    .where('id', '=', id)
    .where('org_id', '=', orgId)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** Marks a volume as deleted and subtracts its GB from the count of its org, whose row is locked. */
export async function volumeRowDelete(
  trx: Trx,
  row: Pick<VolumeRow, 'id' | 'org_id' | 'size_gb'>,
  at: Date,
): Promise<void> {
  await trx
    .with('counted', (cte) =>
      cte
        .updateTable('orgs')
        .set((eb) => ({ volume_gb_count: eb('volume_gb_count', '-', row.size_gb) }))
        .where('id', '=', row.org_id),
    )
    .updateTable('volumes')
    .set({ deleted_at: at })
    .where('id', '=', row.id)
    .execute();
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
