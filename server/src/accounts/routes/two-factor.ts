import { type AccountRoute, sessionRouteDefine } from '../account-route.ts';
import { encodeQR } from 'qr';
import { accountWrite } from '../account-write.ts';
import { attemptCount, attemptForgive, sessionLimits } from '../attempts.ts';
import { passwordProve } from '../operations/password-prove.ts';
import * as operations from '../operations/two-factor.ts';
import { base32Encode, totpUri } from '../totp.ts';
import { Code, Password } from '../schema.ts';
import { BackupCodes, TwoFactorSecret } from '../second-factor-schema.ts';
import { sessionCookie } from './visitor.ts';

const TAG = 'Two-factor';

const twoFactorBegin = sessionRouteDefine({
  operationId: 'twoFactorBegin',
  method: 'POST',
  path: '/two-factor/',
  tag: TAG,
  summary: 'Start turning two-factor on',
  description:
    'Creates a secret for the authenticator app. Nothing changes until a code from it is sent to `/two-factor/confirm/`.',
  body: Password,
  example: { password: 'a long sentence of mine' },
  success: { status: 200, description: 'The secret.', schema: TwoFactorSecret },
  errors: ['conflict'],
  async handle(call, deps) {
    const proven = await passwordProve(deps, call.session, call.body.password, 'password');
    const secret = await accountWrite(deps, call, (trx, actor) =>
      operations.twoFactorBegin(trx, actor, { proven }, deps),
    );
    const uri = totpUri(secret, proven.email);
    return {
      status: 200,
      body: { secret: base32Encode(secret), uri, qr_svg: encodeQR(uri, 'svg') },
    };
  },
});

const twoFactorConfirm = sessionRouteDefine({
  operationId: 'twoFactorConfirm',
  method: 'POST',
  path: '/two-factor/confirm/',
  tag: TAG,
  summary: 'Turn two-factor on',
  description:
    'Turns two-factor on with a code from the app, ends all other sessions, and shows the backup codes.',
  body: Code,
  example: { code: '123456' },
  success: { status: 200, description: 'Two-factor is on.', schema: BackupCodes },
  errors: ['conflict'],
  async handle(call, deps) {
    const limits = sessionLimits('confirm', call.session.sessionId);
    await attemptCount(deps.db, limits, deps.clock.now());
    const { codes, session } = await accountWrite(deps, call, (trx, actor) =>
      operations.twoFactorConfirm(trx, actor, call.body, deps),
    );
    await attemptForgive(deps.db, limits);
    deps.mail.notify();
    return {
      status: 200,
      body: { backup_codes: codes },
      headers: { 'set-cookie': sessionCookie(deps.config, session) },
    };
  },
});

const twoFactorDelete = sessionRouteDefine({
  operationId: 'twoFactorDelete',
  method: 'DELETE',
  path: '/two-factor/',
  tag: TAG,
  summary: 'Turn two-factor off',
  description: 'From now on a password is enough.',
  proof: 'always',
  success: { status: 204, description: 'Two-factor is off.' },
  async handle(call, deps) {
    await accountWrite(deps, call, (trx, actor) => operations.twoFactorDelete(trx, actor, deps));
    deps.mail.notify();
    return { status: 204 };
  },
});

const backupCodesCreate = sessionRouteDefine({
  operationId: 'backupCodesCreate',
  method: 'POST',
  path: '/two-factor/backup-codes/',
  tag: TAG,
  summary: 'Create new backup codes',
  description: 'Creates ten new codes; earlier ones no longer work.',
  proof: 'always',
  success: { status: 200, description: 'The new codes.', schema: BackupCodes },
  errors: ['conflict'],
  async handle(call, deps) {
    const codes = await accountWrite(deps, call, (trx, actor) =>
      operations.backupCodesCreate(trx, actor, deps),
    );
    return { status: 200, body: { backup_codes: codes } };
  },
});

export const twoFactorRoutes: readonly AccountRoute[] = [
  twoFactorBegin,
  twoFactorConfirm,
  twoFactorDelete,
  backupCodesCreate,
];
