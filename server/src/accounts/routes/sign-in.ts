import { type AccountRoute, openRouteDefine, sessionRouteDefine } from '../account-route.ts';
import { signInByPasskey, signInPasskeyOptions as passkeyOptions } from '../passkeys.ts';
import { Code, Nothing, PasskeyOptions, PasskeyProof, SignIn, SignInResult } from '../schema.ts';
import { cookieClear } from '../session-cookie.ts';
import { sessionsEnd } from '../session-store.ts';
import { signInByCode, signInByPassword } from '../sign-in.ts';

const TAG = 'Sign-in';

const signIn = openRouteDefine({
  operationId: 'signIn',
  method: 'POST',
  path: '/sign-in/',
  tag: TAG,
  summary: 'Sign in with a password',
  description:
    'Begins a session, or, for who has a second factor, the wait for its code: five minutes and five tries. The answer is the same for a wrong password and for an address without an account.',
  body: SignIn,
  example: { email: 'ada@example.com', password: 'a long sentence of mine' },
  success: { status: 200, description: 'The password is right.', schema: SignInResult },
  errors: ['authentication_failed'],
  handle: signInByPassword,
});

const signInTwoFactor = openRouteDefine({
  operationId: 'signInTwoFactor',
  method: 'POST',
  path: '/sign-in/two-factor/',
  tag: TAG,
  summary: 'Sign in: the second factor',
  description: 'Begins the session with a code of the app, or a backup code. Each is good once.',
  body: Code,
  example: { code: '123456' },
  success: { status: 200, description: 'The session has begun.', schema: Nothing },
  errors: ['authentication_failed'],
  handle: signInByCode,
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
  handle: passkeyOptions,
});

const signInPasskey = openRouteDefine({
  operationId: 'signInPasskey',
  method: 'POST',
  path: '/sign-in/passkey/',
  tag: TAG,
  summary: 'Sign in with a passkey',
  description: 'Begins a session with what the browser answered. It counts as both factors.',
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
  success: { status: 200, description: 'The session has begun.', schema: Nothing },
  errors: ['authentication_failed'],
  handle: signInByPasskey,
});

const signOut = sessionRouteDefine({
  operationId: 'signOut',
  method: 'POST',
  path: '/sign-out/',
  tag: TAG,
  summary: 'Sign out',
  description: 'Ends the session: it is refused from the next request on.',
  success: { status: 204, description: 'The session is over.' },
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
