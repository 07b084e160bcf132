import { type RawBuilder, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import { sharedRead } from '../db/shared-read.ts';
import type { Membership } from '../tokens/store.ts';
import { userWritesEnd } from '../users/write-lock.ts';

const HOUR_MS = 3_600_000;
/** The longest life of a session. */
export const SESSION_MAX_MS = 30 * 24 * HOUR_MS;
/** A session ends after this long without use. */
const SESSION_IDLE_MS = 7 * 24 * HOUR_MS;
/** How long a proof of identity is valid. */
export const PROOF_MS = 300_000;

/** A session and its user, read by one statement. */
export interface SessionRecord {
  sessionId: number;
  userId: number;
  createdAt: Date;
  expiresAt: Date;
  /** When the person last proved their identity. */
  provenAt: Date;
  endedAt: Date | null;
  lastUsedAt: Date | null;
  userDisabledAt: Date | null;
  hasTwoFactor: boolean;
  memberships: Membership[];
}

/** The session with its user and memberships, by the hash of its secret in hex. */
export const sessionRead = sharedRead(
  (db, hashes: string[]) =>
    db
      .selectFrom('sessions as s')
      .innerJoin('users as u', 'u.id', 's.user_id')
      .leftJoin('session_uses as used', 'used.session_id', 's.id')
      .leftJoin('two_factors as f', 'f.user_id', 's.user_id')
      .leftJoin('memberships as m', 'm.user_id', 'u.id')
      .leftJoin('orgs as o', 'o.id', 'm.org_id')
      .select([
        sql<string>`encode(s.token_hash, 'hex')`.as('hash'),
        's.id as sessionId',
        's.user_id as userId',
        's.created_at as createdAt',
        's.expires_at as expiresAt',
        's.proven_at as provenAt',
        's.ended_at as endedAt',
        'used.last_used_at as lastUsedAt',
        'u.disabled_at as userDisabledAt',
        sql<boolean>`f.confirmed_at is not null`.as('hasTwoFactor'),
        'o.id as orgId',
        'o.slug',
        'm.role',
        'o.api_enabled as apiEnabled',
        'o.status as orgStatus',
      ])
      .where('s.token_hash', '=', anyHash(sql`${hashes}::text[]`))
      .orderBy('o.slug'),
  (rows) => {
    const found = new Map<string, SessionRecord>();
    for (const { hash, orgId, slug, role, apiEnabled, orgStatus, ...session } of rows) {
      let record = found.get(hash);
      if (record === undefined) {
        record = { ...session, memberships: [] };
        found.set(hash, record);
      }
      if (orgId !== null && slug !== null && role !== null && apiEnabled !== null) {
        const isSuspended = orgStatus === 'suspended';
        record.memberships.push({ orgId, slug, role, apiEnabled, isSuspended });
      }
    }
    return found;
  },
);

function anyHash(hashes: RawBuilder<unknown>): RawBuilder<Buffer> {
  return sql<Buffer>`any (array(select decode(hash, 'hex') from unnest(${hashes}) as hash))`;
}

/** A user's sessions that have not been ended, newest first. */
export async function sessionsOf(db: Db, userId: number) {
  return db
    .selectFrom('sessions as s')
    .leftJoin('session_uses as used', 'used.session_id', 's.id')
    .select([
      's.id as sessionId',
      's.created_at as createdAt',
      's.expires_at as expiresAt',
      's.ended_at as endedAt',
      'used.last_used_at as lastUsedAt',
      's.ip_address as ipAddress',
      's.user_agent as userAgent',
    ])
    .where('s.user_id', '=', userId)
    .where('s.ended_at', 'is', null)
    .orderBy('s.id', 'desc')
    .execute();
}

type SessionTimes = Pick<
  SessionRecord,
  'createdAt' | 'expiresAt' | 'endedAt' | 'lastUsedAt' | 'userDisabledAt'
>;

/** Whether a session is still valid. */
export function sessionIsGood(session: SessionTimes, now: Date): boolean {
  const usedAt = session.lastUsedAt ?? session.createdAt;
  return (
    session.endedAt === null &&
    session.userDisabledAt === null &&
    session.expiresAt > now &&
    usedAt.getTime() > now.getTime() - SESSION_IDLE_MS
  );
}

/** Whether the person proved their identity recently. */
export function proofIsFresh(session: { provenAt: Date | null }, now: Date): boolean {
  return session.provenAt !== null && session.provenAt.getTime() > now.getTime() - PROOF_MS;
}

/** Creates a session for a user who has just proved their identity. */
export async function sessionCreate(
  db: Db,
  input: { userId: number; tokenHash: Buffer; now: Date; ipAddress: string; userAgent: string },
): Promise<number> {
  const row = await db
    .insertInto('sessions')
    .values({
      token_hash: input.tokenHash,
      user_id: input.userId,
      created_at: input.now,
      expires_at: new Date(input.now.getTime() + SESSION_MAX_MS),
      proven_at: input.now,
      ended_at: null,
      ip_address: input.ipAddress,
      user_agent: input.userAgent,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return row.id;
}

/**
 * Ends sessions of a user. Waits for the user's writes in progress, so that none of them commits after this
 * returns.
 * @param which one session, or all but one; default all.
 * @returns how many were ended.
 */
export async function sessionsEnd(
  db: Db,
  userId: number,
  now: Date,
  which: { only?: number; except?: number } = {},
): Promise<number> {
  const { only, except } = which;
  const result = await db
    .with(
      (cte) => cte('held').materialized(),
      (cte) => cte.selectNoFrom(userWritesEnd(sql.val(userId)).as('held')),
    )
    .updateTable('sessions')
    .from('held')
    .set({ ended_at: now })
    .where('user_id', '=', userId)
    .where('ended_at', 'is', null)
    .$if(only !== undefined, (query) => query.where('sessions.id', '=', only ?? 0))
    .$if(except !== undefined, (query) => query.where('sessions.id', '<>', except ?? 0))
    .executeTakeFirstOrThrow();
  return Number(result.numUpdatedRows);
}

/** Removes sessions that ended more than a day ago: no request can still be using one. */
export async function sessionsPurge(db: Db, now: Date): Promise<void> {
  const overSince = new Date(now.getTime() - 24 * HOUR_MS);
  await db
    .deleteFrom('sessions')
    .where((eb) => eb.or([eb('ended_at', '<', overSince), eb('expires_at', '<', overSince)]))
    .execute();
}
