import { type RawBuilder, type SqlBool, sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import { pageRead } from '../db/page-read.ts';
import type { Page, PageRequest } from '../db/page.ts';

/** A row as the API shows it. */
export interface KubectlCredentialRow {
  id: number;
  org_id: number;
  user_id: number;
  name: string | null;
  email: string;
  sa_name: string;
  created_at: Date;
  expires_at: Date | null;
}

const SHOWN = [
  'id',
  'org_id',
  'user_id',
  'name',
  'email',
  'sa_name',
  'created_at',
  'expires_at',
] as const;

const CREDENTIALS = sql`(
  select c.*, u.email from kubectl_credentials as c join users as u on u.id = c.user_id
)`;

/** It never changes. */
export const KUBECTL_CREDENTIAL_VERSION = { generation: 1, revision: 1 };

export function kubectlCredentialShow(row: KubectlCredentialRow, orgSlug: string) {
  const createdAt = row.created_at.toISOString();
  return {
    id: row.id,
    org: orgSlug,
    name: row.name,
    email: row.email,
    sa_name: row.sa_name,
    created_at: createdAt,
    expires_at: row.expires_at?.toISOString() ?? null,
    rotated_at: createdAt,
    last_downloaded_at: createdAt,
  };
}

/** Whose credentials somebody sees: their own, and in some orgs everybody's. */
export interface Visibility {
  userId: number | null;
  orgIdsWhole: readonly number[];
}

function isVisible({ userId, orgIdsWhole }: Visibility, now: Date): RawBuilder<SqlBool> {
  return sql`t.issued_at is not null and t.deleted_at is null and coalesce(t.expires_at > ${now}, true)
    and (t.user_id = ${userId} or t.org_id = any (${[...orgIdsWhole]}::bigint[]))`;
}

/** A page of the credentials of these orgs, newest first. */
export async function kubectlCredentialList(
  db: Db,
  orgIds: readonly number[],
  visibility: Visibility,
  request: PageRequest,
  now: Date,
): Promise<Page<KubectlCredentialRow>> {
  const where = [isVisible(visibility, now)];
  return pageRead<KubectlCredentialRow>(db, {
    ...{ table: CREDENTIALS, columns: SHOWN, orgIds, where, request },
  });
}

/** A credential of one of these orgs. */
export async function kubectlCredentialRead(
  db: Db,
  orgIds: readonly number[],
  visibility: Visibility,
  id: number,
  now: Date,
): Promise<KubectlCredentialRow | null> {
  const { rows } = await sql<KubectlCredentialRow>`
    select ${sql.join(SHOWN.map((column) => sql.ref(column)))} from ${CREDENTIALS} as t
    where id = ${id} and org_id = any (${[...orgIds]}::bigint[]) and ${isVisible(visibility, now)}`.execute(
    db,
  );
  return rows[0] ?? null;
}

/** What decides whether a member may have another credential. */
export interface CredentialRoom {
  kubectl_enabled: boolean;
  /** The member's, without those of an hour or less. */
  own: number;
  own_short: number;
  /** All members'. */
  org_short: number;
}

/** Also counts those that are being issued. The org's lock must be held. */
export async function credentialRoom(
  trx: Trx,
  orgId: number,
  userId: number,
  now: Date,
): Promise<CredentialRoom> {
  const { rows } = await sql<CredentialRoom>`
    select o.kubectl_enabled,
      count(*) filter (where c.user_id = ${userId} and not c.is_short)::int as own,
      count(*) filter (where c.user_id = ${userId} and c.is_short)::int as own_short,
      count(*) filter (where c.is_short)::int as org_short
    from orgs as o
    left join kubectl_credentials as c
      on c.org_id = o.id and c.deleted_at is null and coalesce(c.expires_at > ${now}, true)
    where o.id = ${orgId} group by o.id`.execute(trx);
  const [room] = rows;
  if (room === undefined) throw new Error('a locked org is gone');
  return room;
}

export interface CredentialInput {
  orgId: number;
  userId: number;
  name: string | null;
  saName: string;
  isShort: boolean;
  requestKey: Buffer | null;
  at: Date;
  expiresAt: Date | null;
}

/** Inserts one that is still to be issued. */
export async function credentialInsert(trx: Trx, input: CredentialInput): Promise<number> {
  const { id } = await trx
    .insertInto('kubectl_credentials')
    .values({
      org_id: input.orgId,
      user_id: input.userId,
      name: input.name,
      sa_name: input.saName,
      is_short: input.isShort,
      request_key: input.requestKey,
      created_at: input.at,
      expires_at: input.expiresAt,
      issued_at: null,
      deleted_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Whether a request with this key is issuing one. */
export async function credentialIsBeingIssued(trx: Trx, requestKey: Buffer): Promise<boolean> {
  const row = await trx
    .selectFrom('kubectl_credentials')
    .select('id')
    .where('request_key', '=', requestKey)
    .where('issued_at', 'is', null)
    .where('deleted_at', 'is', null)
    .executeTakeFirst();
  return row !== undefined;
}

/** @returns null if it was revoked meanwhile. */
export async function credentialIssued(
  trx: Trx,
  id: number,
  expiresAt: Date | null,
  at: Date,
): Promise<KubectlCredentialRow | null> {
  const row = await trx
    .updateTable('kubectl_credentials')
    .set({ issued_at: at, expires_at: expiresAt, request_key: null })
    .where('id', '=', id)
    .where('issued_at', 'is', null)
    .where('deleted_at', 'is', null)
    .returning(['id', 'org_id', 'user_id', 'name', 'sa_name', 'created_at', 'expires_at'])
    .returning((eb) =>
      eb
        .selectFrom('users')
        .select('email')
        .whereRef('users.id', '=', 'kubectl_credentials.user_id')
        .$asScalar()
        .$notNull()
        .as('email'),
    )
    .executeTakeFirst();
  return row ?? null;
}

/**
 * Revokes it: from now on nobody sees it, and the engine is to remove it.
 * @returns false if it was revoked already.
 */
export async function credentialRowRevoke(db: Db, id: number, at: Date): Promise<boolean> {
  const { numUpdatedRows } = await db
    .updateTable('kubectl_credentials')
    .set({ deleted_at: at })
    .where('id', '=', id)
    .where('deleted_at', 'is', null)
    .executeTakeFirstOrThrow();
  return numUpdatedRows > 0n;
}
