import { type AccountCall, type AccountRoute, openRouteDefine } from '../account-route.ts';
import type { ApiDeps } from '../../http/deps.ts';
import {
  browserSecretCreate,
  browserSecretHash,
  cookieClear,
  cookieSecretRead,
  cookieSet,
} from '../../sessions/session-cookie.ts';
import { passwordHash } from '../../users/password.ts';
import { accountShow } from '../account-store.ts';
import { addressLimits, attemptCount, attemptForgive } from '../attempts.ts';
import { ONE_TIME_MS } from '../one-time.ts';
import { passwordRulesRequire } from '../operations/password-prove.ts';
import * as operations from '../operations/sign-up.ts';
import { mailAttemptCount } from '../person-attempts.ts';
import { Account } from '../account-schema.ts';
import { Nothing } from '../schema.ts';
import { EmailVerify, MailRequest, SignUp } from '../sign-in-schema.ts';
import { sessionCookie, visitorOf } from './visitor.ts';

const TAG = 'Sign-up';

const signUp = openRouteDefine({
  operationId: 'signUp',
  method: 'POST',
  path: '/sign-up/',
  tag: TAG,
  summary: 'Ask for an account',
  description:
    'Sends a link to the address; the account is created when the link is opened. The answer is the same for an address that already has an account: its owner is notified by mail.',
  body: SignUp,
  example: {
    email: 'ada@example.com',
    password: 'a long sentence of mine',
    name: 'Ada',
    org_name: 'Acme',
  },
  success: { status: 202, description: 'A mail is on its way.', schema: Nothing },
  async handle({ body, request }, deps) {
    const { email, password, name, org_name: orgName, invite } = body;
    const inviteId = await operations.inviteRequire(deps.db, { email, invite }, deps);
    // Before the attempt is counted: a rejected password sends no mail.
    await passwordRulesRequire(password, [email, name, orgName], 'password');
    await mailAttemptCount(deps, email, request.ip);
    const browser = browserSecretCreate(deps.random);
    const pending = {
      name,
      orgName,
      passwordHash: await passwordHash(password),
      inviteId,
      browserHash: browser.hash.toString('hex'),
    };
    await deps.db.transaction().execute((trx) => operations.signUp(trx, { email, pending }, deps));
    deps.mail.notify();
    const maxAge = ONE_TIME_MS.sign_up / 1000;
    const cookie = cookieSet(deps.config, 'sign_up', browser.value, maxAge);
    return { status: 202, body: {}, headers: { 'set-cookie': cookie } };
  },
});

const emailVerify = openRouteDefine({
  operationId: 'emailVerify',
  method: 'POST',
  path: '/verify-email/',
  tag: TAG,
  summary: 'Confirm the address of a new account',
  description:
    'Creates the account and its org, and signs in. In any browser other than the one that asked for the account, the password that was chosen for it must be sent too: a link alone does not prove who asked for it.',
  body: EmailVerify,
  example: { token: 'uT3kQ0mXn4yB7vLw2Jc9Rf5HsZa8Ed1GpK6iNoVbCxM' },
  success: { status: 200, description: 'The new account.', schema: Account },
  errors: ['conflict'],
  async handle(call, deps) {
    const { body, request, requestId } = call;
    const { config, db, clock } = deps;
    const limits = addressLimits(request.ip);
    await attemptCount(db, limits, clock.now());
    const { token, password } = body;
    const browserHash = browserHashRead(call, config);
    await operations.signUpOwnRequire(db, { token, password, browserHash }, deps);
    const input = { token, visitor: visitorOf(call, config) };
    const { session, account } = await db.transaction().execute(async (trx) => {
      const made = await operations.emailVerify(trx, { requestId }, input, deps);
      const shown = await accountShow(deps, trx, made.userId, { provenAt: clock.now() });
      return { session: made.session, account: shown };
    });
    await attemptForgive(db, limits);
    const cookies = [sessionCookie(config, session), cookieClear(config, 'sign_up')];
    return { status: 200, body: account, headers: { 'set-cookie': cookies } };
  },
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
  async handle(call, deps) {
    const { email } = call.body;
    await mailAttemptCount(deps, email, call.request.ip);
    const browserHash = browserHashRead(call, deps.config);
    await operations.verificationEmailSend(deps.db, { email, browserHash }, deps);
    deps.mail.notify();
    return { status: 202, body: {} };
  },
});

export const signUpRoutes: readonly AccountRoute[] = [signUp, emailVerify, verificationEmailSend];

/** The hash of the secret that this browser received when it signed up; null if it has none. */
function browserHashRead({ request }: AccountCall, config: ApiDeps['config']): string | null {
  const secret = cookieSecretRead(config, 'sign_up', request.headers.cookie);
  return secret === null ? null : browserSecretHash(secret).toString('hex');
}
