import type { ErrorCode } from '../base/errors.ts';
import { documentCreate } from '../http/openapi-document.ts';
import { SHARED_PARAMETERS, parameterShow } from '../http/openapi-parameters.ts';
import type { JsonObject } from '../http/openapi-schemas.ts';
import type { AccountRoute } from './account-route.ts';

const INTRODUCTION = `
What only a person does: sign in, and manage the account. The panel uses it with the session cookie; a token is not accepted here. Unlike \`/api/v1\`, it may change from one version to the next.

Requests other than GET and HEAD, except those of the command line, must come from a page of this site: the browser's \`Sec-Fetch-Site\` and \`Origin\` have to say so, else 403. What needs a proof of identity from the last five minutes answers 403 \`reauthentication_required\` without one: send one to \`/reauthentication/\`, and repeat the request.

Errors have the form that they have in \`/api/v1\`. Too many tries are answered 429, with the seconds to wait in \`Retry-After\`.
`.trim();

const TAG_DESCRIPTIONS: Readonly<Record<string, string>> = {
  Account: 'Who is signed in.',
  'Sign-up': 'Creating an account.',
  'Sign-in': 'Starting and ending a session.',
  'Password and e-mail': 'Password and address.',
  Sessions: 'The browsers that are signed in.',
  'Two-factor': 'Codes of an authenticator app (TOTP, RFC 6238), and backup codes.',
  Passkeys: 'Passkeys (WebAuthn).',
  'Re-authentication': 'Proving your identity again.',
  Invitations: 'Accepting an invitation to an org.',
  'API tokens': 'Tokens for scripts and tools.',
  'Command line':
    'How a program on your computer gets a token that you grant in the browser: by a redirect to a port of its own (OAuth 2.0 for native apps, RFC 8252, with PKCE, RFC 7636), or, where there is no browser, by a code that you type (as in RFC 8628). Bodies are JSON.',
};

/** The errors that any of these operations may return. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'validation_error',
  'permission_denied',
  'payload_too_large',
  'rate_limited',
  'internal_error',
  'service_unavailable',
];

/** The OpenAPI 3.1 document of `/api/account`. */
export function accountOpenapiCreate(routes: readonly AccountRoute[]): JsonObject {
  return documentCreate(routes, {
    info: {
      title: 'DollarBox accounts',
      version: '0.1.0',
      summary: 'Sign-up, sign-in, sessions, second factors and API tokens.',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: '/api/account', description: 'The installation that this document comes from.' },
    ],
    tagDescriptions: TAG_DESCRIPTIONS,
    securitySchemes: {
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-dollarbox_session',
        description:
          'The cookie that signing in sets. Where `PUBLIC_URL` is not https it is `dollarbox_session_<port>`.',
      },
    },
    parameters: { RequestId: SHARED_PARAMETERS.RequestId },
    parametersOf: () => [parameterShow('RequestId')],
    securityOf: (route) => (route.access === 'session' ? [{ session: [] }] : []),
    errorCodesOf: (route) => [
      ...COMMON_ERRORS,
      ...(route.access === 'session' ? (['authentication_failed'] as const) : []),
      ...(route.method === 'GET' ? [] : (['unsupported_media_type'] as const)),
      ...(route.access === 'session' && route.proof !== undefined
        ? (['reauthentication_required'] as const)
        : []),
      ...(route.errors ?? []),
    ],
    replyHeadersOf: () => ['X-Request-Id', 'RateLimit-Policy', 'RateLimit'],
  });
}
