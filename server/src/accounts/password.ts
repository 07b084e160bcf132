import { sql } from 'kysely';
import type { ApiDeps } from '../deps.ts';
import { validationError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import { mailRequest } from '../mail/outbox.ts';
import { passwordHash } from '../users/password.ts';
import { userWritesEnd } from '../users/write-lock.ts';
import type { AccountCall, SessionCall } from './account-route.ts';
import { accountAudit, accountWrite } from './account-write.ts';
import { addressLimits, attemptCount, attemptForgive, signInAttemptsForget } from './attempts.ts';
import { oneTimeHold, oneTimesDelete } from './one-time.ts';
import { passwordProve, passwordRulesRequire, passwordStillRequire } from './password-prove.ts';
import { mailAttemptCount } from './person-attempts.ts';
import { browserSecretMake } from './session-cookie.ts';
import { sessionRenew } from './session-begin.ts';
import { sessionsEnd } from './session-store.ts';

/** What was begun with the password until now. */
const BEGUN_WITH_IT = ['two_factor', 'password_reset', 'email_change'] as const;

/** Asks for a link to set a new password. The address is looked up when the mail is made. */
export async function passwordResetSend(
  call: AccountCall<{ email: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { email } = call.body;
  await mailAttemptCount(deps, email, call.request);
  const { value: secret } = browserSecretMake(deps.random);
  await mailRequest(deps.db, deps, email, { kind: 'password_reset', secret });
  deps.mail.notify();
  return { status: 202, body: {} };
}

/** Sets a new password by such a link. */
export async function passwordReset(
  call: AccountCall<{ token: string; password: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { db, secrets, clock } = deps;
  const { token, password } = call.body;
  const limits = addressLimits(call.request);
  await attemptCount(db, limits, clock.now());
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
  const hash = await passwordHash(password);
  await db.transaction().execute(async (trx) => {
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
    await signInAttemptsForget(trx, user.email);
    await mailRequest(trx, deps, user.email, { kind: 'notice', notice: 'password_reset' });
    await accountAudit(trx, deps, { userId, requestId: call.requestId }, 'user.password_reset');
  });
  await attemptForgive(db, limits);
  deps.mail.notify();
  return { status: 200, body: {} };
}

/** Changes the password of who is signed in. */
export async function passwordChange(
  call: SessionCall<{ current_password: string; new_password: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { userId, sessionId } = call.session;
  const { current_password: current, new_password: password } = call.body;
  const proven = await passwordProve(deps, call, current, 'current_password');
  await passwordRulesRequire(password, [proven.email, proven.name], 'new_password');
  const hash = await passwordHash(password);
  const cookie = await accountWrite(deps, call, async (trx) => {
    await passwordStillRequire(trx, userId, proven, 'current_password');
    await trx.updateTable('users').set({ password_hash: hash }).where('id', '=', userId).execute();
    await oneTimesDelete(trx, userId, BEGUN_WITH_IT);
    await sessionsEnd(trx, userId, deps.clock.now(), { except: sessionId });
    await mailRequest(trx, deps, proven.email, { kind: 'notice', notice: 'password_changed' });
    await accountAudit(trx, deps, { userId, requestId: call.requestId }, 'user.password_change');
    return sessionRenew(trx, deps, sessionId, false);
  });
  deps.mail.notify();
  return { status: 200, body: {}, headers: { 'set-cookie': cookie } };
}

/** Said of a link that does not count, whatever the reason. */
export function linkOver(): Error {
  return validationError(
    { token: ['This link is not valid any more: ask for another one.'] },
    'This link is not valid any more: ask for another one.',
  );
}
