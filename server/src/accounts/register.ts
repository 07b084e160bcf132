import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ApiDeps } from '../http/deps.ts';
import { ApiError } from '../base/errors.ts';
import { bodyParserRegister } from '../http/body.ts';
import { errorAnswer } from '../http/error-handler.ts';
import { type RateLimiter, anonymousAdmit } from '../http/rate-limit.ts';
import { requestValidatorCreate } from '../http/request-validator.ts';
import { answerSend } from '../http/route.ts';
import { sameOriginRequire } from '../http/same-origin.ts';
import { type AccountRoute, proofRequire } from './account-route.ts';
import { sessionAdmit } from '../http/session-admit.ts';
import type { SessionRecord } from '../sessions/session-store.ts';

declare module 'fastify' {
  interface FastifyRequest {
    session: SessionRecord | null;
  }
  interface FastifyContextConfig {
    accountRoute?: AccountRoute;
  }
}

/** Registers the routes of `/api/account`: no token opens them, and all are behind the same checks in the same order. */
export async function accountRegister(
  app: FastifyInstance,
  deps: ApiDeps,
  limiter: RateLimiter,
  routes: readonly AccountRoute[],
): Promise<void> {
  app.decorateRequest('session', null);
  bodyParserRegister(app);
  app.setErrorHandler(errorAnswer);
  const { origin } = new URL(deps.config.publicUrl);
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.config.accountRoute;
    await visitorAdmit(deps, limiter, route, request, reply);
    if (route?.access !== 'client') sameOriginRequire(request, origin);
    if (route?.access === 'session' && request.session !== null) {
      proofRequire(route.proof ?? 'never', request.session, deps.clock.now());
    }
  });
  for (const route of routes) routeRegister(app, deps, route);
}

/** 401 → 429, and 403 for a request with a token. */
async function visitorAdmit(
  deps: ApiDeps,
  limiter: RateLimiter,
  route: AccountRoute | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<void> {
  if (request.headers.authorization !== undefined) {
    await anonymousAdmit(limiter, request, reply);
    throw new ApiError(
      'permission_denied',
      'Account settings are for people who are signed in to the panel: no token opens them.',
    );
  }
  if (route?.access !== 'session') return anonymousAdmit(limiter, request, reply);
  request.session = await sessionAdmit(deps, limiter, request, reply);
}

function routeRegister(app: FastifyInstance, deps: ApiDeps, route: AccountRoute): void {
  const validate = requestValidatorCreate(route, deps);
  app.route({
    method: route.method,
    url: route.path.replaceAll(/\{(\w+)\}/g, ':$1'),
    config: { accountRoute: route },
    async handler(request, reply) {
      const { body } = validate(request);
      const params = request.params as Record<string, string>;
      const call = { params, body, requestId: request.id, request };
      if (route.access !== 'session') return answerSend(reply, await route.handle(call, deps));
      if (request.session === null) throw new Error('a handler without a session');
      const proof = route.proof ?? 'never';
      const answer = await route.handle({ ...call, session: request.session, proof }, deps);
      return answerSend(reply, answer);
    },
  });
}
