import type { Transaction } from 'kysely';
import type { ApiDeps } from '../deps.ts';
import type { Database, Role } from '../db/types.ts';
import { authenticationFailed, notFound } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import { userWriteBegin } from '../users/write-lock.ts';
import {
  type KeyedRequest,
  keptReplyRead,
  keptReplyWrite,
  keyedRequestMake,
} from './idempotency.ts';
import { roleRequire } from './permission.ts';
import type { Answer, Call } from './route.ts';

export type Trx = Transaction<Database>;

/** The org that a write acts in. Routes with `org: 'write'` always have exactly one. */
export function writeOrgId(call: Call): number {
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
  const answer = await deps.db.transaction().execute(async (trx) => {
    await callerRecheck(trx, deps, call, orgId, role);
    const kept = keyed === null ? null : await keptReplyRead(trx, deps, keyed);
    if (kept !== null) return kept;
    const made = await run(trx, orgId);
    if (keyed !== null) await keptReplyWrite(trx, deps, keyed, made);
    failpoint('write.commit.before');
    return made;
  });
  failpoint('write.commit.after');
  deps.signal.notify();
  failpoint('write.reply.before');
  return answer;
}

/**
 * Reads the token, its user and the membership under the user's lock, and `for share`, which shows rows
 * as they are once the lock is had. Whoever takes a right away waits for this transaction, or is seen
 * by it: nothing slips between check and write.
 */
async function callerRecheck(
  trx: Trx,
  deps: Pick<ApiDeps, 'clock'>,
  call: Call,
  orgId: number,
  role: Role,
): Promise<void> {
  const row = await trx
    .with(
      (cte) => cte('begun').materialized(),
      (db) => db.selectNoFrom(userWriteBegin(call.principal.userId).as('begun')),
    )
    .selectFrom('begun')
    .innerJoin('tokens as t', (join) => join.onTrue())
    .innerJoin('users as u', 'u.id', 't.user_id')
    .innerJoin('memberships as m', 'm.user_id', 'u.id')
    .select(['t.revoked_at', 't.expires_at', 'u.disabled_at', 'm.role'])
    .where('t.id', '=', call.principal.tokenId)
    .where('m.org_id', '=', orgId)
    .forShare(['t', 'u', 'm'])
    .executeTakeFirst();
  // Joined by the membership: without one the org is, to this caller, not there.
  if (row === undefined) throw notFound();
  const expired = row.expires_at !== null && row.expires_at <= deps.clock.now();
  if (row.revoked_at !== null || row.disabled_at !== null || expired) {
    throw authenticationFailed('This API token is no longer valid.');
  }
  roleRequire(row.role, role);
}
