import { sql } from 'kysely';
import { auditRow } from '../audit/store.ts';
import type { ApiDeps } from '../deps.ts';
import type { Trx } from '../http/write.ts';
import { userWritesEnd } from '../users/write-lock.ts';
import { type SessionCall, proofRequire } from './account-route.ts';
import { signInRequired } from './session-admit.ts';
import { sessionIsGood } from './session-store.ts';

/**
 * Runs a change of the caller's own account in one transaction: under the user's lock, with no write of theirs under
 * way, and with the session read again. So what takes a right away holds for all that follows, and a session that
 * has ended meanwhile changes nothing.
 * @throws ApiError 401 when the session is over; 403 when the route's proof is too old by now.
 */
export async function accountWrite<T>(
  deps: ApiDeps,
  call: SessionCall,
  run: (trx: Trx, held: { hasTwoFactor: boolean }) => Promise<T>,
): Promise<T> {
  const { userId, sessionId } = call.session;
  return deps.db.transaction().execute(async (trx) => {
    await trx.selectNoFrom(userWritesEnd(sql.val(userId)).as('held')).execute();
    const held = await trx
      .selectFrom('sessions as s')
      .innerJoin('users as u', 'u.id', 's.user_id')
      .leftJoin('two_factors as f', 'f.user_id', 's.user_id')
      .select([
        's.ended_at as endedAt',
        's.expires_at as expiresAt',
        's.proven_at as provenAt',
        'u.disabled_at as userDisabledAt',
        sql<boolean>`f.confirmed_at is not null`.as('hasTwoFactor'),
      ])
      .where('s.id', '=', sessionId)
      .forUpdate(['s', 'u'])
      .executeTakeFirst();
    const now = deps.clock.now();
    if (held === undefined || !sessionIsGood({ ...call.session, ...held }, now)) {
      throw signInRequired();
    }
    proofRequire(call.proof, held, now);
    return run(trx, held);
  });
}

/** Records what someone did to an account, in the transaction that did it. */
export async function accountAudit(
  trx: Trx,
  deps: Pick<ApiDeps, 'clock'>,
  by: { userId: number; requestId: string },
  action: string,
  object: { kind?: string; id?: number; orgId?: number; detail?: Record<string, unknown> } = {},
): Promise<void> {
  await trx
    .insertInto('audit_log')
    .values(
      auditRow({
        at: deps.clock.now(),
        orgId: object.orgId ?? null,
        userId: by.userId,
        tokenId: null,
        requestId: by.requestId,
        action,
        objectKind: object.kind ?? 'user',
        objectId: object.id ?? by.userId,
        detail: object.detail ?? {},
      }),
    )
    .execute();
}
