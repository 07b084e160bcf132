import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../deps.ts';
import type { Membership } from '../tokens/store.ts';
import { bodyParserRegister } from './body.ts';
import { errorAnswer } from './error-handler.ts';
import { etagFormat, ifNoneMatch } from './etag.ts';
import { orgsResolve } from './org.ts';
import { roleAllows, roleRequire, scopeRequire } from './permission.ts';
import { type Principal, principalResolverMake } from './principal.ts';
import type { RateLimiter } from './rate-limit.ts';
import { requestValidatorMake } from './request-validator.ts';
import { sameOriginRequire } from './same-origin.ts';
import { type Answer, type Call, type Route, answerSend } from './route.ts';

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
  const principalResolve = principalResolverMake(deps, limiter);
  const { origin } = new URL(deps.config.publicUrl);
  app.addHook('onRequest', (request, reply) =>
    callerAdmit(principalResolve, limiter, origin, request, reply),
  );
  for (const route of routes) routeRegister(app, deps, route);
}

/** 401 → 429 → where it came from → org → scope and role. Nothing of the body has been read yet. */
async function callerAdmit(
  principalResolve: ReturnType<typeof principalResolverMake>,
  limiter: RateLimiter,
  publicOrigin: string,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  const route = request.routeOptions.config.route;
  // The documents, which look at the caller themselves.
  if (route === undefined) return;
  const principal = await principalResolve(request);
  const verdict =
    principal instanceof Error
      ? await limiter.countFailure(request)
      : await limiter.countRequest(request, callerKey(principal));
  reply.headers(verdict.headers);
  if (principal instanceof Error) throw verdict.refusal ?? principal;
  if (verdict.refusal !== null) throw verdict.refusal;
  if (principal.sessionId !== null) sameOriginRequire(request, publicOrigin);
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

/** Each token, and each session, has a limit of its own. */
function callerKey({ tokenId, sessionId }: Principal): string {
  return tokenId === null ? `session-${sessionId}` : `token-${tokenId}`;
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

function fail(message: string): never {
  throw new Error(message);
}
