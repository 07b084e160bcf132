import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import { ApiError, type FieldFaults, validationError } from '../errors.ts';
import type { Membership } from '../tokens/store.ts';
import { bodyParserRegister } from './body.ts';
import { errorAnswer } from './error-handler.ts';
import { etagFormat, ifNoneMatch } from './etag.ts';
import { orgsResolve } from './org.ts';
import { roleAllows, roleRequire, scopeRequire } from './permission.ts';
import { type Principal, principalResolve } from './principal.ts';
import { type RateLimiter, rateLimiterCreate } from './rate-limit.ts';
import { type Answer, type Call, type Route, answerSend } from './route.ts';
import { type Validator, validatorCompile } from './validate.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal | null;
    orgs: readonly Membership[];
  }
  interface FastifyContextConfig {
    route?: Route;
  }
}

/** Registers the routes of `/api/v1`, each behind the checks of the contract, in its order. */
export async function apiRegister(
  app: FastifyInstance,
  deps: ApiDeps,
  routes: readonly Route[],
): Promise<void> {
  app.decorateRequest('principal', null);
  app.decorateRequest('orgs');
  bodyParserRegister(app);
  app.setErrorHandler(errorAnswer);
  const limiter = await rateLimiterCreate(app, deps);
  app.addHook('onRequest', (request, reply) => callerAdmit(deps, limiter, request, reply));
  for (const route of routes) routeRegister(app, deps, route);
}

/** 401 → 429 → org → scope and role. Nothing of the body has been read yet. */
async function callerAdmit(
  deps: ApiDeps,
  limiter: RateLimiter,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const route = request.routeOptions.config.route;
  if (route === undefined) return;
  const principal = await principalResolve(deps, request);
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
  const validate = requestValidatorMake(route);
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
      return reply.code(304).send();
    }
  }
  return answerSend(reply, answer);
}

/** Body and query together, so that every fault is told at once. */
function requestValidatorMake(
  route: Route,
): (request: FastifyRequest) => { body: unknown; query: unknown } {
  const bodyValidator = route.body === undefined ? null : validatorCompile(route.body);
  const queryValidator = route.query === undefined ? null : validatorCompile(route.query);
  return (request) => {
    const faults: FieldFaults = {};
    const { org: _org, ...named } = request.query as Record<string, unknown>;
    const query = partValidate(queryValidator, named, faults, 'Unknown query parameter.');
    if (bodyValidator === null && isBodySent(request.body)) {
      throw validationError({ body: ['This request takes no body.'] });
    }
    const body = partValidate(bodyValidator, request.body === undefined ? {} : request.body, faults, 'Unknown field.');
    if (Object.keys(faults).length > 0) throw validationError(faults);
    return { body, query };
  };
}

function partValidate(
  validator: Validator<unknown> | null,
  value: unknown,
  faults: FieldFaults,
  unknownSentence: string,
): unknown {
  if (validator !== null) {
    const result = validator(value);
    if ('value' in result) return result.value;
    for (const [path, sentences] of Object.entries(result.faults)) {
      const told = sentences.map((sentence) => (sentence === 'Unknown field.' ? unknownSentence : sentence));
      Object.defineProperty(faults, path === '' ? 'body' : path, { value: told, enumerable: true, configurable: true, writable: true });
    }
    return undefined;
  }
  for (const name of Object.keys(value as object)) faults[name] = [unknownSentence];
  return undefined;
}

/** An empty object is as good as no body where none is needed. */
function isBodySent(body: unknown): boolean {
  if (body === undefined) return false;
  return typeof body !== 'object' || body === null || Array.isArray(body) || Object.keys(body).length > 0;
}

function fail(message: string): never {
  throw new Error(message);
}

/** A method that a path does not have. */
export function methodNotAllowed(allowed: readonly string[]): ApiError {
  const allow = allowed.join(', ');
  return new ApiError('method_not_allowed', `This path takes ${allow}.`, { headers: { allow } });
}
