import type { TSchema } from 'typebox';
import type { ErrorCode } from '../base/errors.ts';
import { ERROR_SCHEMA, errorResponsesCreate, errorsShow } from './openapi-errors.ts';
import { COMMON_HEADERS, REPLY_HEADERS, headersShow } from './openapi-headers.ts';
import { pathParametersShow, queryParametersShow } from './openapi-parameters.ts';
import {
  type Json,
  type JsonObject,
  type SchemaCollector,
  schemaCollectorCreate,
} from './openapi-schemas.ts';
import type { Endpoint } from './route.ts';

/** The parts of a document that describe the API as a whole, and each operation beyond what its endpoint describes. */
export interface DocumentFrame<E extends Endpoint> {
  info: JsonObject;
  servers: JsonObject[];
  tagDescriptions: Readonly<Record<string, string>>;
  securitySchemes: JsonObject;
  /** Parameters that operations refer to. */
  parameters: JsonObject;
  /** References to the parameters of an operation, before and after its own query parameters. */
  parametersOf(endpoint: E): JsonObject[];
  /** An operation's description, if the endpoint's own description is not complete. */
  descriptionOf?(endpoint: E): string;
  securityOf(endpoint: E): JsonObject[];
  /** Every code that an operation may return. */
  errorCodesOf(endpoint: E): ErrorCode[];
  /** Headers of a success, by name. */
  replyHeadersOf(endpoint: E): string[];
}

/** An OpenAPI 3.1 document of a table of endpoints. Pure: equal endpoints produce an equal document. */
export function documentCreate<E extends Endpoint>(
  endpoints: readonly E[],
  frame: DocumentFrame<E>,
): JsonObject {
  const collector = schemaCollectorCreate();
  const paths: Record<string, JsonObject> = {};
  for (const endpoint of endpoints) {
    paths[endpoint.path] = {
      ...paths[endpoint.path],
      [endpoint.method.toLowerCase()]: operationCreate(endpoint, frame, collector),
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
        ...errorResponsesCreate(),
      },
    },
  };
}

function operationCreate<E extends Endpoint>(
  endpoint: E,
  frame: DocumentFrame<E>,
  collector: SchemaCollector,
): JsonObject {
  const { operationId, tag, summary, path, query, body } = endpoint;
  return {
    operationId,
    tags: [tag],
    summary,
    description: frame.descriptionOf?.(endpoint) ?? endpoint.description,
    security: frame.securityOf(endpoint),
    parameters: [
      ...pathParametersShow(path),
      ...(query === undefined ? [] : queryParametersShow(collector.show(query))),
      ...frame.parametersOf(endpoint),
    ],
    ...(body === undefined ? {} : { requestBody: bodyCreate(endpoint, body, collector) }),
    responses: responsesCreate(endpoint, frame, collector),
  };
}

function bodyCreate(endpoint: Endpoint, body: TSchema, collector: SchemaCollector): JsonObject {
  return {
    // A POST of which every field is optional needs no body.
    required: endpoint.method !== 'POST' || hasRequired(body),
    content: { 'application/json': contentCreate(body, endpoint.example, collector) },
  };
}

function responsesCreate<E extends Endpoint>(
  endpoint: E,
  frame: DocumentFrame<E>,
  collector: SchemaCollector,
): JsonObject {
  const { status, description, schema, example, etag = false, streamRow } = endpoint.success;
  return {
    [status]: {
      description,
      headers: headersShow(frame.replyHeadersOf(endpoint)),
      ...(schema === undefined
        ? {}
        : {
            content: {
              'application/json': contentCreate(schema, example, collector),
              ...(streamRow === undefined ? {} : streamContentCreate(streamRow)),
            },
          }),
    },
    ...(etag && endpoint.method === 'GET'
      ? { 304: { $ref: '#/components/responses/NotModified' } }
      : {}),
    ...errorsShow(frame.errorCodesOf(endpoint)),
  };
}

function hasRequired(body: TSchema): boolean {
  return ((body as { required?: string[] }).required ?? []).length > 0;
}

function streamContentCreate(description: string): JsonObject {
  const schema = { type: 'string', description };
  return { 'text/event-stream': { schema }, 'application/x-ndjson': { schema } };
}

function contentCreate(schema: TSchema, example: unknown, collector: SchemaCollector): JsonObject {
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
