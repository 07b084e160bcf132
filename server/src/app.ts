import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { ApiDeps } from './deps.ts';
import { accountRegister } from './accounts/register.ts';
import { ACCOUNT_ROUTES } from './accounts/routes.ts';
import { containerRoutes } from './containers/routes.ts';
import { apiRegister } from './http/api.ts';
import { BODY_LIMIT_BYTES } from './http/body.ts';
import { clientErrorAnswer } from './http/client-error.ts';
import { documentsRegister } from './http/documents.ts';
import { errorAnswer } from './http/error-handler.ts';
import { openapiMake } from './http/openapi.ts';
import { rateLimiterCreate } from './http/rate-limit.ts';
import { panelAnswerMake } from './http/panel.ts';
import { databaseFaultLookupMake } from './http/readiness.ts';
import type { Route } from './http/route.ts';
import { securityHeadersMake } from './http/security-headers.ts';
import { methodsLookupMake, unmatchedRefuse, urlRefuse } from './http/unmatched.ts';
import { orgRoutes } from './orgs/routes.ts';
import { volumeRoutes } from './volumes/routes.ts';

/** Every route of `/api/v1`. */
export const API_ROUTES: readonly Route[] = [...containerRoutes, ...volumeRoutes, ...orgRoutes];

const API_PREFIX = '/api/v1';
const ACCOUNT_PREFIX = '/api/account';

/** Longer than any path can be: an id too long to be one is answered by its route, like any other. */
const MAX_PARAM_LENGTH = 65_536;

const CLOSE_IDLE_EVERY_MS = 50;
/** For what is in flight to be answered when the server stops; a connection that lasts longer is cut. */
const CLOSE_GRACE_MS = 10_000;
/** For a request to be sent whole: one that is never finished would hold up a stop for ever. */
const REQUEST_TIMEOUT_MS = 60_000;

const REQUEST_ID = /^[\w.:-]{1,128}$/;

interface CloseOptions {
  /** How long what is in flight is waited for, in milliseconds; 10 s if not given. */
  graceMs?: number;
  /** When aborted, nothing is waited for any longer. */
  hurry?: AbortSignal;
}

export interface App {
  server: FastifyInstance;
  /** From now on `/readyz` says no, and connections are closed after their reply. */
  retire(): void;
  /**
   * Takes no more connections, and returns when what is in flight has been answered, or its connections were cut.
   * A handler whose connection was cut goes on, and its transaction ends as it would have.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** The whole HTTP side: every plugin and route, in view. Listens nowhere yet. */
export async function buildApp(deps: ApiDeps): Promise<App> {
  let isRetired = false;
  const methodsOf = methodsLookupMake([
    { prefix: API_PREFIX, endpoints: API_ROUTES },
    { prefix: ACCOUNT_PREFIX, endpoints: ACCOUNT_ROUTES },
  ]);
  const securityHeadersOf = securityHeadersMake(deps.config);
  const databaseFault = databaseFaultLookupMake(deps.db, deps.clock);
  const server = Fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    requestTimeout: REQUEST_TIMEOUT_MS,
    return503OnClosing: false,
    trustProxy: deps.config.trustedProxies.length > 0 ? [...deps.config.trustedProxies] : false,
    requestIdHeader: false,
    genReqId(request) {
      const sent = request.headers['x-request-id'];
      return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : deps.random.uuid();
    },
    frameworkErrors: (error, request, reply) =>
      void urlRefuse(error, request, reply.headers(securityHeadersOf(request)), limiter),
    clientErrorHandler: (error, socket) => clientErrorAnswer(error, socket, methodsOf, deps.random),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM_LENGTH },
  });
  const limiter = await rateLimiterCreate(server, deps);
  const panelAnswer = panelAnswerMake(deps.config.panelDir);

  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.headers(securityHeadersOf(request));
    if (isRetired) reply.header('connection', 'close');
    if (!request.is404) return;
    if (panelAnswer(request, reply)) return reply;
    await unmatchedRefuse(request, reply, limiter, methodsOf);
  });
  server.addHook('onResponse', async (request, reply) => {
    const { route, accountRoute } = request.routeOptions.config;
    const operation = (route ?? accountRoute)?.operationId ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    deps.metrics.requestDuration.observe({ operation, status: reply.statusCode }, seconds);
    request.log.debug(
      { operation, method: request.method, status: reply.statusCode, ms: reply.elapsedTime },
      'request',
    );
  });
  server.setErrorHandler(errorAnswer);

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const reason = isRetired ? 'stopping' : await databaseFault();
    if (reason !== null) reply.code(503).header('retry-after', '2');
    return reason === null ? { status: 'ready' } : { status: 'unavailable', reason };
  });
  await server.register(
    async (api) => {
      await apiRegister(api, deps, limiter, API_ROUTES);
      documentsRegister(api, deps, limiter, openapiMake(API_ROUTES));
    },
    { prefix: API_PREFIX },
  );
  await server.register((account) => accountRegister(account, deps, limiter, ACCOUNT_ROUTES), {
    prefix: ACCOUNT_PREFIX,
  });
  await server.ready();

  return {
    server,
    retire() {
      isRetired = true;
    },
    async close({ graceMs = CLOSE_GRACE_MS, hurry } = {}) {
      isRetired = true;
      let isOver = false;
      const grace = setTimeout(() => (isOver = true), graceMs);
      // A connection that was busy when the closing began would be kept open for its next request. And a
      // request of which half was sent would be waited for: Node stops timing requests when a server closes.
      const timer = setInterval(() => {
        if (isOver || hurry?.aborted === true) server.server.closeAllConnections();
        else server.server.closeIdleConnections();
      }, CLOSE_IDLE_EVERY_MS);
      try {
        await server.close();
      } finally {
        clearInterval(timer);
        clearTimeout(grace);
      }
    },
  };
}
