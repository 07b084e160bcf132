import type { ErrorCode } from '../errors.ts';
import { documentMake } from './openapi-document.ts';
import { COMMON_HEADERS } from './openapi-headers.ts';
import { SHARED_PARAMETERS, parameterShow } from './openapi-parameters.ts';
import type { JsonObject } from './openapi-schemas.ts';
import { INTRODUCTION, TAG_DESCRIPTIONS } from './openapi-text.ts';
import type { Route } from './route.ts';

/** Moves when the contract does: a new operation or field is a minor step. */
const API_VERSION = '1.0.0';

/** What any operation may answer. */
const COMMON_ERRORS: readonly ErrorCode[] = [
  'validation_error',
  'authentication_failed',
  'payload_too_large',
  'rate_limited',
  'internal_error',
  'service_unavailable',
];

/** The OpenAPI 3.1 document of `/api/v1`. */
export function openapiMake(routes: readonly Route[]): JsonObject {
  return documentMake(routes, {
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
    securityOf: (route) => [
      { apiToken: [route.method === 'GET' ? 'read' : 'write'] },
      { session: [] },
    ],
    errorCodesOf,
    replyHeadersOf: (route) => [
      ...COMMON_HEADERS,
      ...(route.success.etag === true ? ['ETag'] : []),
      ...(route.method === 'POST' ? ['Idempotency-Replayed'] : []),
    ],
  });
}

function parametersOf(route: Route): JsonObject[] {
  const isRead = route.method === 'GET';
  return [
    ...(route.org === 'path' ? [] : [parameterShow('OrgQuery'), parameterShow('OrgHeader')]),
    ...(route.method === 'POST' ? [parameterShow('IdempotencyKey')] : []),
    ...(isRead && route.success.etag === true ? [parameterShow('IfNoneMatch')] : []),
    ...(isRead || route.method === 'POST' ? [] : [parameterShow('IfMatch')]),
    parameterShow('RequestId'),
  ];
}

/** Every code that a route may answer: what all may, what its kind may, and its own. */
function errorCodesOf(route: Route): ErrorCode[] {
  const isRead = route.method === 'GET';
  return [
    ...COMMON_ERRORS,
    ...(isRead ? [] : (['permission_denied', 'unsupported_media_type'] as const)),
    ...(route.role === undefined ? [] : (['permission_denied'] as const)),
    ...(route.org === 'path' ? [] : (['api_disabled', 'not_found'] as const)),
    ...(route.org === 'write' ? (['org_required'] as const) : []),
    ...(route.method === 'POST'
      ? (['idempotency_in_progress', 'idempotency_mismatch'] as const)
      : []),
    ...(isRead || route.method === 'POST' ? [] : (['precondition_failed'] as const)),
    ...(route.errors ?? []),
  ];
}
