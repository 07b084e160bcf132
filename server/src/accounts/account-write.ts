import type { Trx } from '../db/database.ts';
import type { UserActor } from '../changes/actor.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { eventActorApply } from '../changes/event-actor.ts';
import { changeRecord } from '../changes/record.ts';
import type { ApiDeps } from '../http/deps.ts';
import { type SessionCall, proofRequire } from './account-route.ts';
import { sessionHold } from './session-hold.ts';
import { signInRequired } from '../http/session-admit.ts';
import { sessionIsGood } from '../sessions/session-store.ts';

/** The signed-in person who makes a change, as read inside its transaction. */
export interface SessionActor extends UserActor {
  sessionId: number;
  hasTwoFactor: boolean;
}

/**
 * Runs a change of the caller's own account in one transaction: under the user's lock, with no write of theirs under
 * way, and with the session read again. What takes a right away holds for all that follows, and a session that has
 * ended meanwhile changes nothing.
 * @param orgsLock locks the orgs that the change concerns: their locks come before those of users.
 * @throws ApiError 401 when the session is over; 403 when the route's proof is too old by now.
 */
export async function accountWrite<T>(
  deps: ApiDeps,
  call: SessionCall,
  run: (trx: Trx, actor: SessionActor) => Promise<T>,
  orgsLock?: (trx: Trx) => Promise<void>,
): Promise<T> {
  const { userId, sessionId } = call.session;
  const { requestId } = call;
  return deps.db.transaction().execute(async (trx) => {
    await orgsLock?.(trx);
    const held = await sessionHold(trx, { userId, sessionId });
    const now = deps.clock.now();
    if (held === undefined || !sessionIsGood({ ...call.session, ...held }, now)) {
      throw signInRequired();
    }
    proofRequire(call.proof, held, now);
    const { hasTwoFactor } = held;
    const ipAddress = call.request.ip;
    await eventActorApply(trx, { userId, tokenId: null, requestId });
    return run(trx, { userId, sessionId, hasTwoFactor, tokenId: null, requestId, ipAddress });
  });
}

/** Records what someone did to an account, in the transaction that did it. */
export async function accountAudit(
  trx: Trx,
  deps: Pick<ChangeDeps, 'clock'>,
  by: Pick<UserActor, 'userId' | 'requestId' | 'sessionId' | 'ipAddress'>,
  action: string,
  object: { kind?: string; id?: number; orgId?: number; detail?: Record<string, unknown> } = {},
): Promise<void> {
  await changeRecord(
    trx,
    { ...by, tokenId: null },
    {
      at: deps.clock.now(),
      orgId: object.orgId ?? null,
      action,
      objectKind: object.kind ?? 'user',
      objectId: object.id ?? by.userId,
      detail: object.detail ?? {},
    },
  );
}
