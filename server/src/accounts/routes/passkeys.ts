import { type AccountRoute, type SessionCall, sessionRouteDefine } from '../account-route.ts';
import { accountWrite } from '../account-write.ts';
import { attemptCount, attemptForgive, codeLimits } from '../attempts.ts';
import * as operations from '../operations/passkeys.ts';
import { passwordProve } from '../operations/password-prove.ts';
import { reauthenticateByPasskey, reauthenticateByPassword } from '../operations/reauthenticate.ts';
import { type PasskeyCredentialJson, passkeysRequire } from '../passkey-ceremony.ts';
import { passkeysShown } from '../passkey-store.ts';
import type { SessionSecret } from '../session-begin.ts';
import { PROOF_MS } from '../../sessions/session-store.ts';
import { type FieldFaults, validationError } from '../../base/errors.ts';
import type { ApiDeps } from '../../http/deps.ts';
import { pathId } from '../../http/route.ts';
import { resultsOf } from '../schema.ts';
import {
  Passkey,
  PasskeyCreate,
  PasskeyOptions,
  Reauthentication,
  ReauthenticationResult,
} from '../second-factor-schema.ts';
import { sessionCookie } from './visitor.ts';

const TAG = 'Passkeys';

const passkeyList = sessionRouteDefine({
  operationId: 'passkeyList',
  method: 'GET',
  path: '/passkeys/',
  tag: TAG,
  summary: 'List your passkeys',
  description: 'The passkeys of your account, newest first.',
  success: { status: 200, description: 'All passkeys.', schema: resultsOf(Passkey) },
  async handle(call, deps) {
    const rows = await passkeysShown(deps.db, call.session.userId);
    return { status: 200, body: { results: rows.map(passkeyShow) } };
  },
});

const passkeyOptions = sessionRouteDefine({
  operationId: 'passkeyOptions',
  method: 'POST',
  path: '/passkeys/options/',
  tag: TAG,
  summary: 'Add a passkey: options',
  description: 'What the browser needs to create a passkey.',
  proof: 'always',
  success: { status: 200, description: 'Options for the browser.', schema: PasskeyOptions },
  errors: ['conflict'],
  async handle(call, deps) {
    passkeysRequire(deps.config);
    const body = await accountWrite(deps, call, (trx, actor) =>
      operations.passkeyOptions(trx, actor, deps),
    );
    return { status: 200, body };
  },
});

const passkeyCreate = sessionRouteDefine({
  operationId: 'passkeyCreate',
  method: 'POST',
  path: '/passkeys/',
  tag: TAG,
  summary: 'Add a passkey',
  description: 'Adds the passkey that the browser created from options of the last five minutes.',
  body: PasskeyCreate,
  example: {
    name: 'Laptop',
    credential: {
      id: 'q83vASNFZ4mrze8BI0VniQ',
      rawId: 'q83vASNFZ4mrze8BI0VniQ',
      type: 'public-key',
      response: { clientDataJSON: 'eyJ0…', attestationObject: 'o2Nm…', transports: ['internal'] },
      clientExtensionResults: {},
    },
  },
  success: { status: 201, description: 'The passkey.', schema: Passkey },
  errors: ['conflict'],
  async handle(call, deps) {
    const row = await accountWrite(deps, call, (trx, actor) =>
      operations.passkeyCreate(trx, actor, call.body, deps),
    );
    deps.mail.notify();
    return { status: 201, body: passkeyShow(row) };
  },
});

const passkeyDelete = sessionRouteDefine({
  operationId: 'passkeyDelete',
  method: 'DELETE',
  path: '/passkeys/{id}/',
  tag: TAG,
  summary: 'Remove a passkey',
  description: 'The passkey no longer signs anyone in.',
  proof: 'always',
  success: { status: 204, description: 'The passkey is gone.' },
  errors: ['not_found'],
  async handle(call, deps) {
    const id = pathId(call.params);
    await accountWrite(deps, call, (trx, actor) =>
      operations.passkeyDelete(trx, actor, { id }, deps),
    );
    deps.mail.notify();
    return { status: 204 };
  },
});

const PROOF_TAG = 'Re-authentication';

const reauthenticate = sessionRouteDefine({
  operationId: 'reauthenticate',
  method: 'POST',
  path: '/reauthentication/',
  tag: PROOF_TAG,
  summary: 'Confirm that it is you',
  description:
    'Proves your identity again: with the password (and, with two-factor on, a code), or with a passkey. It counts for five minutes, and the session gets a new cookie.',
  body: Reauthentication,
  rules: proofFaults,
  example: { password: 'a long sentence of mine', code: '123456' },
  success: { status: 200, description: 'The proof is accepted.', schema: ReauthenticationResult },
  async handle(call, deps) {
    const { credential, password = '', code } = call.body;
    const session =
      credential === undefined
        ? await proveByPassword(call, deps, password, code)
        : await proveByPasskey(call, deps, credential);
    const until = new Date(deps.clock.now().getTime() + PROOF_MS);
    return {
      status: 200,
      body: { reauthenticated_until: until.toISOString() },
      headers: { 'set-cookie': sessionCookie(deps.config, session) },
    };
  },
});

const reauthenticationPasskeyOptions = sessionRouteDefine({
  operationId: 'reauthenticationPasskeyOptions',
  method: 'POST',
  path: '/reauthentication/passkey-options/',
  tag: PROOF_TAG,
  summary: 'Confirm with a passkey: options',
  description: 'What the browser needs to ask for one of your passkeys.',
  success: { status: 200, description: 'Options for the browser.', schema: PasskeyOptions },
  errors: ['conflict'],
  async handle(call, deps) {
    passkeysRequire(deps.config);
    const body = await accountWrite(deps, call, (trx, actor) =>
      operations.proofPasskeyOptions(trx, actor, deps),
    );
    return { status: 200, body };
  },
});

export const passkeyRoutes: readonly AccountRoute[] = [
  passkeyList,
  passkeyOptions,
  passkeyCreate,
  passkeyDelete,
  reauthenticate,
  reauthenticationPasskeyOptions,
];

/** Either a password or a passkey. */
function proofFaults(body: Record<string, unknown>): FieldFaults {
  const { password, code, credential } = body;
  if (credential === undefined && password === undefined) {
    return { password: ['Enter your password, or use a passkey.'] };
  }
  if (credential === undefined || (password === undefined && code === undefined)) return {};
  return { credential: ['Send a passkey alone, or a password.'] };
}

async function proveByPassword(
  call: SessionCall,
  deps: ApiDeps,
  password: string,
  code: string | undefined,
): Promise<SessionSecret> {
  const { userId, hasTwoFactor } = call.session;
  if (hasTwoFactor && code === undefined) {
    throw validationError({ code: ['Enter a code of your authenticator app too.'] });
  }
  const limits = codeLimits(userId);
  const proven = await passwordProve(deps, call.session, password, 'password');
  if (hasTwoFactor) await attemptCount(deps.db, limits, deps.clock.now());
  const session = await accountWrite(deps, call, (trx, actor) =>
    reauthenticateByPassword(trx, actor, { proven, code: code ?? '' }, deps),
  );
  if (hasTwoFactor) await attemptForgive(deps.db, limits);
  return session;
}

async function proveByPasskey(
  call: SessionCall,
  deps: ApiDeps,
  credential: PasskeyCredentialJson,
): Promise<SessionSecret> {
  const session = await accountWrite(deps, call, (trx, actor) =>
    reauthenticateByPasskey(trx, actor, { credential }, deps),
  );
  if (session === null) throw operations.credentialWrong();
  return session;
}

function passkeyShow(row: Awaited<ReturnType<typeof passkeysShown>>[number]) {
  return {
    ...row,
    created_at: row.created_at.toISOString(),
    last_used_at: row.last_used_at?.toISOString() ?? null,
  };
}
