import { type AccountRoute, openRouteDefine, sessionRouteDefine } from '../account-route.ts';
import { DomainError } from '../../base/domain-error.ts';
import {
  addressLimits,
  attemptCount,
  attemptForgive,
  codeLimits,
  signInLimits,
} from '../attempts.ts';
import { ONE_TIME_MS } from '../one-time.ts';
import * as passkeys from '../operations/passkeys.ts';
import * as operations from '../operations/sign-in.ts';
import { passkeysRequire } from '../passkey-ceremony.ts';
import { personAttemptCount, personAttemptForgive } from '../person-attempts.ts';
import { Code, Nothing } from '../schema.ts';
import { PasskeyOptions, PasskeyProof } from '../second-factor-schema.ts';
import { SignIn, SignInResult } from '../sign-in-schema.ts';
import { cookieClear, cookieSecretRead, cookieSet } from '../../sessions/session-cookie.ts';
import { sessionsEnd } from '../../sessions/session-store.ts';
import { sessionCookie, visitorOf } from './visitor.ts';

const TAG = 'Sign-in';

const signIn = openRouteDefine({
  operationId: 'signIn',
  method: 'POST',
  path: '/sign-in/',
  tag: TAG,
  summary: 'Sign in with a password',
  description:
    'Starts a session; with a second factor, waits for its code first: five minutes and five tries. The answer is the same for a wrong password and for an address without an account.',
  body: SignIn,
  example: { email: 'ada@example.com', password: 'a long sentence of mine' },
  success: { status: 200, description: 'The password is right.', schema: SignInResult },
  errors: ['authentication_failed'],
  async handle(call, deps) {
    const { body, request, requestId } = call;
    const limits = signInLimits(body.email, request.ip);
    await personAttemptCount(deps, { email: body.email, ipAddress: request.ip }, limits);
    const person = await operations.signInProve(deps.db, body);
    const input = { person, visitor: visitorOf(call, deps.config) };
    const done = await deps.db
      .transaction()
      .execute((trx) => operations.signIn(trx, { requestId }, input, deps));
    await personAttemptForgive(deps, limits);
    const isWaiting = 'waiting' in done;
    const cookie = isWaiting
      ? cookieSet(deps.config, 'sign_in', done.waiting.value, ONE_TIME_MS.two_factor / 1000)
      : sessionCookie(deps.config, done.session);
    return {
      status: 200,
      body: { two_factor_required: isWaiting },
      headers: { 'set-cookie': [cookie] },
    };
  },
});

const signInTwoFactor = openRouteDefine({
  operationId: 'signInTwoFactor',
  method: 'POST',
  path: '/sign-in/two-factor/',
  tag: TAG,
  summary: 'Sign in: the second factor',
  description: 'Starts the session with a code from the app, or a backup code. Each works once.',
  body: Code,
  example: { code: '123456' },
  success: { status: 200, description: 'The session has started.', schema: Nothing },
  errors: ['authentication_failed'],
  async handle(call, deps) {
    const { body, request, requestId } = call;
    const { config, db } = deps;
    const secret = cookieSecretRead(config, 'sign_in', request.headers.cookie) ?? '';
    const { userId } = await operations.signInWaiting(db, secret, deps);
    const limits = codeLimits(userId);
    await attemptCount(db, limits, deps.clock.now());
    const input = { secret, code: body.code, visitor: visitorOf(call, config) };
    const session = await db
      .transaction()
      .execute((trx) => operations.signInTwoFactor(trx, { requestId }, input, deps));
    if (session === null) {
      throw new DomainError('not_authenticated', 'This code is not right, or was used before.');
    }
    await attemptForgive(db, limits);
    const cookies = [sessionCookie(config, session), cookieClear(config, 'sign_in')];
    return { status: 200, body: {}, headers: { 'set-cookie': cookies } };
  },
});

const signInPasskeyOptions = openRouteDefine({
  operationId: 'signInPasskeyOptions',
  method: 'POST',
  path: '/sign-in/passkey-options/',
  tag: TAG,
  summary: 'Sign in with a passkey: options',
  description: 'What the browser needs to ask for a passkey.',
  success: { status: 200, description: 'Options for the browser.', schema: PasskeyOptions },
  errors: ['conflict'],
  async handle({ request }, deps) {
    passkeysRequire(deps.config);
    await attemptCount(deps.db, addressLimits(request.ip), deps.clock.now());
    return { status: 200, body: await passkeys.signInPasskeyOptions(deps.db, deps) };
  },
});

const signInPasskey = openRouteDefine({
  operationId: 'signInPasskey',
  method: 'POST',
  path: '/sign-in/passkey/',
  tag: TAG,
  summary: 'Sign in with a passkey',
  description: 'Starts a session with the answer of the browser. It counts as both factors.',
  body: PasskeyProof,
  example: {
    credential: {
      id: 'q83vASNFZ4mrze8BI0VniQ',
      rawId: 'q83vASNFZ4mrze8BI0VniQ',
      type: 'public-key',
      response: { clientDataJSON: 'eyJ0…', authenticatorData: 'SZYN…', signature: 'MEUC…' },
      clientExtensionResults: {},
    },
  },
  success: { status: 200, description: 'The session has started.', schema: Nothing },
  errors: ['authentication_failed'],
  async handle(call, deps) {
    const { body, request, requestId } = call;
    const { config, db } = deps;
    const limits = addressLimits(request.ip);
    await attemptCount(db, limits, deps.clock.now());
    const input = {
      credential: body.credential,
      visitor: visitorOf(call, config),
    };
    const session = await db
      .transaction()
      .execute((trx) => operations.signInPasskey(trx, { requestId }, input, deps));
    if (session === null) {
      throw new DomainError('not_authenticated', 'This passkey opens no account here.');
    }
    // Requesting the options was counted too.
    await attemptForgive(db, limits);
    await attemptForgive(db, limits);
    return {
      status: 200,
      body: {},
      headers: { 'set-cookie': sessionCookie(config, session) },
    };
  },
});

const signOut = sessionRouteDefine({
  operationId: 'signOut',
  method: 'POST',
  path: '/sign-out/',
  tag: TAG,
  summary: 'Sign out',
  description: 'Ends the session: it is refused from the next request on.',
  success: { status: 204, description: 'The session has ended.' },
  async handle(call, deps) {
    const { userId, sessionId } = call.session;
    await sessionsEnd(deps.db, userId, deps.clock.now(), { only: sessionId });
    return { status: 204, headers: { 'set-cookie': cookieClear(deps.config, 'session') } };
  },
});

export const signInRoutes: readonly AccountRoute[] = [
  signIn,
  signInTwoFactor,
  signInPasskeyOptions,
  signInPasskey,
  signOut,
];
