import { type SqlBool, sql } from 'kysely';
import { type AuditEntry, auditRow } from '../audit/store.ts';
import type { Db } from '../db/database.ts';
import type { ContainerStatus } from '../db/types.ts';
import { pageRead } from '../db/page-read.ts';
import type { Page, PageRequest } from '../http/pagination.ts';
import type { Trx } from '../http/write.ts';
import type { SecretBox } from '../secrets.ts';
import { workWake } from '../reconciler/work-store.ts';
import { type ContainerDesired, ENV_LOST } from './rules.ts';
import type { Container } from './schema.ts';

/** The folder of addresses that are the network's own: a container's is this far above. */
const ADDRESS_OFFSET = 65_536;

/** A row as the API shows it. */
export interface ContainerRow {
  id: number;
  org_id: number;
  name: string;
  image: string;
  env_sealed: Buffer;
  command: string[];
  ports: number[];
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

const SHOWN = [
  'id',
  'org_id',
  'name',
  'image',
  'env_sealed',
  'command',
  'ports',
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

function envSeal(secrets: SecretBox, env: Record<string, string>): Buffer {
  return secrets.seal(ENV_PURPOSE, JSON.stringify(env));
}

/** @returns null when it can't be read any more: its bytes were damaged. */
export function envOpen(secrets: SecretBox, sealed: Buffer): Record<string, string> | null {
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
    volumes: [],
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
  };
}

/**
 * One statement: the row, its place in the queue and the audit row.
 * @returns null when the org has a container of that name: the transaction must then be rolled back.
 */
export async function containerCreate(
  trx: Trx,
  secrets: SecretBox,
  org: { id: number; ipv6Subnet: string },
  desired: ContainerDesired,
  audit: Omit<AuditEntry, 'objectId'>,
): Promise<ContainerRow | null> {
  const now = audit.at;
  const row = await trx
    .with('made', (db) =>
      db
        .insertInto('containers')
        .columns([
          'id',
          'org_id',
          'name',
          'image',
          'env_sealed',
          'command',
          'ports',
          'ipv6_address',
          'created_at',
          'updated_at',
          'attempt_at',
        ])
        .expression((eb) =>
          eb
            .selectFrom(
              sql<{
                id: number;
              }>`(select nextval(pg_get_serial_sequence('containers', 'id')) as id)`.as('next'),
            )
            .select((row) => [
              row.ref('next.id').as('id'),
              sql<number>`${org.id}::bigint`.as('org_id'),
              sql<string>`${desired.name}::text`.as('name'),
              sql<string>`${desired.image}::text`.as('image'),
              sql<Buffer>`${envSeal(secrets, desired.env)}::bytea`.as('env_sealed'),
              sql<string[]>`${desired.command}::text[]`.as('command'),
              sql<number[]>`${desired.ports}::integer[]`.as('ports'),
              sql<string>`host(${org.ipv6Subnet}::cidr)::inet + next.id + ${ADDRESS_OFFSET}::bigint`.as(
                'ipv6_address',
              ),
              sql<Date>`${now}::timestamptz`.as('created_at'),
              sql<Date>`${now}::timestamptz`.as('updated_at'),
              sql<Date>`${now}::timestamptz`.as('attempt_at'),
            ]),
        )
        // Not an error: PostgreSQL logs those, and a client can make any number of them.
        .onConflict((conflict) =>
          conflict.columns(['org_id', 'name']).where('deleted_at', 'is', null).doNothing(),
        )
        .returning(SHOWN),
    )
    .with('due', (db) =>
      db
        .insertInto('work')
        .columns(['kind', 'object_id', 'due_at'])
        .expression((eb) =>
          eb
            .selectFrom('made')
            .select([
              sql<string>`'container'`.as('kind'),
              'made.id as object_id',
              sql<Date>`${now}::timestamptz`.as('due_at'),
            ]),
        ),
    )
    .with('told', (db) => {
      const told = auditRow({ ...audit, objectId: null });
      return db
        .insertInto('audit_log')
        .columns([
          'at',
          'org_id',
          'user_id',
          'token_id',
          'action',
          'object_kind',
          'object_id',
          'request_id',
          'detail',
        ])
        .expression((eb) =>
          eb
            .selectFrom('made')
            .select([
              sql<Date>`${told.at}::timestamptz`.as('at'),
              sql<number>`${told.org_id}::bigint`.as('org_id'),
              sql<number>`${told.user_id}::bigint`.as('user_id'),
              sql<number>`${told.token_id}::bigint`.as('token_id'),
              sql<string>`${told.action}::text`.as('action'),
              sql<string>`${told.object_kind}::text`.as('object_kind'),
              'made.id as object_id',
              sql<string>`${told.request_id}::text`.as('request_id'),
              sql<string>`${told.detail}::jsonb`.as('detail'),
            ]),
        );
    })
    .selectFrom('made')
    .select(SHOWN)
    .executeTakeFirst();
  return row ?? null;
}

/** A live container in one of these orgs. */
export async function containerRead(
  db: Db,
  orgIds: readonly number[],
  id: number,
): Promise<ContainerRow | null> {
  const row = await db
    .selectFrom('containers')
    .select(SHOWN)
    .where('id', '=', id)
    .where('org_id', '=', sql<number>`any(${[...orgIds]}::bigint[])`)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row ?? null;
}

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

/** A new generation of the spec: status and address stay, a former failure to apply is forgotten. */
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
  await workWake(trx, 'container', id, audit.at);
  await trx.insertInto('audit_log').values(auditRow(audit)).execute();
  return row;
}

/**
 * Deletion is a desired state: the row leaves the API and the quota now, the table when the engine confirms.
 * The org's row is locked before the name is let go, as `containerCreate` does before it takes one: in the
 * other order, a delete and a create of one name would wait for each other.
 */
export async function containerDelete(
  trx: Trx,
  orgId: number,
  id: number,
  audit: AuditEntry,
): Promise<void> {
  await trx
    .updateTable('orgs')
    .set((eb) => ({ container_count: eb('container_count', '-', 1) }))
    .where('id', '=', orgId)
    .execute();
  await trx.updateTable('containers').set({ deleted_at: audit.at }).where('id', '=', id).execute();
  await workWake(trx, 'container', id, audit.at);
  await trx.insertInto('audit_log').values(auditRow(audit)).execute();
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
