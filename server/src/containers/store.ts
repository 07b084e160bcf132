import { type RawBuilder, type SqlBool, sql } from 'kysely';
import { type AuditEntry, auditRow } from '../audit/store.ts';
import type { Db } from '../db/database.ts';
import type { ContainerStatus, Mount } from '../db/types.ts';
import { pageRead } from '../db/page-read.ts';
import { sharedRead } from '../db/shared-read.ts';
import type { Page, PageRequest } from '../http/pagination.ts';
import type { Trx, Writer } from '../http/write.ts';
import type { SecretBox } from '../secrets.ts';
import { workWakeTold } from '../reconciler/work-store.ts';
import { mountsRelease } from '../volumes/mounts.ts';
import { type ContainerDesired, ENV_LOST } from './rules.ts';
import type { Container } from './schema.ts';

/** The folder of addresses that are the network's own: a container's is this far above. */
export const ADDRESS_OFFSET = 65_536;

/** A row as the API shows it. */
export interface ContainerRow {
  id: number;
  org_id: number;
  name: string;
  image: string;
  env_sealed: Buffer;
  command: string[];
  ports: number[];
  volumes: Mount[];
  status: ContainerStatus;
  status_reason: string | null;
  status_message: string | null;
  restart_count: number;
  ipv6_address: string;
  generation: number;
  observed_generation: number;
  revision: number;
  created_at: Date;
  updated_at: Date;
}

export const SHOWN = [
  'id',
  'org_id',
  'name',
  'image',
  'env_sealed',
  'command',
  'ports',
  'volumes',
  'status',
  'status_reason',
  'status_message',
  'restart_count',
  'ipv6_address',
  'generation',
  'observed_generation',
  'revision',
  'created_at',
  'updated_at',
] as const;

/** Env values are sealed for the table, not for a row: a row's bytes moved to another one open there. */
const ENV_PURPOSE = 'containers.env';

/** No env holds no secret, and most containers have none: it is kept as no bytes, which costs nothing to read. */
export function envSeal(secrets: SecretBox, env: Record<string, string>): Buffer {
  if (Object.keys(env).length === 0) return Buffer.alloc(0);
  return secrets.seal(ENV_PURPOSE, JSON.stringify(env));
}

/** @returns null when it can't be read any more: its bytes were damaged. */
export function envOpen(secrets: SecretBox, sealed: Buffer): Record<string, string> | null {
  if (sealed.length === 0) return {};
  try {
    return JSON.parse(secrets.open(ENV_PURPOSE, sealed)) as Record<string, string>;
  } catch {
    return null;
  }
}

/** The row less its private columns. An env that can't be read is shown empty; the status says so. */
export function containerShow(row: ContainerRow, orgSlug: string, secrets: SecretBox): Container {
  const env = envOpen(secrets, row.env_sealed);
  return {
    id: row.id,
    org: orgSlug,
    name: row.name,
    image: row.image,
    env: env ?? {},
    command: row.command,
    ports: row.ports,
    volumes: row.volumes,
    status: row.status,
    status_reason: env === null ? 'data_lost' : row.status_reason,
    status_message: env === null ? ENV_LOST : row.status_message,
    restart_count: row.restart_count,
    ipv6_address: row.ipv6_address,
    generation: row.generation,
    observed_generation: row.observed_generation,
    created_at: row.created_at.toISOString(),
    updated_at: row.updated_at.toISOString(),
  };
}

export function containerRowDesired(row: ContainerRow, secrets: SecretBox): ContainerDesired {
  return {
    name: row.name,
    image: row.image,
    env: envOpen(secrets, row.env_sealed) ?? {},
    command: row.command,
    ports: row.ports,
    volumes: row.volumes,
  };
}

const SHOWN_OF_MADE = sql.join(SHOWN.map((column) => sql.ref(`made.${column}`)));

/** What came of a create: no row where the writer may not write, there is no room, or the name is taken. */
export interface ContainerCreated {
  writer: Writer | null;
  row: (ContainerRow & { org_slug: string }) | null;
}

/**
 * Makes a container in one statement, so that its org's row, under whose lock containers are counted, is held for
 * no round trip: the writer is checked, and if there is room in the org and on the host and the name is free, the row,
 * its place in the queue and its audit row are made, and the org's count goes up.
 * @param writer who asks, as of now; without one nobody is checked.
 */
export async function containerCreate(
  db: Db,
  secrets: SecretBox,
  orgId: number,
  desired: ContainerDesired,
  audit: Omit<AuditEntry, 'objectId'>,
  writer: RawBuilder<Writer> = sql`select true as is_allowed`,
): Promise<ContainerCreated> {
  const { at: now } = audit;
  const told = auditRow({ ...audit, objectId: null });
  const { rows } = await sql<Writer & ContainerRow & { org_slug: string }>`
    with writer as materialized (${writer}),
    org as (
      select orgs.id, slug, ipv6_subnet from writer, installation, orgs
      where orgs.id = ${orgId} and container_count < container_limit and not storage_low and is_allowed
      for no key update of orgs
    ),
    made as (
      insert into containers (
        id, org_id, name, image, env_sealed, command, ports, volumes, ipv6_address, created_at, updated_at, attempt_at
      )
      select next.id, org.id, ${desired.name}, ${desired.image}, ${envSeal(secrets, desired.env)},
        ${desired.command}, ${desired.ports}, ${JSON.stringify(desired.volumes)}::jsonb,
        host(org.ipv6_subnet)::inet + next.id + ${ADDRESS_OFFSET}::bigint,
        ${now}, ${now}, ${now}
      from org, (select nextval('containers_id_seq') as id) as next
      on conflict (org_id, name) where deleted_at is null do nothing
      returning *
    ),
    counted as (
      update orgs set container_count = container_count + 1 from made where orgs.id = made.org_id
    ),
    due as (
      insert into work (kind, object_id, due_at) select 'container', id, ${now} from made
    ),
    told as (
      insert into audit_log (
        at, org_id, user_id, token_id, action, object_kind, object_id, request_id, detail
      )
      select ${told.at}, ${told.org_id}, ${told.user_id}, ${told.token_id}, ${told.action}, ${told.object_kind},
        id, ${told.request_id}, ${told.detail}
      from made
    )
    select writer.*, ${SHOWN_OF_MADE}, org.slug as org_slug
    from writer left join made on true left join org on true
  `.execute(db);
  const [row] = rows;
  if (row === undefined) return { writer: null, row: null };
  return { writer: row, row: row.id === null ? null : row };
}

/** A live container in one of these orgs. */
export async function containerRead(
  db: Db,
  orgIds: readonly number[],
  id: number,
): Promise<ContainerRow | null> {
  const row = await containerById(db, id);
  return row !== null && orgIds.includes(row.org_id) ? row : null;
}

const containerById = sharedRead(
  (db, ids: number[]) =>
    db
      .selectFrom('containers')
      .select(SHOWN)
      .where('id', '=', sql<number>`any(${ids}::bigint[])`)
      .where('deleted_at', 'is', null),
  (rows: ContainerRow[]) => new Map(rows.map((row) => [row.id, row])),
);

export async function containerNameIsTaken(db: Db, orgId: number, name: string): Promise<boolean> {
  const row = await db
    .selectFrom('containers')
    .select('id')
    .where('org_id', '=', orgId)
    .where('name', '=', name)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** A live container, held for a change. */
export async function containerLock(
  trx: Trx,
  orgId: number,
  id: number,
): Promise<ContainerRow | null> {
  const row = await trx
    .selectFrom('containers')
    .select(SHOWN)
    .where('id', '=', id)
    .where('org_id', '=', orgId)
    .where('deleted_at', 'is', null)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/**
 * A new generation of the spec: status and address stay, a former failure to apply is forgotten.
 * Its volumes were written before (`mountsWrite`).
 */
export async function containerUpdate(
  trx: Trx,
  secrets: SecretBox,
  id: number,
  desired: ContainerDesired,
  audit: AuditEntry,
): Promise<ContainerRow> {
  const row = await trx
    .updateTable('containers')
    .set((eb) => ({
      image: desired.image,
      env_sealed: envSeal(secrets, desired.env),
      command: desired.command,
      ports: desired.ports,
      volumes: JSON.stringify(desired.volumes),
      generation: eb('generation', '+', 1),
      revision: eb('revision', '+', 1),
      restart_count: 0,
      // The change has not settled: what is told from now on tells of it.
      status_reason: null,
      status_message: null,
      updated_at: audit.at,
      attempt_at: audit.at,
      pull_started_at: null,
      pull_retries: 0,
      restart_at: null,
    }))
    .where('id', '=', id)
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
  await workWakeTold(trx, 'container', audit);
  return row;
}

/**
 * Deletion is a desired state: the row leaves the API and the quota now, the table when the engine confirms.
 * The org's row is locked before the name is let go, as `containerCreate` does before it takes one: in the
 * other order, a delete and a create of one name would wait for each other. Its volumes are let go: others can
 * have them at once, and wait for the process to end.
 */
export async function containerDelete(
  trx: Trx,
  { id, org_id: orgId, volumes }: Pick<ContainerRow, 'id' | 'org_id' | 'volumes'>,
  audit: AuditEntry,
): Promise<void> {
  await trx
    .updateTable('orgs')
    .set((eb) => ({ container_count: eb('container_count', '-', 1) }))
    .where('id', '=', orgId)
    .execute();
  if (volumes.length > 0) await mountsRelease(trx, id, audit.at);
  await trx.updateTable('containers').set({ deleted_at: audit.at }).where('id', '=', id).execute();
  await workWakeTold(trx, 'container', audit);
}

export interface ContainerFilter {
  name?: string | undefined;
  status?: ContainerStatus | undefined;
}

/** A page of the live containers of these orgs, newest first. */
export async function containerList(
  db: Db,
  orgIds: readonly number[],
  request: PageRequest,
  filter: ContainerFilter,
): Promise<Page<ContainerRow>> {
  const where = [sql<SqlBool>`t.deleted_at is null`];
  if (filter.name !== undefined) where.push(sql<SqlBool>`t.name = ${filter.name}`);
  if (filter.status !== undefined) where.push(sql<SqlBool>`t.status = ${filter.status}`);
  return pageRead<ContainerRow>(db, {
    table: 'containers',
    columns: SHOWN,
    orgIds,
    where,
    request,
  });
}
