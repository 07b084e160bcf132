import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { proofIsFresh } from '../sessions/session-store.ts';
import type { ApiDeps } from '../http/deps.ts';
import { ruleOf } from '../changes/policy.ts';
import type { Membership } from '../tokens/store.ts';
import { notFound } from '../base/errors.ts';
import { bodyParserRegister } from './body.ts';
import { errorAnswer } from './error-handler.ts';
import { etagFormat, ifNoneMatch } from './etag.ts';
import { orgsResolve } from './org.ts';
import { activeRequire, credentialRequire, orgsPermitted, scopeRequire } from './permission.ts';
import { type Principal, principalResolverCreate } from './principal.ts';
import type { RateLimiter } from './rate-limit.ts';
import { requestValidatorCreate } from './request-validator.ts';
import { type Waits, waitsCreate } from './wait.ts';
import { sameOriginRequire } from './same-origin.ts';
import { type Answer, type Call, type Route, requestIsRead, answerSend } from './route.ts';

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
  limiter: RateLimiter,
  routes: readonly Route[],
): Promise<void> {
  app.decorateRequest('principal', null);
  app.decorateRequest('orgs');
  bodyParserRegister(app);
  app.setErrorHandler(errorAnswer);
  const principalResolve = principalResolverCreate(deps, limiter);
  const { origin } = new URL(deps.config.publicUrl);
  app.addHook('onRequest', (request, reply) =>
    callerAdmit(principalResolve, limiter, origin, deps.clock, request, reply),
  );
  const waits = waitsCreate(deps);
  /** Checks the caller of a request that waited, again. @throws ApiError 401, 403 or 404 */
  const accessRequire: AccessRequire = async (route, request, orgId) => {
    const principal = await principalResolve(request);
    if (principal instanceof Error) throw principal;
    const orgs = orgsResolve(principal, route.org, orgsNamed(route, request));
    const permitted = orgsPermitted(orgs, ruleOf(route.action).role);
    if (!permitted.some((org) => org.orgId === orgId)) throw notFound();
  };
  for (const route of routes) routeRegister(app, deps, route, waits, accessRequire);
}

type AccessRequire = (route: Route, request: FastifyRequest, orgId: number) => Promise<void>;

/** In order: 401, 429, the request's origin, its org, scope, role and kind of credential. The body has not been read yet. */
async function callerAdmit(
  principalResolve: ReturnType<typeof principalResolverCreate>,
  limiter: RateLimiter,
  publicOrigin: string,
  clock: ApiDeps['clock'],
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const route = request.routeOptions.config.route;
  // The routes of the API's documents check their caller themselves.
  if (route === undefined) return;
  const principal = await principalResolve(request);
  const verdict =
    principal instanceof Error
      ? await limiter.countFailure(request)
      : await limiter.countRequest(request, callerKey(principal));
  reply.headers(verdict.headers);
  if (principal instanceof Error) throw verdict.refusal ?? principal;
  if (verdict.refusal !== null) throw verdict.refusal;
  const ofUser = await limiter.countUser(request, principal.userId);
  if (ofUser.refusal !== null) {
    reply.headers(ofUser.headers);
    throw ofUser.refusal;
  }
  if (principal.sessionId !== null) sameOriginRequire(request, publicOrigin);
  request.principal = principal;
  const orgs = orgsResolve(principal, route.org, orgsNamed(route, request));
  const [only, ...more] = orgs;
  if (only !== undefined && more.length === 0) reply.header('x-dollarbox-org', only.slug);
  const rule = ruleOf(route.action);
  scopeRequire(principal.scope, rule.scope);
  if (rule.scope === 'write')
    for (const org of orgs) activeRequire(org.isSuspended, request.method);
  request.orgs = orgsPermitted(orgs, rule.role);
  credentialRequire(principal, rule.credential, () => proofIsFresh(principal, clock.now()));
}

/** Each token and each session has its own limit. */
function callerKey({ tokenId, sessionId }: Principal): string {
  return tokenId === null ? `session-${sessionId}` : `token-${tokenId}`;
}

/** The slugs by which a request names its org: in the path, or in the header and the query parameter. */
function orgsNamed(route: Route, request: FastifyRequest): string[] {
  if (route.org === 'path') return [(request.params as Record<string, string>)['slug'] ?? ''];
  const query = (request.query as Record<string, string | string[] | undefined>)['org'];
  const header = request.headers['x-dollarbox-org'];
  return [header, query].flat().filter((slug) => slug !== undefined);
}

function routeRegister(
  app: FastifyInstance,
  deps: ApiDeps,
  route: Route,
  waits: Waits,
  accessRequire: AccessRequire,
): void {
  const validate = requestValidatorCreate(route, deps);
  app.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { route },
    async handler(request, reply) {
      const { body, query } = validate(request);
      const call: Call = {
        action: route.action,
        principal: request.principal ?? fail('a handler without a principal'),
        orgs: request.orgs,
        params: request.params as Record<string, string>,
        body,
        query,
        requestId: request.id,
        request,
      };
      const made = await route.handle(call, deps);
      const answer = await waits.answer(route, call, reply, made, (orgId) =>
        accessRequire(route, request, orgId),
      );
      if (answer.status === 201) {
        reply.header(
          'location',
          locationOf(`${deps.config.publicUrl}${app.prefix}`, route, answer),
        );
      }
      return answerOrNotModified(request, reply, answer);
    },
  });
}

/** The path of a new object: below the path of the POST, by its key. */
function locationOf(base: string, route: Route, { body }: Answer): string {
  const { id, slug } = body as { id?: number; slug?: string };
  return `${base}${route.path}${id ?? slug ?? fail('a new object without a key')}/`;
}

function answerOrNotModified(
  request: FastifyRequest,
  reply: FastifyReply,
  answer: Answer,
): FastifyReply {
  if (answer.version !== undefined) {
    reply.header('etag', etagFormat(answer.version));
    if (requestIsRead(request) && ifNoneMatch(request.headers['if-none-match'], answer.version)) {
      return answerSend(reply, { ...answer, status: 304, body: undefined });
    }
  }
  return answerSend(reply, answer);
}

function fail(message: string): never {
  throw new Error(message);
}
