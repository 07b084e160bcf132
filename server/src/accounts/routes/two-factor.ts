import { type AccountRoute, sessionRouteDefine } from '../account-route.ts';
import * as factors from '../two-factor.ts';
import { BackupCodes, Code, Password, TwoFactorSecret } from '../schema.ts';

const TAG = 'Two-factor';

const twoFactorBegin = sessionRouteDefine({
  operationId: 'twoFactorBegin',
  method: 'POST',
  path: '/two-factor/',
  tag: TAG,
  summary: 'Begin to turn two-factor on',
  description:
    'Makes a secret for the authenticator app. Nothing changes before a code of it is sent to `/two-factor/confirm/`.',
  body: Password,
  example: { password: 'a long sentence of mine' },
  success: { status: 200, description: 'The secret.', schema: TwoFactorSecret },
  errors: ['conflict'],
  handle: factors.twoFactorBegin,
});

const twoFactorConfirm = sessionRouteDefine({
  operationId: 'twoFactorConfirm',
  method: 'POST',
  path: '/two-factor/confirm/',
  tag: TAG,
  summary: 'Turn two-factor on',
  description:
    'Turns two-factor on with a code of the app, ends all other sessions, and shows the backup codes.',
  body: Code,
  example: { code: '123456' },
  success: { status: 200, description: 'Two-factor is on.', schema: BackupCodes },
  errors: ['conflict'],
  handle: factors.twoFactorConfirm,
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
  handle: factors.twoFactorDelete,
});

const backupCodesCreate = sessionRouteDefine({
  operationId: 'backupCodesCreate',
  method: 'POST',
  path: '/two-factor/backup-codes/',
  tag: TAG,
  summary: 'Make new backup codes',
  description: 'Makes ten new codes; those from before are good no more.',
  proof: 'always',
  success: { status: 200, description: 'The new codes.', schema: BackupCodes },
  errors: ['conflict'],
  handle: factors.backupCodesCreate,
});

export const twoFactorRoutes: readonly AccountRoute[] = [
  twoFactorBegin,
  twoFactorConfirm,
  twoFactorDelete,
  backupCodesCreate,
];
