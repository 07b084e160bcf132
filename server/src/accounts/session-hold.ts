import { sql } from 'kysely';
import type { Trx } from '../db/database.ts';
import { userWritesEnd } from '../users/write-lock.ts';

/**
 * Locks a person and their session for a change of their account, once no write of theirs is under way, and reads the
 * session again.
 * @returns what decides whether it is still valid; undefined if there is no such session.
 */
export async function sessionHold(
  trx: Trx,
  { userId, sessionId }: { userId: number; sessionId: number },
) {
  await trx.selectNoFrom(userWritesEnd(sql.val(userId)).as('held')).execute();
  return trx
    .selectFrom('sessions as s')
    .innerJoin('users as u', 'u.id', 's.user_id')
    .leftJoin('two_factors as f', 'f.user_id', 's.user_id')
    .select([
      's.created_at as createdAt',
      's.ended_at as endedAt',
      's.expires_at as expiresAt',
      's.proven_at as provenAt',
      'u.disabled_at as userDisabledAt',
      sql<boolean>`f.confirmed_at is not null`.as('hasTwoFactor'),
    ])
    .where('s.id', '=', sessionId)
    .forUpdate(['s', 'u'])
    .executeTakeFirst();
}
