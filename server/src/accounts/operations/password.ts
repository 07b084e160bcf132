import { sql } from 'kysely';
import { InvalidInput } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import type { Db, Trx } from '../../db/database.ts';
import { mailRequest } from '../../mail/outbox.ts';
import { browserSecretCreate } from '../../sessions/session-cookie.ts';
import { sessionsEnd } from '../../sessions/session-store.ts';
import { passwordHash } from '../../users/password.ts';
import { userWritesEnd } from '../../users/write-lock.ts';
import { type SessionActor, accountAudit } from '../account-write.ts';
import { signInAttemptsForget } from '../attempts.ts';
import { oneTimeHold, oneTimesDelete } from '../one-time.ts';
import { type SessionSecret, sessionRenew } from '../session-begin.ts';
import {
  type ProvenPassword,
  passwordRulesRequire,
  passwordStillRequire,
} from './password-prove.ts';

/** Sign-ins and links begun with the previous password. */
const BEGUN_WITH_IT = ['two_factor', 'password_reset', 'email_change'] as const;

/** Requests a link to set a new password. The address is looked up when the mail is written. */
export async function passwordResetSend(
  db: Db,
  { email }: { email: string },
  deps: ChangeDeps,
): Promise<void> {
  const { value: secret } = browserSecretCreate(deps.random);
  await mailRequest(db, deps, email, { kind: 'password_reset', secret });
}

/** A new password that follows the rules, ready to be stored. Hashing takes time, so it happens before a transaction. */
export interface NewPassword {
  userId: number;
  email: string;
  hash: string;
}

/** @throws DomainError if the link is not valid, or the password is easy to guess. */
export async function passwordResetPrepare(
  db: Db,
  { token, password }: { token: string; password: string },
  { clock, secrets }: Pick<ChangeDeps, 'clock' | 'secrets'>,
): Promise<NewPassword> {
  const link = await oneTimeHold(db, secrets, 'password_reset', token, clock.now());
  const userId = link?.userId;
  if (userId === undefined || userId === null) throw linkOver();
  const user = await db
    .selectFrom('users')
    .select(['email', 'name'])
    .where('id', '=', userId)
    .executeTakeFirst();
  if (user === undefined) throw linkOver();
  await passwordRulesRequire(password, [user.email, user.name], 'password');
  return { userId, email: user.email, hash: await passwordHash(password) };
}

/** Sets a new password with such a link. @throws DomainError if the link is not valid any more. */
export async function passwordReset(
  trx: Trx,
  { requestId }: { requestId: string },
  { token, made }: { token: string; made: NewPassword },
  deps: ChangeDeps,
): Promise<void> {
  const { clock, secrets } = deps;
  const { userId, email, hash } = made;
  await trx.selectNoFrom(userWritesEnd(sql.val(userId)).as('held')).execute();
  const held = await oneTimeHold(trx, secrets, 'password_reset', token, clock.now());
  if (held === null) throw linkOver();
  const changed = await trx
    .updateTable('users')
    .set({ password_hash: hash })
    .where('id', '=', userId)
    .where('disabled_at', 'is', null)
    .executeTakeFirstOrThrow();
  if (changed.numUpdatedRows === 0n) throw linkOver();
  await oneTimesDelete(trx, userId, BEGUN_WITH_IT);
  await sessionsEnd(trx, userId, clock.now());
  await signInAttemptsForget(trx, email);
  await mailRequest(trx, deps, email, { kind: 'notice', notice: 'password_reset' });
  await accountAudit(trx, deps, { userId, requestId }, 'user.password_reset');
}

/**
 * Changes the signed-in person's password.
 * @param input.proven the present password, verified before the transaction.
 */
export async function passwordChange(
  trx: Trx,
  actor: SessionActor,
  { proven, hash }: { proven: ProvenPassword; hash: string },
  deps: ChangeDeps,
): Promise<SessionSecret> {
  const { userId, sessionId } = actor;
  await passwordStillRequire(trx, userId, proven, 'current_password');
  await trx.updateTable('users').set({ password_hash: hash }).where('id', '=', userId).execute();
  await oneTimesDelete(trx, userId, BEGUN_WITH_IT);
  await sessionsEnd(trx, userId, deps.clock.now(), { except: sessionId });
  await mailRequest(trx, deps, proven.email, { kind: 'notice', notice: 'password_changed' });
  await accountAudit(trx, deps, actor, 'user.password_change');
  return sessionRenew(trx, sessionId, false, deps);
}

/** The error for an invalid link, whatever the reason. */
export function linkOver(): InvalidInput {
  const sentence = 'This link is not valid any more: ask for another one.';
  return new InvalidInput({ token: [sentence] }, sentence);
}
