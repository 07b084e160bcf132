import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { signInRequired } from './session-admit.ts';
import { PROOF_MS, type SessionRecord, proofIsFresh } from './session-store.ts';

/** A person as they see themselves, at this moment. */
async function accountRead(db: Db, userId: number) {
  return db
    .selectFrom('users as u')
    .leftJoin('two_factors as f', 'f.user_id', 'u.id')
    .select([
      'u.id',
      'u.email',
      'u.name',
      'u.created_at',
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
 * @param session whose proof it tells of; null where there is none.
 * @throws ApiError 401 when it was deleted meanwhile.
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
    email_verified: true,
    reauthenticated_until: isProven
      ? new Date(session.provenAt.getTime() + PROOF_MS).toISOString()
      : null,
    created_at: createdAt.toISOString(),
  };
}

/** Where a user's mail goes. */
export async function emailOf(db: Db, userId: number): Promise<string> {
  const user = await db
    .selectFrom('users')
    .select('email')
    .where('id', '=', userId)
    .executeTakeFirstOrThrow();
  return user.email;
}
