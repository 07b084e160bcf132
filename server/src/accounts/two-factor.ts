import { encodeQR } from 'qr';
import type { ApiDeps } from '../deps.ts';
import { ApiError, validationError } from '../errors.ts';
import type { Answer } from '../http/route.ts';
import { mailRequest } from '../mail/outbox.ts';
import type { SessionCall } from './account-route.ts';
import { emailOf } from './account-store.ts';
import { accountAudit, accountWrite } from './account-write.ts';
import { attemptCount, attemptForgive, sessionLimits } from './attempts.ts';
import { passwordProve, passwordStillRequire } from './password-prove.ts';
import { sessionRenew } from './session-begin.ts';
import { sessionsEnd } from './session-store.ts';
import { base32Encode, totpStepOf, totpUri } from './totp.ts';
import * as store from './two-factor-store.ts';

/** Makes a secret for who knows the password. It does not count yet. */
export async function twoFactorBegin(
  call: SessionCall<{ password: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { userId } = call.session;
  const proven = await passwordProve(deps, call, call.body.password, 'password');
  const secret = await accountWrite(deps, call, async (trx) => {
    await passwordStillRequire(trx, userId, proven, 'password');
    const factor = await store.twoFactorHold(trx, deps.secrets, userId);
    if (factor?.isConfirmed === true) {
      throw new ApiError('conflict', 'Two-factor is on already: turn it off first.');
    }
    return store.twoFactorBegin(trx, deps, userId);
  });
  const uri = totpUri(secret, proven.email);
  return {
    status: 200,
    body: { secret: base32Encode(secret), uri, qr_svg: encodeQR(uri, 'svg') },
  };
}

/** Turns two-factor on for who sends a code of the new secret. */
export async function twoFactorConfirm(
  call: SessionCall<{ code: string }>,
  deps: ApiDeps,
): Promise<Answer> {
  const { userId, sessionId } = call.session;
  const limits = sessionLimits('confirm', sessionId);
  await attemptCount(deps.db, limits, deps.clock.now());
  const made = await accountWrite(deps, call, async (trx) => {
    const factor = await store.twoFactorHold(trx, deps.secrets, userId);
    if (factor === null || factor.isConfirmed) {
      throw new ApiError('conflict', 'There is no second factor to confirm: begin anew.');
    }
    const code = call.body.code.replaceAll(/[ -]/g, '');
    const step = totpStepOf(factor.secret, code, deps.clock.now(), factor.lastStep);
    if (step === null) throw codeWrong();
    await store.twoFactorConfirm(trx, deps, userId, step);
    const codes = await store.backupCodesCreate(trx, deps, userId);
    // They were begun with a password alone.
    await sessionsEnd(trx, userId, deps.clock.now(), { except: sessionId });
    await noticeGive(trx, deps, call, 'two_factor_on');
    return { codes, cookie: await sessionRenew(trx, deps, sessionId, false) };
  });
  await attemptForgive(deps.db, limits);
  deps.mail.notify();
  return {
    status: 200,
    body: { backup_codes: made.codes },
    headers: { 'set-cookie': made.cookie },
  };
}

export async function twoFactorDelete(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  await accountWrite(deps, call, async (trx) => {
    const wasThere = await store.twoFactorDelete(trx, call.session.userId);
    if (wasThere) await noticeGive(trx, deps, call, 'two_factor_off');
  });
  deps.mail.notify();
  return { status: 204 };
}

export async function backupCodesCreate(call: SessionCall, deps: ApiDeps): Promise<Answer> {
  const { userId } = call.session;
  const codes = await accountWrite(deps, call, async (trx) => {
    const factor = await store.twoFactorHold(trx, deps.secrets, userId);
    if (factor === null || !factor.isConfirmed) {
      throw new ApiError('conflict', 'Two-factor is off: turn it on first.');
    }
    const by = { userId, requestId: call.requestId };
    await accountAudit(trx, deps, by, 'user.backup_codes_create');
    return store.backupCodesCreate(trx, deps, userId);
  });
  return { status: 200, body: { backup_codes: codes } };
}

export function codeWrong(): Error {
  return validationError({ code: ['This code is not right, or was used before.'] });
}

async function noticeGive(
  trx: Parameters<typeof accountAudit>[0],
  deps: ApiDeps,
  call: SessionCall,
  notice: 'two_factor_on' | 'two_factor_off',
): Promise<void> {
  const { userId } = call.session;
  await mailRequest(trx, deps, await emailOf(trx, userId), { kind: 'notice', notice });
  await accountAudit(trx, deps, { userId, requestId: call.requestId }, `user.${notice}`);
}
