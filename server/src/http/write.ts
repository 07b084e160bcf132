import { type RawBuilder, type Transaction, sql } from 'kysely';
import type { ApiDeps } from '../deps.ts';
import type { Db } from '../db/database.ts';
import type { Database, Role } from '../db/types.ts';
import { type ApiError, authenticationFailed, notFound } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { userWriteBegin } from '../users/write-lock.ts';
import {
  type KeyedRequest,
  keptReplyRead,
  keptReplyWrite,
  keyedRequestMake,
} from './idempotency.ts';
import { roleRequire, rolesFrom } from './permission.ts';
import type { Answer, Call } from './route.ts';

export type Trx = Transaction<Database>;

/** The org that a write acts in. Routes with `org: 'write'` always have exactly one. */
function writeOrgId(call: Call): number {
  const org = call.orgs[0];
  if (org === undefined) throw new Error('a write without an org');
  return org.orgId;
}

/**
 * Runs a write in one transaction: the caller is read again under a lock that a revocation waits
 * for, a kept reply is replayed, and the new one is kept where the client sent a key.
 * The reconciler is woken after the commit.
 * @param run looks the object up (404), then compares (412), then writes (409, quota). A POST has no
 * object before it, so its kept reply is looked for first.
 */
export async function writeRun(
  deps: ApiDeps,
  call: Call,
  role: Role,
  run: (trx: Trx, orgId: number) => Promise<Answer>,
): Promise<Answer> {
  const orgId = writeOrgId(call);
  const keyed: KeyedRequest | null =
    call.request.method === 'POST' ? keyedRequestMake(call, orgId) : null;
  const writer = writerRead(call, orgId, role, deps.clock.now());
  const answer = await deps.db.transaction().execute(async (trx) => {
    await writerRequire(trx, call, (await writer.execute(trx)).rows[0] ?? null, role);
    const kept = keyed === null ? null : await keptReplyRead(trx, deps, keyed);
    if (kept !== null) return kept;
    const made = await run(trx, orgId);
    if (keyed !== null) await keptReplyWrite(trx, deps, keyed, made);
    failpoint('write.commit.before');
    return made;
  });
  return written(deps, answer);
}

/** A write that is one statement, a transaction of its own. */
export interface LoneWrite {
  /** Does it together with others'. @returns null when it has to be done alone. */
  together(db: Db, orgId: number): Promise<Answer | null>;
  /** Does it, reading the writer in the same statement. */
  alone(db: Db, orgId: number, writer: RawBuilder<Writer>): Promise<Answer>;
}

/** As `writeRun`, for a write that is one statement; a key to keep a reply under needs a transaction around it. */
export async function writeRunAlone(
  deps: ApiDeps,
  call: Call,
  role: Role,
  { together, alone }: LoneWrite,
): Promise<Answer> {
  const orgId = writeOrgId(call);
  const writer = writerRead(call, orgId, role, deps.clock.now());
  if (call.request.headers['idempotency-key'] !== undefined) {
    return writeRun(deps, call, role, (trx) => alone(trx, orgId, writer));
  }
  failpoint('write.commit.before');
  return written(deps, (await together(deps.db, orgId)) ?? (await alone(deps.db, orgId, writer)));
}

function written(deps: ApiDeps, answer: Answer): Answer {
  failpoint('write.commit.after');
  deps.signal.notify();
  failpoint('write.reply.before');
  return answer;
}

/** The caller of a write as the write finds them: none where they are not a member of its org. */
export interface Writer {
  is_revoked: boolean;
  role: Role;
  /** Neither revoked nor of too low a role. */
  is_allowed: boolean;
}

/**
 * Reads the token or session, its user and the membership under the user's lock, and `for share`, which shows rows
 * as they are once the lock is had. Whoever takes a right away waits for this transaction, or is seen
 * by it: nothing slips between check and write.
 */
function writerRead(call: Call, orgId: number, role: Role, now: Date): RawBuilder<Writer> {
  const { userId } = call.principal;
  const { credential, credentialId, endedAt } = credentialOf(call);
  const isRevoked = sql`(${endedAt} is not null or u.disabled_at is not null or coalesce(c.expires_at <= ${now}, false))`;
  return sql`
    with begun as materialized (select ${userWriteBegin(userId)})
    select m.role, ${isRevoked} as is_revoked, not ${isRevoked} and m.role = any(${rolesFrom(role)}) as is_allowed
    from begun cross join ${credential} as c join users as u on u.id = c.user_id join memberships as m on m.user_id = u.id
    where c.id = ${credentialId} and m.org_id = ${orgId}
    for share of c, u, m`;
}

function credentialOf({ principal: { tokenId, sessionId } }: Call) {
  return tokenId === null
    ? { credential: sql.table('sessions'), credentialId: sessionId, endedAt: sql.ref('c.ended_at') }
    : { credential: sql.table('tokens'), credentialId: tokenId, endedAt: sql.ref('c.revoked_at') };
}

/** @throws ApiError unless the writer may write. */
export async function writerRequire(
  db: Db,
  call: Call,
  writer: Writer | null,
  role: Role,
): Promise<void> {
  if (writer === null) {
    // Joined by the membership: without one the org is, to this caller, not there. Nor is who was deleted.
    throw (await credentialIsThere(db, call)) ? notFound() : noLongerValid();
  }
  if (writer.is_revoked) throw noLongerValid();
  roleRequire(writer.role, role);
}

async function credentialIsThere(db: Db, call: Call): Promise<boolean> {
  const { credential, credentialId } = credentialOf(call);
  const { rows } = await sql`select from ${credential} where id = ${credentialId}`.execute(db);
  return rows.length > 0;
}

function noLongerValid(): ApiError {
  return authenticationFailed('Your token or session is no longer valid.');
}
