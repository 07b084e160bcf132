import { crc32 } from 'node:zlib';
import { sql, type SqlBool } from 'kysely';
import { type Db, type Trx, uniqueViolation } from '../db/database.ts';
import { pageRead } from '../db/page-read.ts';
import type { Page, PageRequest } from '../db/page.ts';
import type { Role } from '../db/types.ts';
import { DomainError } from '../base/domain-error.ts';

/** A member of an org, with what shows of their account. */
export interface MemberRow {
  id: number;
  org_id: number;
  user_id: number;
  email: string;
  name: string;
  role: Role;
  joined_at: Date;
  generation: number;
}

const SHOWN = [
  'id',
  'org_id',
  'user_id',
  'email',
  'name',
  'role',
  'joined_at',
  'generation',
] as const;

/** Members with their accounts, as a table. */
const MEMBERS = sql`(
  select m.id, m.org_id, m.user_id, m.role, m.joined_at, m.generation, u.email, u.name
  from memberships as m join users as u on u.id = m.user_id
)`;

export function memberShow(row: MemberRow, org: string) {
  return {
    id: row.id,
    org,
    user_id: row.user_id,
    email: row.email,
    name: row.name,
    role: row.role,
    joined_at: row.joined_at.toISOString(),
  };
}

/** What is the account's own, and changes without the org's doing, is in the revision. */
export function memberVersion(row: MemberRow): { generation: number; revision: number } {
  return { generation: row.generation, revision: crc32(`${row.email}\n${row.name}`) };
}

/** A page of the members of these orgs, newest first. */
export async function memberList(
  db: Db,
  orgIds: readonly number[],
  request: PageRequest,
  { name }: { name?: string | undefined },
): Promise<Page<MemberRow>> {
  const where = name === undefined ? [] : [sql<SqlBool>`t.name = ${name}`];
  return pageRead<MemberRow>(db, { table: MEMBERS, columns: SHOWN, orgIds, where, request });
}

/** A member of one of these orgs. */
export async function memberRead(
  db: Db,
  orgIds: readonly number[],
  id: number,
): Promise<MemberRow | null> {
  const { rows } = await sql<MemberRow>`
    select ${sql.join(SHOWN.map((column) => sql.ref(column)))} from ${MEMBERS} as t
    where id = ${id} and org_id = any (${[...orgIds]}::bigint[])`.execute(db);
  return rows[0] ?? null;
}

export interface MembershipInput {
  orgId: number;
  userId: number;
  role: Role;
}

/**
 * Makes the user a member, and reads their address with it.
 *
 * @throws DomainError if the user already is a member.
 */
export async function memberInsert(
  trx: Trx,
  { orgId, userId, role }: MembershipInput,
  now: Date,
): Promise<Pick<MemberRow, 'id' | 'email'>> {
  try {
    return await trx
      .insertInto('memberships')
      .values({ org_id: orgId, user_id: userId, role, joined_at: now })
      .returning((eb) => [
        'id',
        eb
          .selectFrom('users')
          .select('email')
          .whereRef('users.id', '=', 'memberships.user_id')
          .$asScalar()
          .$notNull()
          .as('email'),
      ])
      .executeTakeFirstOrThrow();
  } catch (error) {
    if (uniqueViolation(error) === null) throw error;
    throw new DomainError('already_member', 'This user is a member of this org already.');
  }
}

export async function memberRowUpdate(trx: Trx, id: number, role: Role): Promise<void> {
  await trx
    .updateTable('memberships')
    .set((eb) => ({ role, generation: eb('generation', '+', 1) }))
    .where('id', '=', id)
    .execute();
}

/** Ends a membership, and the user's tokens that are restricted to its org. */
export async function memberRowDelete(
  trx: Trx,
  row: Pick<MemberRow, 'id' | 'org_id' | 'user_id'>,
  at: Date,
): Promise<void> {
  await trx
    .with('ended', (cte) =>
      cte
        .updateTable('tokens')
        .set({ revoked_at: at })
        .where('user_id', '=', row.user_id)
        .where('org_id', '=', row.org_id)
        .where('revoked_at', 'is', null),
    )
    .deleteFrom('memberships')
    .where('id', '=', row.id)
    .execute();
}

/** Ends all memberships of a user, and returns them. */
export async function membershipsOfUserDelete(
  trx: Trx,
  userId: number,
): Promise<Pick<MemberRow, 'id' | 'org_id' | 'role' | 'email'>[]> {
  return trx
    .deleteFrom('memberships')
    .using('users')
    .whereRef('users.id', '=', 'memberships.user_id')
    .where('memberships.user_id', '=', userId)
    .returning(['memberships.id', 'memberships.org_id', 'memberships.role', 'users.email'])
    .execute();
}

/** Whether the org has an owner besides this user whose account is not disabled. The org's lock must be held. */
export async function otherOwnerExists(
  trx: Trx,
  { org_id: orgId, user_id: userId }: Pick<MemberRow, 'org_id' | 'user_id'>,
): Promise<boolean> {
  const row = await trx
    .selectFrom('memberships as m')
    .innerJoin('users as u', 'u.id', 'm.user_id')
    .select('m.id')
    .where('m.org_id', '=', orgId)
    .where('m.user_id', '<>', userId)
    .where('m.role', '=', 'owner')
    .where('u.disabled_at', 'is', null)
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

/** The users who are in an org. */
export async function memberUserIds(trx: Trx, orgId: number): Promise<number[]> {
  const rows = await trx
    .selectFrom('memberships')
    .select('user_id')
    .where('org_id', '=', orgId)
    .execute();
  return rows.map((row) => row.user_id);
}
