import { sql } from 'kysely';
import type { Clock, Random } from '../base/system.ts';
import type { Db } from '../db/database.ts';
import { sharedRead } from '../db/shared-read.ts';
import type { Role } from '../db/types.ts';
import type { TokenScope } from '../db/types-account.ts';
import { userWritesEnd } from '../users/write-lock.ts';
import { tokenGenerate } from './format.ts';

/** An org that a caller belongs to. */
export interface Membership {
  orgId: number;
  slug: string;
  role: Role;
  apiEnabled: boolean;
  /** The operator has suspended the org. */
  isSuspended: boolean;
}

/** A token and its user, read by one statement. */
export interface TokenRecord {
  tokenId: number;
  secretHash: Buffer;
  scope: TokenScope;
  tokenOrgId: number | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  userId: number;
  userDisabledAt: Date | null;
  /** Only the token's org if it is restricted to one. */
  memberships: Membership[];
}

/** The token with its user and memberships, by public id. */
export const tokenRead = sharedRead(
  (db, publicIds: string[]) =>
    db
      .selectFrom('tokens as t')
      .innerJoin('users as u', 'u.id', 't.user_id')
      .leftJoin('memberships as m', (join) =>
        join
          .onRef('m.user_id', '=', 'u.id')
          .on(sql<boolean>`(t.org_id is null or t.org_id = m.org_id)`),
      )
      .leftJoin('orgs as o', 'o.id', 'm.org_id')
      .select([
        't.public_id as publicId',
        't.id as tokenId',
        't.secret_hash as secretHash',
        't.scope',
        't.org_id as tokenOrgId',
        't.expires_at as expiresAt',
        't.revoked_at as revokedAt',
        'u.id as userId',
        'u.disabled_at as userDisabledAt',
        'o.id as orgId',
        'o.slug',
        'm.role',
        'o.api_enabled as apiEnabled',
        'o.status as orgStatus',
      ])
      .where('t.public_id', '=', sql<string>`any(${publicIds}::text[])`)
      .orderBy('o.slug'),
  (rows) => {
    const found = new Map<string, TokenRecord>();
    for (const { publicId, orgId, slug, role, apiEnabled, orgStatus, ...token } of rows) {
      let record = found.get(publicId);
      if (record === undefined) {
        record = { ...token, memberships: [] };
        found.set(publicId, record);
      }
      if (orgId !== null && slug !== null && role !== null && apiEnabled !== null) {
        const isSuspended = orgStatus === 'suspended';
        record.memberships.push({ orgId, slug, role, apiEnabled, isSuspended });
      }
    }
    return found;
  },
);

/** Why a token is no longer valid, as a sentence for its holder; null if it is valid. */
export function tokenFault(record: TokenRecord, now: Date): string | null {
  if (record.revokedAt !== null) return 'This token was revoked: create another one.';
  if (record.userDisabledAt !== null) return 'The account of this token is disabled.';
  if (record.expiresAt !== null && record.expiresAt <= now) {
    return 'This token has expired: create another one.';
  }
  return null;
}

export interface TokenInput {
  userId: number;
  name: string;
  scope: TokenScope;
  orgId: number | null;
  expiresAt: Date | null;
}

/** Creates a token. The clear text is only in the result. */
export async function tokenInsert(
  db: Db,
  deps: { clock: Clock; random: Random },
  input: TokenInput,
): Promise<{ id: number; token: string; publicId: string }> {
  const { token, publicId, secretHash } = tokenGenerate(deps.random);
  const row = await db
    .insertInto('tokens')
    .values({
      public_id: publicId,
      secret_hash: secretHash,
      user_id: input.userId,
      org_id: input.orgId,
      name: input.name,
      scope: input.scope,
      created_at: deps.clock.now(),
      expires_at: input.expiresAt,
      revoked_at: null,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return { id: row.id, token, publicId };
}

/**
 * Revokes a token. Waits for its user's writes in progress, so that none of them commits after this
 * returns.
 * @returns false if there is none with that public id.
 */
export async function tokenRowRevoke(db: Db, publicId: string, now: Date): Promise<boolean> {
  const result = await db
    .with(
      (cte) => cte('held').materialized(),
      (cte) =>
        cte
          .selectFrom('tokens')
          .select(['id', userWritesEnd(sql.ref('user_id')).as('held')])
          .where('public_id', '=', publicId),
    )
    .updateTable('tokens')
    .from('held')
    .set((eb) => ({ revoked_at: eb.fn.coalesce('tokens.revoked_at', eb.val(now)) }))
    .whereRef('tokens.id', '=', 'held.id')
    .executeTakeFirst();
  return result.numUpdatedRows > 0n;
}

/** A user's tokens that have not been revoked, newest first. */
export async function tokensOfUser(db: Db, userId: number) {
  return db
    .selectFrom('tokens as t')
    .leftJoin('orgs as o', 'o.id', 't.org_id')
    .leftJoin('token_uses as used', 'used.token_id', 't.id')
    .select([
      't.id',
      't.public_id',
      't.org_id',
      't.name',
      't.scope',
      'o.slug as org',
      't.created_at',
      't.expires_at',
      'used.last_used_at',
    ])
    .where('t.user_id', '=', userId)
    .where('t.revoked_at', 'is', null)
    .orderBy('t.id', 'desc')
    .execute();
}

/** The id of an org that a user belongs to, locked so that they stay in it until this transaction ends. */
export async function orgOfUser(db: Db, userId: number, slug: string): Promise<number | null> {
  const row = await db
    .selectFrom('memberships as m')
    .innerJoin('orgs as o', 'o.id', 'm.org_id')
    .select('o.id')
    .where('m.user_id', '=', userId)
    .where('o.slug', '=', slug)
    .forShare('m')
    .executeTakeFirst();
  return row?.id ?? null;
}
