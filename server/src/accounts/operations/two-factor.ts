import { DomainError, InvalidInput } from '../../base/domain-error.ts';
import type { ChangeDeps } from '../../changes/deps.ts';
import type { Trx } from '../../db/database.ts';
import { mailRequest } from '../../mail/outbox.ts';
import { sessionsEnd } from '../../sessions/session-store.ts';
import { emailOf } from '../account-store.ts';
import { type SessionActor, accountAudit } from '../account-write.ts';
import { type SessionSecret, sessionRenew } from '../session-begin.ts';
import { totpStepOf } from '../totp.ts';
import * as store from '../two-factor-store.ts';
import { type ProvenPassword, passwordStillRequire } from './password-prove.ts';

/**
 * Creates a secret for a user who proved the password. It is not active yet.
 * @throws DomainError if two-factor authentication is on.
 */
export async function twoFactorBegin(
  trx: Trx,
  { userId }: SessionActor,
  { proven }: { proven: ProvenPassword },
  deps: ChangeDeps,
): Promise<Buffer> {
  await passwordStillRequire(trx, userId, proven, 'password');
  const factor = await store.twoFactorHold(trx, deps.secrets, userId);
  if (factor?.isConfirmed === true) {
    throw new DomainError('wrong_state', 'Two-factor is on already: turn it off first.');
  }
  return store.twoFactorInsert(trx, deps, userId);
}

/**
 * Turns on two-factor authentication after a valid code of the new secret.
 * @throws DomainError if there is none to confirm, or the code is wrong.
 */
export async function twoFactorConfirm(
  trx: Trx,
  actor: SessionActor,
  { code }: { code: string },
  deps: ChangeDeps,
): Promise<{ codes: string[]; session: SessionSecret }> {
  const { userId, sessionId } = actor;
  const factor = await store.twoFactorHold(trx, deps.secrets, userId);
  if (factor === null || factor.isConfirmed) {
    throw new DomainError('wrong_state', 'There is no second factor to confirm: start again.');
  }
  const digits = code.replaceAll(/[ -]/g, '');
  const step = totpStepOf(factor.secret, digits, deps.clock.now(), factor.lastStep);
  if (step === null) throw codeWrong();
  await store.twoFactorRowConfirm(trx, deps, userId, step);
  const codes = await store.backupCodesReplace(trx, deps, userId);
  // Sign-ins begun with a password alone are no longer valid.
  await sessionsEnd(trx, userId, deps.clock.now(), { except: sessionId });
  await noticeGive(trx, actor, 'two_factor_on', deps);
  return { codes, session: await sessionRenew(trx, sessionId, false, deps) };
}

/** Turns off two-factor authentication, if it is on. */
export async function twoFactorDelete(
  trx: Trx,
  actor: SessionActor,
  deps: ChangeDeps,
): Promise<void> {
  const wasThere = await store.twoFactorRowDelete(trx, actor.userId);
  if (wasThere) await noticeGive(trx, actor, 'two_factor_off', deps);
}

/** Replaces the backup codes. @throws DomainError if two-factor authentication is off. */
export async function backupCodesCreate(
  trx: Trx,
  actor: SessionActor,
  deps: ChangeDeps,
): Promise<string[]> {
  const factor = await store.twoFactorHold(trx, deps.secrets, actor.userId);
  if (factor === null || !factor.isConfirmed) {
    throw new DomainError('wrong_state', 'Two-factor is off: turn it on first.');
  }
  await accountAudit(trx, deps, actor, 'user.backup_codes_create');
  return store.backupCodesReplace(trx, deps, actor.userId);
}

export function codeWrong(): InvalidInput {
  return new InvalidInput({ code: ['This code is not right, or was used before.'] });
}

async function noticeGive(
  trx: Trx,
  actor: SessionActor,
  notice: 'two_factor_on' | 'two_factor_off',
  deps: ChangeDeps,
): Promise<void> {
  await mailRequest(trx, deps, await emailOf(trx, actor.userId), { kind: 'notice', notice });
  await accountAudit(trx, deps, actor, `user.${notice}`);
}
