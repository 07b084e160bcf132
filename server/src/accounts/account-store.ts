import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../http/deps.ts';
import { signInRequired } from '../http/session-admit.ts';
import { PROOF_MS, type SessionRecord, proofIsFresh } from '../sessions/session-store.ts';

/** An account as its owner sees it. */
async function accountRead(db: Db, userId: number) {
  return db
    .selectFrom('users as u')
    .leftJoin('two_factors as f', 'f.user_id', 'u.id')
    .select([
      'u.id',
      'u.email',
      'u.name',
      'u.created_at',
      'u.email_verified',
      sql<boolean>`f.confirmed_at is not null`.as('two_factor_enabled'),
      sql<{ slug: string; name: string; role: string }[]>`coalesce((
        select json_agg(json_build_object('slug', o.slug, 'name', o.name, 'role', m.role) order by o.slug)
        from memberships m join orgs o on o.id = m.org_id where m.user_id = u.id
      ), '[]'::json)`.as('orgs'),
    ])
    .where('u.id', '=', userId)
    .executeTakeFirst();
}

/**
 * The account as a reply.
 * @param session the session whose proof of identity is reported; null if there is none.
 * @throws ApiError 401 if the account was deleted meanwhile.
 */
export async function accountShow(
  { clock }: Pick<ApiDeps, 'clock'>,
  db: Db,
  userId: number,
  session: Pick<SessionRecord, 'provenAt'> | null,
) {
  const account = await accountRead(db, userId);
  if (account === undefined) throw signInRequired();
  const { created_at: createdAt, ...person } = account;
  const isProven = session !== null && proofIsFresh(session, clock.now());
  return {
    ...person,
    reauthenticated_until: isProven
      ? new Date(session.provenAt.getTime() + PROOF_MS).toISOString()
      : null,
    created_at: createdAt.toISOString(),
  };
}

/** The user's email address. */
export async function emailOf(db: Db, userId: number): Promise<string> {
  const user = await db
    .selectFrom('users')
    .select('email')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  return user.email;
}
