import { uniqueViolation } from '../db/database.ts';
import type { ApiDeps } from '../deps.ts';
import { ApiError, validationError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import { mailRequest } from '../mail/outbox.ts';
import type { AccountCall, SessionCall } from './account-route.ts';
import { accountAudit, accountWrite } from './account-write.ts';
import { addressLimits, attemptCount, attemptForgive } from './attempts.ts';
import { oneTimeCreate, oneTimeHold, oneTimesDelete } from './one-time.ts';
import { linkOver } from './password.ts';
import { passwordProve, passwordStillRequire } from './password-prove.ts';
import { mailAttemptCount } from './person-attempts.ts';
import { browserSecretMake } from './session-cookie.ts';

/** Asks for another address. Whether it has an account is looked up when the mail is made. */
export async function emailChangeSend(
  call: SessionCall<{ email: string; password: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { userId } = call.session;
  const { email } = call.body;
  const proven = await passwordProve(deps, call, call.body.password, 'password');
  if (proven.email.toLowerCase() === email.toLowerCase()) {
    throw validationError({ email: ['This is your address already.'] });
  }
  await mailAttemptCount(deps, email, call.request);
  await accountWrite(deps, call, async (trx) => {
    await passwordStillRequire(trx, userId, proven, 'password');
    await oneTimesDelete(trx, userId, ['email_change']);
    const secret = browserSecretMake(deps.random);
    const given = { purpose: 'email_change', userId, email, secret } as const;
    await oneTimeCreate(trx, deps.secrets, { ...given, now: deps.clock.now() });
    await mailRequest(trx, deps, email, { kind: 'email_change', secret: secret.value });
    await mailRequest(trx, deps, proven.email, { kind: 'notice', notice: 'email_change' });
  });
  deps.mail.notify();
  return { status: 202, body: {} };
}

/** Changes the address by the link that was sent there. */
export async function emailChange(
  call: AccountCall<{ token: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { db, secrets, clock } = deps;
  const limits = addressLimits(call.request);
  await attemptCount(db, limits, clock.now());
  await db.transaction().execute(async (trx) => {
    const link = await oneTimeHold(trx, secrets, 'email_change', call.body.token, clock.now());
    if (link === null || link.userId === null || link.email === null) throw linkOver();
    const { userId, email } = link;
    try {
      const changed = await trx
        .updateTable('users')
        .set({ email })
        .where('id', '=', userId)
        .where('disabled_at', 'is', null)
        .executeTakeFirstOrThrow();
      if (changed.numUpdatedRows === 0n) throw linkOver();
    } catch (error) {
      if (uniqueViolation(error) === null) throw error;
      throw new ApiError('conflict', 'There is an account with this address already.');
    }
    await oneTimesDelete(trx, userId, ['email_change', 'password_reset']);
    await accountAudit(trx, deps, { userId, requestId: call.requestId }, 'user.email_change');
  });
  await attemptForgive(db, limits);
  return { status: 200, body: {} };
}
