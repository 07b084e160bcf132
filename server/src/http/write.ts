import { type RawBuilder, sql } from 'kysely';
import type { Actor, OrgActor, UserActor } from '../changes/actor.ts';
import { eventActorSet } from '../changes/event-actor.ts';
import type { Db, Trx } from '../db/database.ts';
import type { Role } from '../db/types.ts';
import type { ApiDeps } from '../http/deps.ts';
import { type ApiError, authenticationFailed, notFound } from '../base/errors.ts';
import { failpoint } from '../base/failpoints.ts';
import { ruleOf } from '../changes/policy.ts';
import { userWritesEnd, usersLock } from '../users/write-lock.ts';
import {
  type KeyedRequest,
  keptReplyRead,
  keptReplyWrite,
  keyedRequestCreate,
} from './idempotency.ts';
import { apiRequire } from './org.ts';
import { activeRequire, roleRequire } from './permission.ts';
import type { Answer, Call } from './route.ts';

/**
 * The locks that a write holds from its start, in addition to the caller's own right to write. Every transaction takes
 * its locks in the same order, so that deadlocks are impossible: the org, then users by id, then objects (containers
 * before volumes, each by id), then the queue.
 */
export interface WriteLocks {
  /** Whether the write counts objects of the org, or changes the org or its members. */
  org?: true;
  /**
   * Users whose rights the write takes away. It waits for their writes in progress, and no new write of theirs starts.
   */
  users?(trx: Trx, orgId: number): Promise<readonly number[]>;
}

/**
 * Runs a write in one transaction. It takes the request's Idempotency-Key and its locks, and reads the caller again
 * such that a revocation either waits for this transaction or is visible to it. It then either replays a stored reply,
 * or does the write and stores its reply. Wakes the reconciler after the commit.
 * @param run looks the object up (404), then compares (412), then writes (409, quota). It gets the caller as read
 * inside the transaction. A POST has no existing object, so its stored reply is looked for first.
 */
export async function writeRun(
  deps: ApiDeps,
  call: Call,
  locks: WriteLocks,
  run: (trx: Trx, actor: OrgActor) => Promise<Answer>,
): Promise<Answer> {
  const org = writeOrg(call);
  return transactionRun(
    deps,
    call,
    org.id,
    (trx, isReplay) => writerHold(trx, call, isReplay ? {} : locks, deps.clock.now()),
    run,
  );
}

/**
 * The same for a write that is in no org yet. It holds the caller's lock alone, so that what it counts of theirs stays
 * as it is.
 */
export async function writeRunUnscoped(
  deps: ApiDeps,
  call: Call,
  run: (trx: Trx, actor: UserActor) => Promise<Answer>,
): Promise<Answer> {
  return transactionRun(deps, call, null, (trx) => callerHold(trx, call, deps.clock.now()), run);
}

/** @param hold takes the locks, and reads the caller again. */
async function transactionRun<A extends Actor>(
  deps: ApiDeps,
  call: Call,
  orgId: number | null,
  hold: (trx: Trx, isReplay: boolean) => Promise<A>,
  run: (trx: Trx, actor: A) => Promise<Answer>,
): Promise<Answer> {
  const keyed: KeyedRequest | null =
    call.request.method === 'POST' ? keyedRequestCreate(call, orgId) : null;
  const answer = await deps.db.transaction().execute(async (trx) => {
    // The key is taken without waiting, so it comes before all locks: a repeated request is answered immediately,
    // whatever holds the locks.
    const kept = keyed === null ? null : await keptReplyRead(trx, deps, keyed);
    const actor = await hold(trx, kept !== null);
    if (kept !== null) return kept;
    const made = await run(trx, actor);
    if (keyed !== null) await keptReplyWrite(trx, deps, keyed, made);
    failpoint('write.commit.before');
    return made;
  });
  return written(deps, answer);
}

/**
 * Runs a write that is one statement, shared with other requests, which also checks the caller.
 * @param run returns null if it did nothing, and the write must go through `writeRun`.
 * @returns null in that case, and if the client sent a key: storing a reply needs a transaction.
 */
export async function writeRunShared(
  deps: ApiDeps,
  call: Call,
  run: (actor: OrgActor) => Promise<Answer | null>,
): Promise<Answer | null> {
  if (call.request.headers['idempotency-key'] !== undefined) return null;
  const [membership] = call.orgs;
  failpoint('write.commit.before');
  const answer = await run(actorOf(call, membership?.role ?? null));
  return answer && written(deps, answer);
}

/** Wakes the reconciler and followers of events after a commit. */
export function written(deps: ApiDeps, answer: Answer): Answer {
  failpoint('write.commit.after');
  deps.signal.notify();
  deps.eventSignal.notify();
  failpoint('write.reply.before');
  return answer;
}

/** The org that a write acts in. Routes with `org: 'write'` or `'path'` have exactly one. */
export function writeOrg({ orgs }: Call): OrgActor['org'] {
  const [org] = orgs;
  if (org === undefined) throw new Error('a write without an org');
  return { id: org.orgId, slug: org.slug };
}

function actorOf(call: Call, role: Role | null): OrgActor {
  return { ...userActorOf(call), org: writeOrg(call), role };
}

function userActorOf({ principal, requestId, request }: Call): UserActor {
  const { userId, tokenId, sessionId } = principal;
  return { userId, tokenId, sessionId, requestId, ipAddress: request.ip };
}

/** The caller of a write, as read inside its transaction. */
interface Writer {
  is_revoked: boolean;
  /** null: the org has been deleted. */
  org_state: { is_suspended: boolean; api_enabled: boolean } | null;
  role: Role;
}

/** @throws ApiError unless the caller may still do this. */
export async function writerHold(
  trx: Trx,
  call: Call,
  locks: WriteLocks,
  now: Date,
): Promise<OrgActor> {
  const org = writeOrg(call);
  const others = (await locks.users?.(trx, org.id)) ?? [];
  const { rows } = await writerRead(call, org.id, { org: locks.org === true, others }, now).execute(
    trx,
  );
  const [writer] = rows;
  if (writer === undefined) {
    // The statement joins the membership: without one, the org does not exist for this caller. A deleted account has no
    // credential either.
    throw (await credentialIsThere(trx, call)) ? notFound() : noLongerValid();
  }
  if (writer.is_revoked) throw noLongerValid();
  if (writer.org_state === null) throw notFound();
  const { api_enabled: isApiEnabled, is_suspended: isSuspended } = writer.org_state;
  apiRequire(call.principal, isApiEnabled);
  const { role } = ruleOf(call.action);
  if (role !== null) roleRequire(writer.role, role);
  activeRequire(isSuspended, call.request.method);
  return actorOf(call, writer.role);
}

/**
 * Takes the locks and reads the token or session, its user and the membership with `for share`, which returns rows as
 * they are once the lock is held. The org has no such lock, which its creates would wait for: the function `org_state`
 * reads it again once the users' locks are held. A transaction that takes a right away waits for this one or is visible to it, so
 * nothing can change between the check and the write.
 */
function writerRead(
  call: Call,
  orgId: number,
  locks: { org: boolean; others: readonly number[] },
  now: Date,
): RawBuilder<Writer> {
  const { userId } = call.principal;
  const { credential, credentialId, endedAt } = credentialOf(call);
  const org = locks.org
    ? sql`select id from orgs where id = ${orgId} for no key update`
    : sql`select id from orgs where id = ${orgId}`;
  return sql`
    with org as materialized (${org}),
    held as materialized (${usersLock(userId, locks.others)})
    select m.role, org_state(org.id),
      ${actorSet(call)},
      (${endedAt} is not null or u.disabled_at is not null or coalesce(c.expires_at <= ${now}, false)) as is_revoked
    from held cross join org cross join ${credential} as c join users as u on u.id = c.user_id join memberships as m on m.user_id = u.id
    where c.id = ${credentialId} and m.org_id = ${orgId}
    for share of c, u, m`;
}

/** The caller of a write in no org. @throws ApiError if the credential is no longer valid. */
async function callerHold(trx: Trx, call: Call, now: Date): Promise<UserActor> {
  const { credential, credentialId, endedAt } = credentialOf(call);
  const { rows } = await sql<{ is_revoked: boolean }>`
    with held as materialized (select ${userWritesEnd(sql.val(call.principal.userId))})
    select ${actorSet(call)},
      ${endedAt} is not null or u.disabled_at is not null or coalesce(c.expires_at <= ${now}, false) as is_revoked
    from held cross join ${credential} as c join users as u on u.id = c.user_id
    where c.id = ${credentialId}
    for share of c, u`.execute(trx);
  if (rows[0]?.is_revoked !== false) throw noLongerValid();
  return userActorOf(call);
}

function actorSet({ principal: { userId, tokenId }, requestId }: Call): RawBuilder<string> {
  return eventActorSet({ userId, tokenId, requestId });
}

function credentialOf({ principal: { tokenId, sessionId } }: Call) {
  return tokenId === null
    ? { credential: sql.table('sessions'), credentialId: sessionId, endedAt: sql.ref('c.ended_at') }
    : { credential: sql.table('tokens'), credentialId: tokenId, endedAt: sql.ref('c.revoked_at') };
}

async function credentialIsThere(db: Db, call: Call): Promise<boolean> {
  const { credential, credentialId } = credentialOf(call);
  const { rows } = await sql`select from ${credential} where id = ${credentialId}`.execute(db);
  return rows.length > 0;
}

function noLongerValid(): ApiError {
  return authenticationFailed('Your token or session is no longer valid.');
}
