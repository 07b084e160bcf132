import { type AccountRoute, clientRouteDefine, sessionRouteDefine } from '../account-route.ts';
import type { FieldFaults } from '../../base/errors.ts';
import type { ApiDeps } from '../../http/deps.ts';
import { accountWrite } from '../account-write.ts';
import { attemptCount, attemptForgive, clientCodeLimits, clientLoginLimits } from '../attempts.ts';
import { clientCodeParse } from '../client-code.ts';
import {
  ClientCodeEntry,
  ClientLogin,
  ClientLoginApprove,
  ClientLoginAuthorize,
  ClientLoginBegin,
  ClientLoginCollect,
  ClientLoginRedirect,
  ClientLoginResult,
  ClientLoginShown,
} from '../client-login-schema.ts';
import { CLIENT_LOGIN_MS, type ClientLoginTerms, POLL_SECONDS } from '../client-login-store.ts';
import * as operations from '../operations/client-logins.ts';
import { Nothing } from '../schema.ts';
import { expiresAtParse, tokenFaults, tokenShow } from './tokens.ts';

const TAG = 'Command line';

const clientLoginBegin = clientRouteDefine({
  operationId: 'clientLoginBegin',
  method: 'POST',
  path: '/client-logins/',
  tag: TAG,
  summary: 'Begin to sign a program in by a code',
  description:
    'For a program on a machine without a browser. It shows the code to the person, who types it at `verification_uri`, and meanwhile asks at `/client-logins/token/` whether they have approved.',
  body: ClientLoginBegin,
  example: { client: 'dollarbox on laptop', scope: 'write' },
  success: { status: 201, description: 'It waits for the person.', schema: ClientLogin },
  async handle({ body, request }, deps) {
    const { client, scope, org: orgSlug = null } = body;
    await attemptCount(deps.db, clientLoginLimits(request.ip), deps.clock.now());
    const begin = { client, scope, orgSlug, ipAddress: request.ip };
    const { deviceCode, userCode } = await operations.deviceLoginBegin(deps.db, begin, deps);
    const page = new URL('/device', deps.config.publicUrl).href;
    return {
      status: 201,
      body: {
        ...{ device_code: deviceCode, user_code: userCode },
        ...{ verification_uri: page, verification_uri_complete: `${page}?code=${userCode}` },
        ...{ expires_in: CLIENT_LOGIN_MS / 1000, interval: POLL_SECONDS },
      },
    };
  },
});

/** The sign-in with the code that a person has typed. @throws DomainError if there is none, or after many tries */
async function typedFind(deps: ApiDeps, session: { sessionId: number }, typed: string) {
  const limits = clientCodeLimits(session.sessionId);
  await attemptCount(deps.db, limits, deps.clock.now());
  const code = clientCodeParse(typed);
  const found = await operations.clientLoginShow(deps.db, code, deps.clock.now());
  await attemptForgive(deps.db, limits);
  return found;
}

const clientLoginFind = sessionRouteDefine({
  operationId: 'clientLoginFind',
  method: 'POST',
  path: '/client-logins/find/',
  tag: TAG,
  summary: 'Find a sign-in by its code',
  description:
    'Shows who asks for what. A wrong code counts against the sign-in that begins like it, and the fifth ends that.',
  body: ClientCodeEntry,
  example: { user_code: 'BCDF-GHJK-LMNP' },
  success: { status: 200, description: 'It waits for you.', schema: ClientLoginShown },
  errors: ['not_found'],
  async handle({ body, session }, deps) {
    const found = await typedFind(deps, session, body.user_code);
    const { client, ipAddress, scope, orgSlug, createdAt, expiresAt } = found;
    return {
      status: 200,
      body: {
        ...{ client, ip_address: ipAddress, scope, org: orgSlug },
        ...{ created_at: createdAt.toISOString(), expires_at: expiresAt.toISOString() },
      },
    };
  },
});

const clientLoginApprove = sessionRouteDefine({
  operationId: 'clientLoginApprove',
  method: 'POST',
  path: '/client-logins/approve/',
  tag: TAG,
  summary: 'Approve a sign-in by its code',
  description:
    'Grants the program a token with these rights, which it collects itself. With two-factor on it asks for a proof of the last five minutes, as making a token does.',
  proof: 'with_two_factor',
  body: ClientLoginApprove,
  rules: tokenFaults,
  example: { user_code: 'BCDF-GHJK-LMNP', scope: 'write', org: 'acme' },
  success: { status: 200, description: 'It is approved.', schema: Nothing },
  errors: ['not_found'],
  async handle(call, deps) {
    const login = await typedFind(deps, call.session, call.body.user_code);
    const granted = termsOf(call.body);
    await accountWrite(deps, call, (trx, actor) =>
      operations.deviceLoginDecide(trx, actor, login, granted, deps),
    );
    return { status: 200, body: {} };
  },
});

const clientLoginRefuse = sessionRouteDefine({
  operationId: 'clientLoginRefuse',
  method: 'POST',
  path: '/client-logins/refuse/',
  tag: TAG,
  summary: 'Refuse a sign-in by its code',
  description: 'The program learns of it, and its code finds nothing any more.',
  body: ClientCodeEntry,
  example: { user_code: 'BCDF-GHJK-LMNP' },
  success: { status: 200, description: 'It is refused.', schema: Nothing },
  errors: ['not_found'],
  async handle(call, deps) {
    const login = await typedFind(deps, call.session, call.body.user_code);
    await accountWrite(deps, call, (trx, actor) =>
      operations.deviceLoginDecide(trx, actor, login, null, deps),
    );
    return { status: 200, body: {} };
  },
});

const clientLoginAuthorize = sessionRouteDefine({
  operationId: 'clientLoginAuthorize',
  method: 'POST',
  path: '/client-logins/authorize/',
  tag: TAG,
  summary: 'Approve a sign-in by a redirect',
  description:
    'For a program that listens on a port of the same machine: grants it a token with these rights, and says where to send the browser with the code that collects it, good for ten minutes and once. With two-factor on it asks for a proof of the last five minutes, as making a token does.',
  proof: 'with_two_factor',
  body: ClientLoginAuthorize,
  rules: tokenFaults,
  example: {
    client: 'dollarbox on laptop',
    redirect_uri: 'http://127.0.0.1:50123/callback',
    state: 'abc',
    code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
    scope: 'write',
  },
  success: { status: 200, description: 'It is approved.', schema: ClientLoginRedirect },
  async handle(call, deps) {
    const { client, code_challenge: challenge, redirect_uri: target, state } = call.body;
    const granted = { client, challenge, ...termsOf(call.body) };
    const code = await accountWrite(deps, call, (trx, actor) =>
      operations.redirectLoginApprove(trx, actor, granted, deps),
    );
    const query = new URLSearchParams({ code, state });
    return { status: 200, body: { redirect_to: `${target}?${query}` } };
  },
});

const clientLoginCollect = clientRouteDefine({
  operationId: 'clientLoginCollect',
  method: 'POST',
  path: '/client-logins/token/',
  tag: TAG,
  summary: 'Collect the token of a sign-in',
  description:
    'With `device_code`, or with `code` and `code_verifier`. The token is generated now, and shown this once: afterwards, when ten minutes are over, when the verifier is wrong, or the session that approved it has ended, this is 404. Asking more often than the interval says is answered 429.',
  body: ClientLoginCollect,
  rules: secretFaults,
  example: { device_code: '0123456789abcdefghijABCDEFGHIJ0123456789abc' },
  success: { status: 200, description: 'What has become of it.', schema: ClientLoginResult },
  errors: ['not_found', 'conflict'],
  async handle({ body, request, requestId }, deps) {
    const { device_code: deviceCode, code = '', code_verifier: verifier = null } = body;
    const given = { secret: deviceCode ?? code, verifier };
    const collector = { requestId, ipAddress: request.ip };
    const result = await operations.clientLoginCollect(deps.db, given, collector, deps);
    if (result.status !== 'granted') {
      return { status: 200, body: { status: result.status, token: null } };
    }
    deps.mail.notify();
    const token = { token: result.token, ...tokenShow(result.row) };
    return { status: 200, body: { status: 'granted', token } };
  },
});

export const clientLoginRoutes: readonly AccountRoute[] = [
  clientLoginBegin,
  clientLoginFind,
  clientLoginApprove,
  clientLoginRefuse,
  clientLoginAuthorize,
  clientLoginCollect,
];

function termsOf(body: {
  scope: 'read' | 'write';
  org?: string | null;
  expires_at?: string | null;
}): ClientLoginTerms {
  const { scope, org: orgSlug = null, expires_at: expires = null } = body;
  return { scope, orgSlug, tokenExpiresAt: expires === null ? null : expiresAtParse(expires) };
}

/** Either a device code, or a code with its verifier. */
function secretFaults(body: Record<string, unknown>): FieldFaults {
  const { device_code: deviceCode, code, code_verifier: verifier } = body;
  if (deviceCode !== undefined) {
    return code === undefined && verifier === undefined
      ? {}
      : { device_code: ['Must be alone, without a code.'] };
  }
  if (code === undefined) return { device_code: ['Is required, or a code.'] };
  return verifier === undefined ? { code_verifier: ['Is required with a code.'] } : {};
}
