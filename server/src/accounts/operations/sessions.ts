import { objectMissing } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import type { Trx } from '../../db/database.ts';
import { sessionsEnd } from '../../sessions/session-store.ts';
import { type SessionActor, accountAudit } from '../account-write.ts';

type Deps = Pick<ChangeDeps, 'clock'>;

/** Ends one session of the person. @throws DomainError if they have none with this id. */
export async function sessionDelete(
  trx: Trx,
  actor: SessionActor,
  { id }: { id: number | null },
  deps: Deps,
): Promise<void> {
  const only = id ?? 0;
  const ended = await sessionsEnd(trx, actor.userId, deps.clock.now(), { only });
  if (ended === 0) throw objectMissing();
  await accountAudit(trx, deps, actor, 'user.sessions_end', { detail: { session_id: only } });
}

/** Ends all sessions of the person but the one that asks. */
export async function sessionEndOthers(trx: Trx, actor: SessionActor, deps: Deps): Promise<void> {
  const { userId, sessionId } = actor;
  const count = await sessionsEnd(trx, userId, deps.clock.now(), { except: sessionId });
  await accountAudit(trx, deps, actor, 'user.sessions_end', { detail: { count } });
}
