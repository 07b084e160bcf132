import type { TSchema } from 'typebox';
import type { ErrorCode } from '../errors.ts';
import { ERROR_SCHEMA, errorResponsesMake, errorsShow } from './openapi-errors.ts';
import { COMMON_HEADERS, REPLY_HEADERS, headersShow } from './openapi-headers.ts';
import { pathParametersShow, queryParametersShow } from './openapi-parameters.ts';
import {
  type Json,
  type JsonObject,
  type SchemaCollector,
  schemaCollectorCreate,
} from './openapi-schemas.ts';
import type { Endpoint } from './route.ts';

/** What a document says of its API as a whole, and of each operation beyond what the endpoint says itself. */
export interface DocumentFrame<E extends Endpoint> {
  info: JsonObject;
  servers: JsonObject[];
  tagDescriptions: Readonly<Record<string, string>>;
  securitySchemes: JsonObject;
  /** Parameters that operations refer to. */
  parameters: JsonObject;
  /** References to those that an operation takes, before and after its own query parameters. */
  parametersOf(endpoint: E): JsonObject[];
  securityOf(endpoint: E): JsonObject[];
  /** Every code that an operation may answer. */
  errorCodesOf(endpoint: E): ErrorCode[];
  /** Headers of a success, by name. */
  replyHeadersOf(endpoint: E): string[];
}

/** An OpenAPI 3.1 document of a table of endpoints. Pure: equal endpoints give an equal document. */
export function documentMake<E extends Endpoint>(
  endpoints: readonly E[],
  frame: DocumentFrame<E>,
): JsonObject {
  const collector = schemaCollectorCreate();
  const paths: Record<string, JsonObject> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = {
      ...paths[endpoint.path],
      [endpoint.method.toLowerCase()]: operationMake(endpoint, frame, collector),
    };
  }
  return {
    openapi: '3.1.1',
    info: frame.info,
    servers: frame.servers,
    tags: [...new Set(endpoints.map(({ tag }) => tag))].map((name) => ({
      name,
      description: frame.tagDescriptions[name] ?? '',
    })),
    security: Object.keys(frame.securitySchemes).map((name) => ({ [name]: [] })),
    paths,
    components: {
      securitySchemes: frame.securitySchemes,
      schemas: { ...sorted(collector.components), Error: ERROR_SCHEMA },
      parameters: frame.parameters,
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

function operationMake<E extends Endpoint>(
  endpoint: E,
  frame: DocumentFrame<E>,
  collector: SchemaCollector,
): JsonObject {
  const { operationId, tag, summary, description, path, query, body } = endpoint;
  return {
    operationId,
    tags: [tag],
    summary,
    description,
    security: frame.securityOf(endpoint),
    parameters: [
      ...pathParametersShow(path),
      ...(query === undefined ? [] : queryParametersShow(collector.show(query))),
      ...frame.parametersOf(endpoint),
    ],
    ...(body === undefined ? {} : { requestBody: bodyMake(endpoint, body, collector) }),
    responses: responsesMake(endpoint, frame, collector),
  };
}

function bodyMake(endpoint: Endpoint, body: TSchema, collector: SchemaCollector): JsonObject {
  return {
    required: true,
    content: { 'application/json': contentMake(body, endpoint.example, collector) },
  };
}

function responsesMake<E extends Endpoint>(
  endpoint: E,
  frame: DocumentFrame<E>,
  collector: SchemaCollector,
): JsonObject {
  const { status, description, schema, example, etag = false } = endpoint.success;
  return {
    [status]: {
      description,
      headers: headersShow(frame.replyHeadersOf(endpoint)),
      ...(schema === undefined
        ? {}
        : { content: { 'application/json': contentMake(schema, example, collector) } }),
    },
    ...(etag && endpoint.method === 'GET'
      ? { 304: { $ref: '#/components/responses/NotModified' } }
      : {}),
    ...errorsShow(frame.errorCodesOf(endpoint)),
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

function sorted<T>(record: Record<string, T>): Record<string, T> {
  return Object.fromEntries(Object.entries(record).toSorted(([a], [b]) => (a < b ? -1 : 1)));
}
