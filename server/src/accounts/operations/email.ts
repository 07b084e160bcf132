import { DomainError } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import { type Trx, uniqueViolation } from '../../db/database.ts';
import { mailRequest } from '../../mail/outbox.ts';
import { browserSecretCreate } from '../../sessions/session-cookie.ts';
import { type SessionActor, accountAudit } from '../account-write.ts';
import { oneTimeCreate, oneTimeHold, oneTimesDelete } from '../one-time.ts';
import { addressRelease } from './invitations.ts';
import { linkOver } from './password.ts';
import { type ProvenPassword, passwordStillRequire } from './password-prove.ts';

/**
 * Requests a change of address. Whether the new one has an account is looked up when the mail is written.
 * @param input.proven the password, verified before the transaction.
 */
export async function emailChangeSend(
  trx: Trx,
  { userId }: SessionActor,
  { email, proven }: { email: string; proven: ProvenPassword },
  deps: ChangeDeps,
): Promise<void> {
  await passwordStillRequire(trx, userId, proven, 'password');
  await oneTimesDelete(trx, userId, ['email_change']);
  const secret = browserSecretCreate(deps.random);
  const given = { purpose: 'email_change', userId, email, secret } as const;
  await oneTimeCreate(trx, deps.secrets, { ...given, now: deps.clock.now() });
  await mailRequest(trx, deps, email, { kind: 'email_change', secret: secret.value });
  await mailRequest(trx, deps, proven.email, { kind: 'notice', notice: 'email_change' });
}

/**
 * Changes the address with the link that was sent to it.
 * @throws DomainError if the link is not valid, or the address has an account.
 */
export async function emailChange(
  trx: Trx,
  { requestId }: { requestId: string },
  { token }: { token: string },
  deps: Pick<ChangeDeps, 'clock' | 'secrets'>,
): Promise<void> {
  const link = await oneTimeHold(trx, deps.secrets, 'email_change', token, deps.clock.now());
  if (link === null || link.userId === null || link.email === null) throw linkOver();
  const { userId, email } = link;
  await addressRelease(trx, { requestId }, email, deps);
  try {
    const changed = await trx
      .updateTable('users')
      .set({ email, email_verified: true })
      .where('id', '=', userId)
      .where('disabled_at', 'is', null)
      .executeTakeFirstOrThrow();
    if (changed.numUpdatedRows === 0n) throw linkOver();
  } catch (error) {
    if (uniqueViolation(error) === null) throw error;
    throw new DomainError('address_taken', 'There is an account with this address already.');
  }
  await oneTimesDelete(trx, userId, ['email_change', 'password_reset']);
  await accountAudit(trx, deps, { userId, requestId }, 'user.email_change');
}
