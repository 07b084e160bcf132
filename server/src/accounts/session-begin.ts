import type { Db } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import type { AccountCall } from './account-route.ts';
import {
  browserSecretHash,
  browserSecretMake,
  cookieSecretRead,
  cookieSet,
} from './session-cookie.ts';
import { SESSION_MAX_MS, sessionCreate } from './session-store.ts';

const USER_AGENT_MAX = 300;

/**
 * Begins a session of someone who has just proven who they are, always with a secret of its own: one that was in the
 * browser before is never taken over. The session that the browser had is ended.
 * @returns the `Set-Cookie` line.
 */
export async function sessionBegin(
  db: Db,
  deps: ApiDeps,
  call: AccountCall,
  userId: number,
): Promise<string> {
  const now = deps.clock.now();
  const secret = browserSecretMake(deps.random);
  const before = cookieSecretRead(deps.config, 'session', call.request.headers.cookie);
  if (before !== null) {
    await db
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('token_hash', '=', browserSecretHash(before))
      .where('ended_at', 'is', null)
      .execute();
  }
  await sessionCreate(db, {
    userId,
    tokenHash: secret.hash,
    now,
    ipAddress: call.request.ip,
    userAgent: userAgentOf(call),
  });
  return cookieSet(deps.config, 'session', secret.value, SESSION_MAX_MS / 1000);
}

/**
 * Gives a session another secret: who had the old one is out from now on.
 * @param isProven whether the person has just proven who they are.
 * @returns the `Set-Cookie` line.
 */
export async function sessionRenew(
  db: Db,
  deps: ApiDeps,
  sessionId: number,
  isProven: boolean,
): Promise<string> {
  const now = deps.clock.now();
  const secret = browserSecretMake(deps.random);
  const session = await db
    .updateTable('sessions')
    .set({ token_hash: secret.hash, ...(isProven ? { proven_at: now } : {}) })
    .where('id', '=', sessionId)
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  const leftSeconds = Math.ceil((session.expires_at.getTime() - now.getTime()) / 1000);
  return cookieSet(deps.config, 'session', secret.value, leftSeconds);
}

function userAgentOf(call: AccountCall): string {
  return (call.request.headers['user-agent'] ?? '').slice(0, USER_AGENT_MAX);
}
