import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import type { ApiDeps } from './http/deps.ts';
import { accountRegister } from './accounts/register.ts';
import { ACCOUNT_ROUTES } from './accounts/routes/routes.ts';
import { containerRoutes } from './containers/routes.ts';
import { eventRoutes } from './events/routes.ts';
import { apiRegister } from './http/api.ts';
import { BODY_LIMIT_BYTES } from './http/body.ts';
import { clientErrorsCreate } from './http/client-error.ts';
import { documentsRegister } from './http/documents.ts';
import { bodyIsVague, emptyBodyDrop } from './http/empty-body.ts';
import { errorAnswer } from './http/error-handler.ts';
import { openapiCreate } from './http/openapi.ts';
import { rateLimiterCreate } from './http/rate-limit.ts';
import { panelAnswerCreate } from './http/panel.ts';
import { databaseFaultLookupCreate } from './http/readiness.ts';
import { requestHeadRequire } from './http/request-head.ts';
import type { Route } from './http/route.ts';
import { securityHeadersCreate } from './http/security-headers.ts';
import { targetPath } from './http/target.ts';
import { methodsLookupCreate, unmatchedRefuse, urlRefuse } from './http/unmatched.ts';
import { kubectlCredentialRoutes } from './kubectl-credentials/routes.ts';
import { invitationRoutes } from './invitations/routes.ts';
import { auditRoutes } from './audit-log/routes.ts';
import { logRoutes } from './logs/routes.ts';
import { memberRoutes } from './members/routes.ts';
import { orgRoutes } from './orgs/routes.ts';
import { registryRoutes } from './registries/routes.ts';
import { volumeRoutes } from './volumes/routes.ts';
import { whoamiRoutes } from './whoami/routes.ts';
import { workloadRoutes } from './workloads/routes.ts';

/** Every route of `/api/v1`. */
export const API_ROUTES: readonly Route[] = [
  ...containerRoutes,
  ...logRoutes,
  ...volumeRoutes,
  ...eventRoutes,
  ...registryRoutes,
  ...orgRoutes,
  ...workloadRoutes,
  ...memberRoutes,
  ...invitationRoutes,
  ...kubectlCredentialRoutes,
  ...auditRoutes,
  ...whoamiRoutes,
];

const API_PREFIX = '/api/v1';
const ACCOUNT_PREFIX = '/api/account';

/** Longer than any path can be, so that its route answers an id that is far too long, as it does any other id. */
const MAX_PARAM_LENGTH = 65_536;

const CLOSE_IDLE_EVERY_MS = 50;
/** How long requests in progress have to be answered when the server stops. A connection that lasts longer is cut. */
const CLOSE_GRACE_MS = 10_000;
/** How long a client has to send a whole request. One that is never finished would delay a stop indefinitely. */
const REQUEST_TIMEOUT_MS = 60_000;

const REQUEST_ID = /^[\w.:-]{1,128}$/;

interface CloseOptions {
  /** How long to wait for requests in progress, in milliseconds; 10 s by default. */
  graceMs?: number;
  /** Aborting it ends the wait. */
  hurry?: AbortSignal;
}

export interface App {
  server: FastifyInstance;
  /** From now on `/readyz` reports that the server is not ready, and connections are closed after their reply. */
  retire(): void;
  /**
   * Accepts no more connections, and returns when the requests in progress have been answered or their connections cut.
   * A handler whose connection was cut keeps running, and its transaction ends as it would have anyway.
   */
  close(options?: CloseOptions): Promise<void>;
}

/** The whole HTTP side: every plugin and route in one place. It does not listen yet. */
export async function appCreate(deps: ApiDeps): Promise<App> {
  let isRetired = false;
  const methodsOf = methodsLookupCreate([
    { prefix: API_PREFIX, endpoints: API_ROUTES },
    { prefix: ACCOUNT_PREFIX, endpoints: ACCOUNT_ROUTES },
  ]);
  const clientErrors = clientErrorsCreate(methodsOf, deps.random);
  const securityHeadersOf = securityHeadersCreate(deps.config);
  const databaseFault = databaseFaultLookupCreate(deps.db, deps.clock);
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
    clientErrorHandler: clientErrors.answer,
    // `requestHeadRequire` refuses a request without a host, in the error envelope.
    http: { requireHostHeader: false },
    rewriteUrl: (request) => targetPath(request.url ?? '/'),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: MAX_PARAM_LENGTH },
  });
  clientErrors.watch(server.server);
  const limiter = await rateLimiterCreate(server, deps);
  const panelAnswer = panelAnswerCreate(deps.config.panelDir);

  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    reply.headers(securityHeadersOf(request));
    if (isRetired) reply.header('connection', 'close');
    requestHeadRequire(request.raw);
    if (!request.is404) return;
    if (panelAnswer(request, reply)) return reply;
    await unmatchedRefuse(request, reply, limiter, methodsOf);
  });
  server.addHook('preParsing', (request, _reply, payload, done) => {
    const go = () => done(clientErrors.refusalOf(request.raw), payload);
    // Nearly no request has to wait for that.
    if (bodyIsVague(request.raw)) void emptyBodyDrop(request.raw).then(go, done);
    else go();
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
      documentsRegister(api, deps, limiter, openapiCreate(API_ROUTES));
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
      // A connection that was busy when closing began would be kept open for its next request. The server would also
      // wait for a request that was only half sent: Node stops timing requests when a server closes.
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
