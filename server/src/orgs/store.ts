import { type SqlBool, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { type Page, type PageRequest, pageMake } from '../http/pagination.ts';
import type { Principal } from '../http/principal.ts';
import type { Role } from '../db/types.ts';
import { ApiError } from '../errors.ts';

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

/** The orgs that a user is in; of an org-restricted token, that one alone. */
function orgsOf(db: Db, userId: number, onlyOrgId: number | null) {
  return db
    .selectFrom('orgs as o')
    .innerJoin('memberships as m', 'm.org_id', 'o.id')
    .select(SHOWN)
    .where('m.user_id', '=', userId)
    .where(sql<SqlBool>`(${onlyOrgId}::bigint is null or o.id = ${onlyOrgId}::bigint)`);
}

export async function orgRead(
  db: Db,
  userId: number,
  onlyOrgId: number | null,
  slug: string,
): Promise<OrgRow | null> {
  const row = await orgsOf(db, userId, onlyOrgId).where('o.slug', '=', slug).executeTakeFirst();
  return row ?? null;
}

export interface OrgFilter {
  name?: string | undefined;
  status?: OrgRow['status'] | undefined;
}

/**
 * A page of the orgs that take a caller's requests, newest first. A user is in few orgs, so they are read whole.
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
  return pageMake(request, ahead.slice(0, request.limit + 1), ahead.length < all.length);
}

/** @throws ApiError `quota_exceeded` when an org has as many containers as it may have. */
export async function orgRoomRequire(db: Db, orgId: number): Promise<void> {
  const { limit, current } = await db
    .selectFrom('orgs')
    .select(['container_limit as limit', 'container_count as current'])
    .where('id', '=', orgId)
    .executeTakeFirstOrThrow();
  if (current < limit) return;
  throw new ApiError(
    'quota_exceeded',
    `This would exceed your plan's limit of ${limit} containers. You are using ${current}.`,
    { detail: { resource: 'containers', limit, current } },
  );
}

/** @throws ApiError `quota_exceeded` when an org's volumes may not grow by so many GB. */
export async function orgVolumeRoomRequire(db: Db, orgId: number, sizeGb: number): Promise<void> {
  const { limit, current } = await db
    .selectFrom('orgs')
    .select(['volume_gb_limit as limit', 'volume_gb_count as current'])
    .where('id', '=', orgId)
    .executeTakeFirstOrThrow();
  if (current + sizeGb <= limit) return;
  throw new ApiError(
    'quota_exceeded',
    `This would exceed your plan's limit of ${limit} GB of volumes. You are using ${current} GB.`,
    { detail: { resource: 'volume_gb', limit, current } },
  );
}
