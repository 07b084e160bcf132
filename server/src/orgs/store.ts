import { type SqlBool, sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import { type Page, type PageRequest, pageCreate } from '../db/page.ts';
import type { Principal } from '../http/principal.ts';
import type { Role } from '../db/types.ts';
import { DomainError, objectMissing } from '../base/domain-error.ts';

/** An org as one of its members sees it. */
export interface OrgRow {
  id: number;
  slug: string;
  name: string;
  billing_email: string;
  status: 'active' | 'suspended';
  billing_mode: string;
  kubectl_enabled: boolean;
  api_enabled: boolean;
  role: Role;
  generation: number;
  container_limit: number;
  container_count: number;
  volume_gb_limit: number;
  volume_gb_count: number;
  created_at: Date;
}

const SHOWN = [
  'o.id',
  'o.slug',
  'o.name',
  'o.billing_email',
  'o.status',
  'o.billing_mode',
  'o.kubectl_enabled',
  'o.api_enabled',
  'o.generation',
  'o.container_limit',
  'o.container_count',
  'o.volume_gb_limit',
  'o.volume_gb_count',
  'o.created_at',
  'm.role',
] as const;

/** The orgs that a user is in, or one of them. */
function orgsOf(db: Db, userId: number, onlyOrgId: number | null) {
  return db
    .selectFrom('orgs as o')
    .innerJoin('memberships as m', 'm.org_id', 'o.id')
    .select(SHOWN)
    .where('m.user_id', '=', userId)
    .where(sql<SqlBool>`(${onlyOrgId}::bigint is null or o.id = ${onlyOrgId}::bigint)`);
}

/** An org as this member sees it; null if the user is not a member. */
export async function orgRead(db: Db, userId: number, orgId: number): Promise<OrgRow | null> {
  return (await orgsOf(db, userId, orgId).executeTakeFirst()) ?? null;
}

export interface OrgFilter {
  name?: string | undefined;
  status?: OrgRow['status'] | undefined;
}

/**
 * A page of the orgs in which the caller may make requests, newest first. A user is in few orgs, so all are read.
 */
export async function orgList(
  db: Db,
  { userId, tokenOrgId, sessionId }: Pick<Principal, 'userId' | 'tokenOrgId' | 'sessionId'>,
  request: PageRequest,
  { name, status }: OrgFilter,
): Promise<Page<OrgRow>> {
  const { cursor } = request;
  const backwards = cursor?.backwards ?? false;
  const taking = await orgsOf(db, userId, tokenOrgId)
    .where(sql<SqlBool>`(o.api_enabled or ${sessionId !== null}::boolean)`)
    .orderBy('o.id', backwards ? 'asc' : 'desc')
    .execute();
  const all = taking.filter(
    (org) => org.name === (name ?? org.name) && org.status === (status ?? org.status),
  );
  const ahead = all.filter(
    (org) => cursor === null || (backwards ? org.id > cursor.position : org.id < cursor.position),
  );
  return pageCreate(request, ahead.slice(0, request.limit + 1), ahead.length < all.length);
}

/**
 * Locks an org, before any other lock of the transaction. Needed if the transaction counts the org's objects, or
 * changes the org or its members.
 * @throws DomainError if it was deleted.
 */
export async function orgLock(trx: Trx, orgId: number): Promise<{ id: number; slug: string }> {
  const org = await trx
    .selectFrom('orgs')
    .select(['id', 'slug'])
    .where('id', '=', orgId)
    .forNoKeyUpdate()
    .executeTakeFirst();
  if (org === undefined) throw objectMissing();
  return org;
}

/**
 * Takes a slug for good.
 * @returns the number of the org's network; null if an org has the slug, or had it.
 */
export async function orgSlugTake(trx: Trx, slug: string): Promise<number | null> {
  const { rows } = await sql<{ number: number }>`
    insert into org_slugs (slug) values (${slug}) on conflict do nothing
    returning nextval('org_subnet_number')::int as number`.execute(trx);
  return rows[0]?.number ?? null;
}

/**
 * Inserts an org and its owner.
 * @returns the org as its owner sees it; null if another org has this network.
 */
export async function orgRowInsert(
  trx: Trx,
  { slug, name, ownerId }: { slug: string; name: string; ownerId: number },
  ipv6Subnet: string,
  at: Date,
): Promise<OrgRow | null> {
  const shown = sql.join(SHOWN.map((column) => sql.ref(column)));
  const { rows } = await sql<OrgRow>`
    with o as (
      insert into orgs (slug, name, ipv6_subnet, created_at)
      values (${slug}, ${name}, ${ipv6Subnet}, ${at})
      on conflict (ipv6_subnet) do nothing
      returning *
    ),
    m as (
      insert into memberships (org_id, user_id, role, joined_at) select id, ${ownerId}, 'owner', ${at} from o
      returning role
    )
    select ${shown} from o cross join m`.execute(trx);
  return rows[0] ?? null;
}

/** What a change of an org compares. */
export type OrgState = Pick<
  OrgRow,
  'name' | 'billing_email' | 'kubectl_enabled' | 'api_enabled' | 'generation'
> & { revision: number };

/**
 * An org that the caller has locked.
 * @param isLeaving locks out whatever refers to the org, too, such as a membership that is being added.
 */
export async function orgState(trx: Trx, orgId: number, isLeaving = false): Promise<OrgState> {
  const row = await trx
    .selectFrom('orgs')
    .select(['name', 'billing_email', 'kubectl_enabled', 'api_enabled', 'generation'])
    .where('id', '=', orgId)
    .$if(isLeaving, (query) => query.forUpdate())
    .executeTakeFirst();
  // It was deleted while the caller waited for its lock.
  if (row === undefined) throw objectMissing();
  return { ...row, revision: 0 };
}

export async function orgRowUpdate(
  trx: Trx,
  orgId: number,
  change: Partial<Pick<OrgRow, 'name' | 'billing_email' | 'kubectl_enabled' | 'api_enabled'>>,
): Promise<void> {
  await trx
    .updateTable('orgs')
    .set((eb) => ({ ...change, generation: eb('generation', '+', 1) }))
    .where('id', '=', orgId)
    .execute();
}

/** @returns whether the status has changed. */
export async function orgStatusSet(
  trx: Trx,
  orgId: number,
  status: OrgRow['status'],
): Promise<boolean> {
  const result = await trx
    .updateTable('orgs')
    .set((eb) => ({ status, generation: eb('generation', '+', 1) }))
    .where('id', '=', orgId)
    .where('status', '<>', status)
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** The deadlines of an org's containers count from now. */
export async function orgContainersBegin(trx: Trx, orgId: number, at: Date): Promise<void> {
  await sql`
    with held as materialized (
      select id from containers where org_id = ${orgId} and deleted_at is null order by id for update
    )
    update containers
    set attempt_at = ${at}, pull_started_at = null, pull_retries = 0, restart_at = null,
      status_reason = null, status_message = null, next_retry_at = null, revision = revision + 1
    from held where containers.id = held.id
  `.execute(trx);
}

/** How many containers and volumes an org has, and how many that are deleted are still being removed. */
export async function orgContents(
  trx: Trx,
  orgId: number,
): Promise<{ containers: number; volumes: number; leaving: number }> {
  const { rows } = await sql<{ containers: number; volumes: number; leaving: number }>`
    select
      (select count(*)::int from containers where org_id = ${orgId} and deleted_at is null) as containers,
      (select count(*)::int from volumes where org_id = ${orgId} and deleted_at is null) as volumes,
      (select count(*)::int from containers where org_id = ${orgId} and deleted_at is not null)
        + (select count(*)::int from volumes where org_id = ${orgId} and deleted_at is not null) as leaving
  `.execute(trx);
  return rows[0] ?? { containers: 0, volumes: 0, leaving: 0 };
}

/** Deletes orgs that hold nothing, with what only leads to them: memberships, and tokens restricted to them. */
export async function orgRowsDelete(trx: Trx, orgIds: readonly number[]): Promise<void> {
  if (orgIds.length === 0) return;
  await trx.deleteFrom('tokens').where('org_id', 'in', orgIds).execute();
  await trx.deleteFrom('invitations').where('org_id', 'in', orgIds).execute();
  await trx.deleteFrom('memberships').where('org_id', 'in', orgIds).execute();
  await trx.deleteFrom('orgs').where('id', 'in', orgIds).execute();
}

/** @throws DomainError if the user owns as many orgs as they may. */
export async function orgOwnRoomRequire(trx: Trx, userId: number, limit: number): Promise<void> {
  const { current } = await trx
    .selectFrom('memberships')
    .select(sql<number>`count(*)::int`.as('current'))
    .where('user_id', '=', userId)
    .where('role', '=', 'owner')
    .executeTakeFirstOrThrow();
  if (current < limit) return;
  throw new DomainError(
    'quota_exceeded',
    `This would exceed the limit of ${limit} orgs that a person may own. You own ${current}.`,
    { resource: 'orgs', limit, current },
  );
}

/** @throws DomainError if the org has as many containers as its plan allows. */
export async function orgRoomRequire(db: Db, orgId: number): Promise<void> {
  const { limit, current } = await db
    .selectFrom('orgs')
    .select(['container_limit as limit', 'container_count as current'])
    .where('id', '=', orgId)
    .executeTakeFirstOrThrow();
  if (current < limit) return;
  throw new DomainError(
    'quota_exceeded',
    `This would exceed your plan's limit of ${limit} containers. You are using ${current}.`,
    { resource: 'containers', limit, current },
  );
}

/** @throws DomainError if the org's volumes may not grow by this many GB. */
export async function orgVolumeRoomRequire(db: Db, orgId: number, sizeGb: number): Promise<void> {
  const { limit, current } = await db
    .selectFrom('orgs')
    .select(['volume_gb_limit as limit', 'volume_gb_count as current'])
    .where('id', '=', orgId)
    .executeTakeFirstOrThrow();
  if (current + sizeGb <= limit) return;
  throw new DomainError(
    'quota_exceeded',
    `This would exceed your plan's limit of ${limit} GB of volumes. You are using ${current} GB.`,
    { resource: 'volume_gb', limit, current },
  );
}
