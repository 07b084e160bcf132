import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Static, TSchema } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import type { Role } from '../db/types.ts';
import type { ErrorCode, FieldFaults } from '../errors.ts';
import type { Membership } from '../tokens/store.ts';
import type { Version } from './etag.ts';
import type { OrgMode } from './org.ts';
import type { Principal } from './principal.ts';

/** What a handler is called with: all checks of `http/` are done. */
export interface Call<Body = unknown, Query = unknown> {
  principal: Principal;
  /** The orgs that the request may see: one, or several for a read that spans. Empty for `path` routes. */
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
  version?: Version;
  headers?: Record<string, string | string[]>;
}

/** What any endpoint says of itself: what `http/` validates by, and what its OpenAPI document is made from. */
export interface Endpoint {
  /** Handler, operation id, store function: one name. */
  operationId: string;
  method: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  /** Below the API's prefix, OpenAPI style, ending in `/`. */
  path: string;
  tag: string;
  summary: string;
  description: string;
  query?: TSchema;
  body?: TSchema;
  /** What a schema can't say of a body; called also when the schema has found faults. */
  rules?(body: Record<string, unknown>, deps: ApiDeps): FieldFaults;
  /** An example request body for the documents. */
  example?: unknown;
  success: {
    status: number;
    description: string;
    schema?: TSchema;
    /** An example reply, where the schema's own does not fit. */
    example?: unknown;
    etag?: boolean;
  };
  /** Codes beyond those that any route may answer. */
  errors?: readonly ErrorCode[];
}

/** One endpoint of `/api/v1` as data: what `http/` acts on, and what openapi.json is made from. */
export interface Route<Body = unknown, Query = unknown> extends Endpoint {
  org: OrgMode;
  /** The least role that may; default member. */
  role?: Role;
  handle(call: Call<Body, Query>, deps: ApiDeps): Promise<Answer>;
}

/** Gives a route the types of its schemas. */
export function routeDefine<B extends TSchema, Q extends TSchema>(
  route: Omit<Route<Static<B>, Static<Q>>, 'body' | 'query'> & { body?: B; query?: Q },
): Route {
  return route as unknown as Route;
}

/** The id in a path. Anything that can't be an id is null, and answered like a missing object. */
export function pathId(params: Record<string, string>): number | null {
  const text = params['id'] ?? '';
  const id = Number(text);
  return /^[1-9]\d{0,15}$/.test(text) && Number.isSafeInteger(id) ? id : null;
}

/** Sends an answer. */
export function answerSend(reply: FastifyReply, answer: Answer): FastifyReply {
  reply.code(answer.status);
  if (answer.headers !== undefined) reply.headers(answer.headers);
  if (answer.body === undefined) return reply.send();
  return reply
    .header('content-type', 'application/json; charset=utf-8')
    .send(JSON.stringify(answer.body));
}
