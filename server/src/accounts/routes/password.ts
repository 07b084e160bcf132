import { type AccountRoute, openRouteDefine, sessionRouteDefine } from '../account-route.ts';
import * as emails from '../email.ts';
import * as passwords from '../password.ts';
import {
  EmailChange,
  LinkToken,
  MailRequest,
  Nothing,
  PasswordChange,
  PasswordReset,
} from '../schema.ts';

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
  handle: passwords.passwordResetSend,
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
  handle: passwords.passwordReset,
});

const passwordChange = sessionRouteDefine({
  operationId: 'passwordChange',
  method: 'POST',
  path: '/password/',
  tag: TAG,
  summary: 'Change your password',
  description: 'Changes the password, and ends all other sessions. API tokens go on.',
  body: PasswordChange,
  example: {
    current_password: 'a long sentence of mine',
    new_password: 'another sentence of mine',
  },
  success: { status: 200, description: 'The password is changed.', schema: Nothing },
  handle: passwords.passwordChange,
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
  handle: emails.emailChangeSend,
});

const emailChange = openRouteDefine({
  operationId: 'emailChange',
  method: 'POST',
  path: '/email/confirm/',
  tag: TAG,
  summary: 'Confirm your new address',
  description: 'Changes the address of the account that the link was made for.',
  body: LinkToken,
  example: { token: 'uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM' },
  success: { status: 200, description: 'The address is changed.', schema: Nothing },
  errors: ['conflict'],
  handle: emails.emailChange,
});

export const passwordRoutes: readonly AccountRoute[] = [
  passwordResetSend,
  passwordReset,
  passwordChange,
  emailChangeSend,
  emailChange,
];
