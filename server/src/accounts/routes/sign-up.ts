import { type AccountRoute, openRouteDefine } from '../account-route.ts';
import * as signUps from '../sign-up.ts';
import { Account, EmailVerify, MailRequest, Nothing, SignUp } from '../schema.ts';

const TAG = 'Sign-up';

const signUp = openRouteDefine({
  operationId: 'signUp',
  method: 'POST',
  path: '/sign-up/',
  tag: TAG,
  summary: 'Ask for an account',
  description:
    'Sends a link to the address; the account is made when the link is opened. The answer is the same for an address that has an account already: its owner is told by mail.',
  body: SignUp,
  example: {
    email: 'ada@example.com',
    password: 'a long sentence of mine',
    name: 'Ada',
    org_name: 'Acme',
  },
  success: { status: 202, description: 'A mail is on its way.', schema: Nothing },
  handle: signUps.signUp,
});

const emailVerify = openRouteDefine({
  operationId: 'emailVerify',
  method: 'POST',
  path: '/verify-email/',
  tag: TAG,
  summary: 'Confirm the address of a new account',
  description:
    'Makes the account and its org, and signs in. Anywhere but in the browser that asked for the account, the password that was chosen for it has to be sent along: a link alone does not tell who asked for it.',
  body: EmailVerify,
  example: { token: 'uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM' },
  success: { status: 200, description: 'The new account.', schema: Account },
  errors: ['conflict'],
  handle: signUps.emailVerify,
});

const verificationEmailSend = openRouteDefine({
  operationId: 'verificationEmailSend',
  method: 'POST',
  path: '/verification-email/',
  tag: TAG,
  summary: 'Send the link of a sign-up again',
  description:
    'Sends another link where someone has asked for an account with this address. The answer is the same for any address.',
  body: MailRequest,
  example: { email: 'ada@example.com' },
  success: {
    status: 202,
    description: 'If there is a sign-up, a mail is on its way.',
    schema: Nothing,
  },
  handle: signUps.verificationEmailSend,
});

export const signUpRoutes: readonly AccountRoute[] = [signUp, emailVerify, verificationEmailSend];
