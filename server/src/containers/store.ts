import type { ContainerWarning, PullPolicy } from '@dollarbox/engines/contract';
import { type SqlBool, sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import type { ContainerStatus, Mount } from '../db/types.ts';
import { pageRead } from '../db/page-read.ts';
import { objectReadCreate } from '../db/object-read.ts';
import type { Page, PageRequest } from '../db/page.ts';
import type { SecretBox } from '../base/secrets.ts';
import { type ContainerDesired, ENV_LOST, containerIsRestarting } from './rules.ts';
import type { Container } from './schema.ts';

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
  pull_policy: PullPolicy;
  stop_grace_seconds: number;
  init: boolean;
  status: ContainerStatus;
  status_reason: string | null;
  status_message: string | null;
  status_since: Date;
  next_retry_at: Date | null;
  restart_count: number;
  warnings: ContainerWarning[];
  ipv6_address: string | null;
  generation: number;
  observed_generation: number;
  revision: number;
  is_stopped: boolean;
  applied_ref: string | null;
  restart_ref: string | null;
  pull_again_at: Date | null;
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
  'pull_policy',
  'stop_grace_seconds',
  'init',
  'status',
  'status_reason',
  'status_message',
  'status_since',
  'next_retry_at',
  'restart_count',
  'warnings',
  'ipv6_address',
  'generation',
  'observed_generation',
  'revision',
  'is_stopped',
  'applied_ref',
  'restart_ref',
  'pull_again_at',
  'created_at',
  'updated_at',
] as const;

/** Env values are sealed for the table, not for the row: bytes that are moved to another row can be opened there. */
const ENV_PURPOSE = 'containers.env';

/**
 * An empty env, which most containers have, is stored as no bytes: there is nothing to seal, and reading costs nothing.
 */
export function envSeal(secrets: SecretBox, env: Record<string, string>): Buffer {
  if (Object.keys(env).length === 0) return Buffer.alloc(0);
  return secrets.seal(ENV_PURPOSE, JSON.stringify(env));
}

/** @returns null if the value can't be read because its bytes are damaged. */
export function envOpen(secrets: SecretBox, sealed: Buffer): Record<string, string> | null {
  if (sealed.length === 0) return {};
  try {
    return JSON.parse(secrets.open(ENV_PURPOSE, sealed)) as Record<string, string>;
  } catch {
    return null;
  }
}

/** The row without its private columns. An env that can't be read is shown as empty; the status says so. */
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
    pull_policy: row.pull_policy,
    stop_grace_seconds: row.stop_grace_seconds,
    init: row.init,
    status: row.status,
    status_reason: env === null ? 'data_lost' : row.status_reason,
    status_message: env === null ? ENV_LOST : row.status_message,
    status_since: row.status_since.toISOString(),
    desired_status: row.is_stopped ? 'stopped' : 'running',
    restarting: containerIsRestarting(row),
    next_retry_at: row.next_retry_at?.toISOString() ?? null,
    restart_count: row.restart_count,
    warnings: row.status === 'running' ? row.warnings : [],
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
    pull_policy: row.pull_policy,
    stop_grace_seconds: row.stop_grace_seconds,
    init: row.init,
  };
}

/** A live container in one of these orgs. */
export const containerRead = objectReadCreate<ContainerRow>('containers', SHOWN);

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

/** A live container, locked for a change. */
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
 * Writes a new generation of the spec. Status and address are kept; an earlier failure to apply the spec is cleared.
 * @param change also the names of the environment variables that it changes, for its event.
 */
export async function containerRowUpdate(
  trx: Trx,
  secrets: SecretBox,
  id: number,
  change: { desired: ContainerDesired; envChanged: readonly string[] },
  at: Date,
): Promise<ContainerRow> {
  const { desired, envChanged } = change;
  return trx
    .updateTable('containers')
    .set((eb) => ({
      image: desired.image,
      env_sealed: envSeal(secrets, desired.env),
      env_changed: [...envChanged],
      command: desired.command,
      ports: desired.ports,
      volumes: JSON.stringify(desired.volumes),
      pull_policy: desired.pull_policy,
      stop_grace_seconds: desired.stop_grace_seconds,
      init: desired.init,
      generation: eb('generation', '+', 1),
      revision: eb('revision', '+', 1),
      restart_count: 0,
      // The change has not settled: from now on, a reason would refer to the change.
      status_reason: null,
      status_message: null,
      next_retry_at: null,
      updated_at: at,
      attempt_at: at,
      pull_started_at: null,
      pull_retries: 0,
      restart_at: null,
    }))
    .where('id', '=', id)
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
}

/** The status, and since when it is so. */
function statusColumns(status: ContainerStatus, at: Date) {
  return {
    status,
    status_since: sql<Date>`case when status = ${status} then status_since else ${at}::timestamptz end`,
  };
}

/** Records that a container is wanted stopped. */
export async function containerRowStop(trx: Trx, id: number): Promise<ContainerRow> {
  return trx
    .updateTable('containers')
    .set((eb) => ({ is_stopped: true, revision: eb('revision', '+', 1) }))
    .where('id', '=', id)
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
}

/** Records that a stopped container is wanted running. Its deadlines count from now. */
export async function containerRowStart(trx: Trx, id: number, at: Date): Promise<ContainerRow> {
  return trx
    .updateTable('containers')
    .set((eb) => ({
      ...BEGUN,
      is_stopped: false,
      ...statusColumns('pending', at),
      attempt_at: at,
      pull_started_at: null,
      pull_retries: 0,
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
}

/** Records that the present object of a container is to be replaced. @param pull its image is to be pulled first. */
export async function containerRowRestart(
  trx: Trx,
  id: number,
  at: Date,
  pull: boolean,
): Promise<ContainerRow> {
  return trx
    .updateTable('containers')
    .set((eb) => ({
      ...BEGUN,
      restart_ref: eb.ref('applied_ref'),
      ...(pull
        ? { pull_again_at: at, attempt_at: at, pull_started_at: null, pull_retries: 0 }
        : {}),
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .returning(SHOWN)
    .executeTakeFirstOrThrow();
}

/** What a start forgets: earlier exits, and the delays that they caused. */
const BEGUN = {
  exit_times: [],
  restart_at: null,
  status_reason: null,
  status_message: null,
  next_retry_at: null,
};

/** Marks a container as deleted and subtracts it from the count of its org, whose row is locked. */
export async function containerRowDelete(
  trx: Trx,
  { id, org_id: orgId }: Pick<ContainerRow, 'id' | 'org_id'>,
  at: Date,
): Promise<void> {
  await trx
    .with('counted', (cte) =>
      cte
        .updateTable('orgs')
        .set((eb) => ({ container_count: eb('container_count', '-', 1) }))
        .where('id', '=', orgId),
    )
    .updateTable('containers')
    .set({ deleted_at: at })
    .where('id', '=', id)
    .execute();
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
