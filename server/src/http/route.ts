import type { Readable } from 'node:stream';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { ApiDeps } from './deps.ts';
import { type ErrorCode, type FieldFaults, notFound } from '../base/errors.ts';
import type { Action } from '../changes/policy.ts';
import type { Membership } from '../tokens/store.ts';
import { type Version, ifMatchCheck } from './etag.ts';
import type { OrgMode } from './org.ts';
import type { Principal } from './principal.ts';

/** The input of a handler, after every check of `http/` has passed. */
export interface Call<Body = unknown, Query = unknown> {
  action: Action;
  principal: Principal;
  /**
   * The orgs that the request acts in: one; several for a read that spans them; none for a route with `org: 'none'`.
   */
  orgs: readonly Membership[];
  params: Record<string, string>;
  body: Body;
  query: Query;
  requestId: string;
  request: FastifyRequest;
}

export interface Answer {
  status: number;
  body?: unknown;
  /** Sent as it comes, instead of a body. Its content type is among the headers. */
  stream?: Readable;
  version?: Version;
  /** Whether the object of the reply has settled, where clients may wait for that. */
  isSettled?: boolean;
  headers?: Record<string, string | string[]>;
}

/**
 * The description of any endpoint: `http/` validates requests with it, and its OpenAPI document is generated from it.
 */
export interface Endpoint {
  /** The same name for the handler, the operation id and the store function. */
  operationId: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the API's prefix, OpenAPI style, ending in `/`. */
  path: string;
  tag: string;
  summary: string;
  description: string;
  query?: TSchema;
  /** Returns null if the text is no cursor of this list; not given: the cursors of lists by id. */
  cursorParse?(text: string): unknown;
  body?: TSchema;
  /** The faults that a schema can't express. Also called if the schema has found faults. */
  rules?(body: Record<string, unknown>, deps: ApiDeps): FieldFaults;
  /** An example request body for the documents. */
  example?: unknown;
  success: {
    status: number;
    description: string;
    schema?: TSchema;
    /** An example reply, if the schema's own example does not fit. */
    example?: unknown;
    etag?: boolean;
    /** What a row is, if the reply may also be a stream: `text/event-stream` or `application/x-ndjson`. */
    streamRow?: string;
  };
  /** Codes beyond those that any route may return. */
  errors?: readonly ErrorCode[];
}

/** One endpoint of `/api/v1` as data. `http/` acts on it, and openapi.json is generated from it. */
export interface Route<Body = unknown, Query = unknown> extends Endpoint {
  org: OrgMode;
  /** Its row in the policy, which says who may call it. */
  action: Action;
  /** How to wait for the object of its reply, if clients may prefer that. */
  waits?: WaitRule;
  handle(call: Call<Body, Query>, deps: ApiDeps): Promise<Answer>;
}

/** How to wait for an object with `Prefer: wait`. */
export interface WaitRule {
  /** The kind of its events. */
  kind: string;
  /** Reads the object again. @throws ApiError 404 */
  read(id: number, org: { orgId: number; slug: string }, deps: ApiDeps): Promise<Answer>;
}

/** Whether a request only reads. */
export function requestIsRead({ method }: { method: string }): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** Gives a route the types of its schemas. */
export function routeDefine<B extends TSchema, Q extends TSchema>(
  route: Omit<Route<Static<B>, Static<Q>>, 'body' | 'query'> & { body?: B; query?: Q },
): Route {
  return route as unknown as Route;
}

/** The id in a path. Anything that can't be an id becomes null, and is answered like a missing object. */
export function pathId(params: Record<string, string>): number | null {
  const text = params['id'] ?? '';
  const id = Number(text);
  return /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(id) ? id : null;
}

/** The id in a path. @throws ApiError 404 if it can't be one. */
export function pathIdRequire(params: Record<string, string>): number {
  const id = pathId(params);
  if (id === null) throw notFound();
  return id;
}

/** Called by an operation with the current object: compares it with the request's `If-Match`. @throws ApiError 412 */
export function preconditionOf({ request }: Pick<Call, 'request'>): (version: Version) => void {
  return (version) => ifMatchCheck(request.headers['if-match'], version);
}

/** Sends a reply. */
export function answerSend(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if (answer.stream !== undefined) return reply.send(answer.stream);
  if (answer.body === undefined) return reply.send();
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(answer.body));
}
