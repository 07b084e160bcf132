import type { ErrorCode } from '../base/errors.ts';
import { documentCreate } from './openapi-document.ts';
import { COMMON_HEADERS } from './openapi-headers.ts';
import { SHARED_PARAMETERS, parameterShow } from './openapi-parameters.ts';
import type { JsonObject } from './openapi-schemas.ts';
import { INTRODUCTION, TAG_DESCRIPTIONS } from './openapi-text.ts';
import { roleAllows, ruleOf, ruleSentence } from '../changes/policy.ts';
import { orgIsNamedAside } from './org.ts';
import type { Route } from './route.ts';

/** Increased together with the contract: a new operation or field increases the minor version. */
const API_VERSION = '1.0.0';

/** The codes that any operation may return. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'validation_error',
  'authentication_failed',
  'method_not_allowed',
  'payload_too_large',
  'rate_limited',
  'internal_error',
  'service_unavailable',
];

/** The OpenAPI 3.1 document of `/api/v1`. */
export function openapiCreate(routes: readonly Route[]): JsonObject {
  return documentCreate(routes, {
    info: {
      title: 'DollarBox API',
      version: API_VERSION,
      summary: 'Run containers, each with an IPv6 address of its own.',
      description: INTRODUCTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [
      { url: '/api/v1', description: 'The installation that this document comes from.' },
      { url: 'http://localhost:8080/api/v1', description: 'One started with `npm start`.' },
    ],
    tagDescriptions: TAG_DESCRIPTIONS,
    securitySchemes: {
      apiToken: {
        type: 'http',
        scheme: 'bearer',
        bearerFormat: 'dbx_<public id>_<secret>',
        description:
          'An API token. Its scope is `read` (GET and HEAD only) or `write`; operations name the one that they need. Tokens are made in the panel, or by the operator with `dollarbox-admin token-create`; a token cannot make other tokens.',
      },
      session: {
        type: 'apiKey',
        in: 'cookie',
        name: '__Host-dollarbox_session',
        description:
          'The session of the panel: where there is no Authorization header, its cookie does as well, for requests that a page of the same site sends. Where the installation is not on https it is `dollarbox_session_<port>`.',
      },
    },
    parameters: { ...SHARED_PARAMETERS },
    parametersOf,
    descriptionOf: (route) => `${route.description}\n\n${ruleSentence(route.action)}`,
    securityOf: (route) => {
      const { scope, credential } = ruleOf(route.action);
      const session = { session: [] };
      const token = { apiToken: [scope] };
      if (credential === 'token') return [token];
      return credential === 'proven_session' ? [session] : [token, session];
    },
    errorCodesOf,
    replyHeadersOf: (route) => [
      ...COMMON_HEADERS,
      ...(route.success.etag === true ? ['ETag'] : []),
      ...(route.success.status === 201 ? ['Location'] : []),
      ...(route.method === 'POST' ? ['Idempotency-Replayed'] : []),
      ...(route.waits === undefined ? [] : ['Preference-Applied']),
    ],
  });
}

function parametersOf(route: Route): JsonObject[] {
  const isRead = route.method === 'GET';
  return [
    ...(orgIsNamedAside(route.org) ? [parameterShow('OrgQuery'), parameterShow('OrgHeader')] : []),
    ...(route.method === 'POST' ? [parameterShow('IdempotencyKey')] : []),
    ...(isRead && route.success.etag === true ? [parameterShow('IfNoneMatch')] : []),
    ...(isRead || route.method === 'POST' ? [] : [parameterShow('IfMatch')]),
    ...(route.waits === undefined ? [] : [parameterShow('PreferWait')]),
    parameterShow('RequestId'),
  ];
}

/** Every code that a route may return: those of all routes, those of its kind, and its own. */
function errorCodesOf(route: Route): ErrorCode[] {
  const isRead = route.method === 'GET';
  const { role, scope, credential } = ruleOf(route.action);
  const isForAnyMember = role === null || roleAllows('member', role);
  return [
    ...COMMON_ERRORS,
    ...(scope === 'read' && isForAnyMember && credential === undefined
      ? []
      : (['permission_denied'] as const)),
    ...(credential === 'proven_session' ? (['reauthentication_required'] as const) : []),
    ...(isRead ? [] : (['unsupported_media_type'] as const)),
    ...(route.org === 'none' ? [] : (['api_disabled', 'not_found'] as const)),
    ...(route.org === 'write' ? (['org_required'] as const) : []),
    ...(route.method === 'POST'
      ? (['idempotency_in_progress', 'idempotency_mismatch'] as const)
      : []),
    ...(isRead || route.method === 'POST' ? [] : (['precondition_failed'] as const)),
    ...(route.errors ?? []),
  ];
}
