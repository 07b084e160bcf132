import { type AccountRoute, openRouteDefine, sessionRouteDefine } from '../account-route.ts';
import { validationError } from '../../base/errors.ts';
import { passwordHash } from '../../users/password.ts';
import { accountWrite } from '../account-write.ts';
import { addressLimits, attemptCount, attemptForgive } from '../attempts.ts';
import * as emails from '../operations/email.ts';
import * as passwords from '../operations/password.ts';
import { passwordProve, passwordRulesRequire } from '../operations/password-prove.ts';
import { mailAttemptCount } from '../person-attempts.ts';
import { EmailChange, PasswordChange } from '../account-schema.ts';
import { LinkToken, Nothing } from '../schema.ts';
import { MailRequest, PasswordReset } from '../sign-in-schema.ts';
import { sessionCookie } from './visitor.ts';

const TAG = 'Password and e-mail';

const passwordResetSend = openRouteDefine({
  operationId: 'passwordResetSend',
  method: 'POST',
  path: '/password-reset/',
  tag: TAG,
  summary: 'Send a link to set a new password',
  description:
    'Sends a link to the account of this address. The answer is the same for any address.',
  body: MailRequest,
  example: { email: 'ada@example.com' },
  success: {
    status: 202,
    description: 'If there is an account, a mail is on its way.',
    schema: Nothing,
  },
  async handle({ body, request }, deps) {
    await mailAttemptCount(deps, body.email, request.ip);
    await passwords.passwordResetSend(deps.db, body, deps);
    deps.mail.notify();
    return { status: 202, body: {} };
  },
});

const passwordReset = openRouteDefine({
  operationId: 'passwordReset',
  method: 'POST',
  path: '/password-reset/confirm/',
  tag: TAG,
  summary: 'Set a new password by a link',
  description:
    'Sets the password, and ends all sessions of the account. A second factor stays: signing in asks for it.',
  body: PasswordReset,
  example: {
    token: 'uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM',
    password: 'another sentence of mine',
  },
  success: { status: 200, description: 'The password is set.', schema: Nothing },
  async handle({ body, request, requestId }, deps) {
    const { db, clock } = deps;
    const limits = addressLimits(request.ip);
    await attemptCount(db, limits, clock.now());
    const made = await passwords.passwordResetPrepare(db, body, deps);
    await db
      .transaction()
      .execute((trx) =>
        passwords.passwordReset(trx, { requestId }, { token: body.token, made }, deps),
      );
    await attemptForgive(db, limits);
    deps.mail.notify();
    return { status: 200, body: {} };
  },
});

const passwordChange = sessionRouteDefine({
  operationId: 'passwordChange',
  method: 'POST',
  path: '/password/',
  tag: TAG,
  summary: 'Change your password',
  description: 'Changes the password, and ends all other sessions. API tokens stay valid.',
  body: PasswordChange,
  example: {
    current_password: 'a long sentence of mine',
    new_password: 'another sentence of mine',
  },
  success: { status: 200, description: 'The password is changed.', schema: Nothing },
  async handle(call, deps) {
    const { current_password: current, new_password: password } = call.body;
    const proven = await passwordProve(deps, call.session, current, 'current_password');
    if (password === current) {
      throw validationError({ new_password: ['This is your password already: choose another.'] });
    }
    await passwordRulesRequire(password, [proven.email, proven.name], 'new_password');
    const hash = await passwordHash(password);
    const session = await accountWrite(deps, call, (trx, actor) =>
      passwords.passwordChange(trx, actor, { proven, hash }, deps),
    );
    deps.mail.notify();
    return {
      status: 200,
      body: {},
      headers: { 'set-cookie': sessionCookie(deps.config, session) },
    };
  },
});

const emailChangeSend = sessionRouteDefine({
  operationId: 'emailChangeSend',
  method: 'POST',
  path: '/email/',
  tag: TAG,
  summary: 'Change your address',
  description:
    'Sends a link to the new address, and a notice to the old one. The address changes when the link is opened. The answer is the same for an address that has an account.',
  body: EmailChange,
  example: { email: 'ada@example.org', password: 'a long sentence of mine' },
  success: { status: 202, description: 'A mail is on its way.', schema: Nothing },
  async handle(call, deps) {
    const { email, password } = call.body;
    const proven = await passwordProve(deps, call.session, password, 'password');
    if (proven.email.toLowerCase() === email.toLowerCase()) {
      throw validationError({ email: ['This is your address already.'] });
    }
    await mailAttemptCount(deps, email, call.request.ip);
    await accountWrite(deps, call, (trx, actor) =>
      emails.emailChangeSend(trx, actor, { email, proven }, deps),
    );
    deps.mail.notify();
    return { status: 202, body: {} };
  },
});

const emailChange = openRouteDefine({
  operationId: 'emailChange',
  method: 'POST',
  path: '/email/confirm/',
  tag: TAG,
  summary: 'Confirm your new address',
  description: 'Changes the address of the account that the link was sent for.',
  body: LinkToken,
  example: { token: 'uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM' },
  success: { status: 200, description: 'The address is changed.', schema: Nothing },
  errors: ['conflict'],
  async handle({ body, request, requestId }, deps) {
    const limits = addressLimits(request.ip);
    await attemptCount(deps.db, limits, deps.clock.now());
    await deps.db
      .transaction()
      .execute((trx) => emails.emailChange(trx, { requestId }, body, deps));
    await attemptForgive(deps.db, limits);
    return { status: 200, body: {} };
  },
});

export const passwordRoutes: readonly AccountRoute[] = [
  passwordResetSend,
  passwordReset,
  passwordChange,
  emailChangeSend,
  emailChange,
];
