import type { ChangeDeps } from '../changes/deps.ts';
import type { Db } from '../db/database.ts';
import { browserSecretCreate, browserSecretHash } from '../sessions/session-cookie.ts';
import { SESSION_MAX_MS, sessionCreate } from '../sessions/session-store.ts';

const USER_AGENT_MAX = 300;

type Deps = Pick<ChangeDeps, 'clock' | 'random'>;

/** The browser in which a session begins. */
export interface Visitor {
  ipAddress: string;
  userAgent: string;
  /** The secret of the session that it has had; null if it has none. */
  sessionSecret: string | null;
}

/** What a session's cookie holds, and for how long. */
export interface SessionSecret {
  value: string;
  maxAgeSeconds: number;
}

/**
 * Begins a session for someone who has just proved their identity, always with a new secret: one that was in the browser
 * before is never reused. The browser's previous session ends.
 */
export async function sessionBegin(
  db: Db,
  userId: number,
  visitor: Visitor,
  deps: Deps,
): Promise<SessionSecret> {
  const now = deps.clock.now();
  const secret = browserSecretCreate(deps.random);
  if (visitor.sessionSecret !== null) {
    await db
      .updateTable('sessions')
      .set({ ended_at: now })
      .where('token_hash', '=', browserSecretHash(visitor.sessionSecret))
      .where('ended_at', 'is', null)
      .execute();
  }
  await sessionCreate(db, {
    userId,
    tokenHash: secret.hash,
    now,
    ipAddress: visitor.ipAddress,
    userAgent: visitor.userAgent.slice(0, USER_AGENT_MAX),
  });
  return { value: secret.value, maxAgeSeconds: SESSION_MAX_MS / 1000 };
}

/**
 * Gives a session a new secret, which locks out whoever has the old one.
 * @param isProven whether the person has just proved their identity.
 */
export async function sessionRenew(
  db: Db,
  sessionId: number,
  isProven: boolean,
  deps: Deps,
): Promise<SessionSecret> {
  const now = deps.clock.now();
  const secret = browserSecretCreate(deps.random);
  const session = await db
    .updateTable('sessions')
    .set({ token_hash: secret.hash, ...(isProven ? { proven_at: now } : {}) })
    .where('id', '=', sessionId)
    .returning('expires_at')
    .executeTakeFirstOrThrow();
  const leftSeconds = Math.ceil((session.expires_at.getTime() - now.getTime()) / 1000);
  return { value: secret.value, maxAgeSeconds: leftSeconds };
}
