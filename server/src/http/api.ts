import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Type } from 'typebox';
import type { ApiDeps } from '../deps.ts';
import { type FieldFaults, validationError } from '../errors.ts';
import type { Membership } from '../tokens/store.ts';
import { bodyParserRegister } from './body.ts';
import { errorAnswer } from './error-handler.ts';
import { etagFormat, ifNoneMatch } from './etag.ts';
import { cursorParse } from './pagination.ts';
import { orgsResolve } from './org.ts';
import { roleAllows, roleRequire, scopeRequire } from './permission.ts';
import { type Principal, principalResolverMake } from './principal.ts';
import { type RateLimiter, anonymousAdmit } from './rate-limit.ts';
import { type Answer, type Call, type Route, answerSend } from './route.ts';
import { UNKNOWN_FIELD, faultAdd, validatorCompile } from './validate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
    orgs: readonly Membership[];
  }
  interface FastifyContextConfig {
    route?: Route;
  }
}

const NOTHING = Type.Object({}, { additionalProperties: false });

/** Registers the routes of `/api/v1`, each behind the checks of the contract, in its order. */
export async function apiRegister(
  app: FastifyInstance,
  deps: ApiDeps,
  limiter: RateLimiter,
  routes: readonly Route[],
): Promise<void> {
  app.decorateRequest('principal', null);
  app.decorateRequest('orgs');
  bodyParserRegister(app);
  app.setErrorHandler(errorAnswer);
  const principalResolve = principalResolverMake(deps, limiter);
  app.addHook('onRequest', (request, reply) =>
    callerAdmit(principalResolve, limiter, request, reply),
  );
  for (const route of routes) routeRegister(app, deps, route);
}

/** 401 → 429 → org → scope and role. Nothing of the body has been read yet. */
async function callerAdmit(
  principalResolve: ReturnType<typeof principalResolverMake>,
  limiter: RateLimiter,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const route = request.routeOptions.config.route;
  // The documents.
  if (route === undefined) return anonymousAdmit(limiter, request, reply);
  const principal = await principalResolve(request);
  const verdict =
    principal instanceof Error
      ? await limiter.countFailure(request)
      : await limiter.countRequest(request, `token-${principal.tokenId}`);
  reply.headers(verdict.headers);
  if (principal instanceof Error) throw verdict.refusal ?? principal;
  if (verdict.refusal !== null) throw verdict.refusal;
  request.principal = principal;
  request.orgs = route.org === 'path' ? [] : orgsResolve(principal, route.org, orgsNamed(request));
  const [only, ...more] = request.orgs;
  if (only !== undefined && more.length === 0) reply.header('x-dollarbox-org', only.slug);
  scopeRequire(principal.scope, request.method);
  if (route.role === undefined || route.org === 'path') return;
  const role = route.role;
  // A read that spans orgs leaves out those where the role forbids; one org is refused.
  if (only !== undefined && more.length === 0) roleRequire(only.role, role);
  else request.orgs = request.orgs.filter((org) => roleAllows(org.role, role));
}

/** What the header and the query parameter name. */
function orgsNamed(request: FastifyRequest): string[] {
  const query = (request.query as Record<string, string | string[] | undefined>)['org'];
  const header = request.headers['x-dollarbox-org'];
  return [header, query].flat().filter((slug) => slug !== undefined);
}

function routeRegister(app: FastifyInstance, deps: ApiDeps, route: Route): void {
  const validate = requestValidatorMake(route, deps);
  app.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { route },
    async handler(request, reply) {
      const { body, query } = validate(request);
      const call: Call = {
        principal: request.principal ?? fail('a handler without a principal'),
        orgs: request.orgs,
        params: request.params as Record<string, string>,
        body,
        query,
        requestId: request.id,
        request,
      };
      return answerOrNotModified(request, reply, await route.handle(call, deps));
    },
  });
}

function answerOrNotModified(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): FastifyReply {
  if (answer.version !== undefined) {
    reply.header('etag', etagFormat(answer.version));
    const isRead = request.method === 'GET' || request.method === 'HEAD';
    if (isRead && ifNoneMatch(request.headers['if-none-match'], answer.version)) {
      return answerSend(reply, { ...answer, status: 304, body: undefined });
    }
  }
  return answerSend(reply, answer);
}

/** Body, query and the route's own rules together, so that every fault is told at once. */
function requestValidatorMake(
  route: Route,
  deps: ApiDeps,
): (request: FastifyRequest) => { body: unknown; query: unknown } {
  const bodyValidator = validatorCompile(route.body ?? NOTHING);
  const queryValidator = validatorCompile(route.query ?? NOTHING);
  return (request) => {
    const { org: _org, ...query } = request.query as Record<string, unknown>;
    if (route.body === undefined && isBodySent(request.body)) {
      throw validationError({ body: ['This request takes no body.'] });
    }
    const body = request.body === undefined ? {} : request.body;
    const faults: FieldFaults = {};
    faultsMerge(faults, queryValidator(query).faults, 'Unknown query parameter.');
    if (typeof query['cursor'] === 'string' && cursorParse(query['cursor']) === null) {
      faultAdd(faults, 'cursor', 'Must be taken from "next" or "previous" as it is.');
    }
    const { faults: bodyFaults, bounded } = bodyValidator(body);
    faultsMerge(faults, bodyFaults, 'Unknown field.');
    if (route.rules !== undefined && typeof bounded === 'object' && bounded !== null) {
      faultsMerge(faults, route.rules(bounded as Record<string, unknown>, deps), 'Unknown field.');
    }
    if (Object.keys(faults).length > 0) throw validationError(faults);
    return { body, query };
  };
}

function faultsMerge(faults: FieldFaults, more: FieldFaults, unknownSentence: string): void {
  for (const [path, sentences] of Object.entries(more)) {
    for (const sentence of sentences) {
      const told = sentence === UNKNOWN_FIELD ? unknownSentence : sentence;
      faultAdd(faults, path === '' ? 'body' : path, told);
    }
  }
}

/** An empty object is as good as no body where none is needed. */
function isBodySent(body: unknown): boolean {
  if (body === undefined) return false;
  return (
    typeof body !== 'object' || body === null || Array.isArray(body) || Object.keys(body).length > 0
  );
}

function fail(message: string): never {
  throw new Error(message);
}
