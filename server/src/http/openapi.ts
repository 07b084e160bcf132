import type { TSchema } from 'typebox';
import type { ErrorCode } from '../errors.ts';
import { ERROR_SCHEMA, errorResponsesMake, errorsShow } from './openapi-errors.ts';
import { COMMON_HEADERS, REPLY_HEADERS, headersShow } from './openapi-headers.ts';
import {
  SHARED_PARAMETERS,
  parameterShow,
  pathParametersShow,
  queryParametersShow,
} from './openapi-parameters.ts';
import {
  type Json,
  type JsonObject,
  type SchemaCollector,
  schemaCollectorCreate,
} from './openapi-schemas.ts';
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

/** The OpenAPI 3.1 document of a table of routes. Pure: equal routes give an equal document. */
export function openapiMake(routes: readonly Route[]): JsonObject {
  const collector = schemaCollectorCreate();
  const paths: Record<string, JsonObject> = {};
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationMake(route, collector),
    };
  }
  return {
    openapi: '3.1.1',
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
    tags: [...new Set(routes.map((route) => route.tag))].map(tagMake),
    security: [{ apiToken: [] }],
    paths,
    components: {
      securitySchemes: {
        apiToken: {
          type: 'http',
          scheme: 'bearer',
          bearerFormat: 'dbx_<public id>_<secret>',
          description:
            'An API token. Its scope is `read` (GET and HEAD only) or `write`; operations name the one that they need. Tokens are made in the panel, or by the operator with `dollarbox-admin token-create`; a token cannot make other tokens.',
        },
      },
      schemas: { ...sorted(collector.components), Error: ERROR_SCHEMA },
      parameters: { ...SHARED_PARAMETERS },
      headers: { ...REPLY_HEADERS },
      responses: {
        NotModified: {
          description: 'The object still has the `ETag` in `If-None-Match`.',
          headers: headersShow([...COMMON_HEADERS, 'ETag']),
        },
        ...errorResponsesMake(),
      },
    },
  };
}

function operationMake(route: Route, collector: SchemaCollector): JsonObject {
  return {
    operationId: route.operationId,
    tags: [route.tag],
    summary: route.summary,
    description: route.description,
    security: [{ apiToken: [route.method === 'GET' ? 'read' : 'write'] }],
    parameters: parametersMake(route, collector),
    ...(route.body === undefined ? {} : { requestBody: bodyMake(route, route.body, collector) }),
    responses: responsesMake(route, collector),
  };
}

function parametersMake(route: Route, collector: SchemaCollector): JsonObject[] {
  const isRead = route.method === 'GET';
  return [
    ...pathParametersShow(route.path),
    ...(route.query === undefined ? [] : queryParametersShow(collector.show(route.query))),
    ...(route.org === 'path' ? [] : [parameterShow('OrgQuery'), parameterShow('OrgHeader')]),
    ...(route.method === 'POST' ? [parameterShow('IdempotencyKey')] : []),
    ...(isRead && route.success.etag === true ? [parameterShow('IfNoneMatch')] : []),
    ...(isRead || route.method === 'POST' ? [] : [parameterShow('IfMatch')]),
    parameterShow('RequestId'),
  ];
}

function bodyMake(route: Route, body: TSchema, collector: SchemaCollector): JsonObject {
  return {
    required: true,
    content: { 'application/json': contentMake(body, route.example, collector) },
  };
}

function responsesMake(route: Route, collector: SchemaCollector): JsonObject {
  const { status, description, schema, example, etag = false } = route.success;
  return {
    [status]: {
      description,
      headers: headersShow([
        ...COMMON_HEADERS,
        ...(etag ? ['ETag'] : []),
        ...(route.method === 'POST' ? ['Idempotency-Replayed'] : []),
      ]),
      ...(schema === undefined
        ? {}
        : { content: { 'application/json': contentMake(schema, example, collector) } }),
    },
    ...(etag && route.method === 'GET'
      ? { 304: { $ref: '#/components/responses/NotModified' } }
      : {}),
    ...errorsShow(errorCodesOf(route)),
  };
}

function contentMake(schema: TSchema, example: unknown, collector: SchemaCollector): JsonObject {
  const [own] = (schema as { examples?: unknown[] }).examples ?? [];
  const shown = (example ?? own) as Json | undefined;
  return {
    schema: collector.show(schema),
    ...(shown === undefined ? {} : { example: shown }),
  };
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

function tagMake(name: string): JsonObject {
  return { name, description: TAG_DESCRIPTIONS[name] ?? '' };
}

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
