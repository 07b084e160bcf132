import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type HTTPMethods,
  LogController,
} from 'fastify';
import { databaseIsCurrent } from './db/migrate.ts';
import type { ApiDeps } from './deps.ts';
import { containerRoutes } from './containers/routes.ts';
import { notFound } from './errors.ts';
import { apiRegister, methodNotAllowed } from './http/api.ts';
import { BODY_LIMIT_BYTES } from './http/body.ts';
import { clientErrorAnswer } from './http/client-error.ts';
import { errorAnswer, errorSend } from './http/error-handler.ts';
import type { Route } from './http/route.ts';
import { orgRoutes } from './orgs/routes.ts';

/** Every route of `/api/v1`. */
export const API_ROUTES: readonly Route[] = [...containerRoutes, ...orgRoutes];

const REQUEST_ID = /^[\w.:-]{1,128}$/;

export interface App {
  server: FastifyInstance;
  /** From now on `/readyz` says no. */
  retire(): void;
}

/** The whole HTTP side: every plugin and route, in view. Listens nowhere yet. */
export async function buildApp(deps: ApiDeps): Promise<App> {
  let isRetired = false;
  const server = Fastify({
    loggerInstance: deps.log as FastifyBaseLogger,
    logController: new LogController({ disableRequestLogging: true }),
    bodyLimit: BODY_LIMIT_BYTES,
    return503OnClosing: false,
    trustProxy: deps.config.trustedProxies.length > 0 ? [...deps.config.trustedProxies] : false,
    requestIdHeader: false,
    genReqId(request) {
      const sent = request.headers['x-request-id'];
      return typeof sent === 'string' && REQUEST_ID.test(sent) ? sent : deps.random.uuid();
    },
    frameworkErrors: errorAnswer,
    clientErrorHandler: (error, socket) =>
      clientErrorAnswer(error, socket, methodsAllowed, deps.random),
    routerOptions: { ignoreTrailingSlash: true, maxParamLength: 200 },
  });

  server.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  server.addHook('onResponse', async (request, reply) => {
    const operation = request.routeOptions.config.route?.operationId ?? 'none';
    const seconds = reply.elapsedTime / 1000;
    deps.metrics.requestDuration.observe({ operation, status: reply.statusCode }, seconds);
    request.log.debug(
      { operation, method: request.method, status: reply.statusCode, ms: reply.elapsedTime },
      'request',
    );
  });
  server.setErrorHandler(errorAnswer);
  server.setNotFoundHandler((request, reply) => {
    const allowed = methodsAllowed(request.url);
    errorSend(reply, allowed.length > 0 ? methodNotAllowed(allowed) : notFound());
  });

  server.get('/healthz', async () => ({ status: 'ok' }));
  server.get('/readyz', async (_request, reply) => {
    const reason = isRetired ? 'stopping' : await databaseFault(deps);
    if (reason !== null) reply.code(503).header('retry-after', '2');
    return reason === null ? { status: 'ready' } : { status: 'unavailable', reason };
  });
  await server.register((api) => apiRegister(api, deps, API_ROUTES), { prefix: '/api/v1' });
  await server.ready();

  return {
    server,
    retire() {
      isRetired = true;
    },
  };
}

/** The methods of the API path that a URL names; none when there is no such path. */
function methodsAllowed(url: string): HTTPMethods[] {
  const path = url.split('?')[0]?.replace(/\/?$/, '/') ?? '';
  const methods = API_ROUTES.filter((route) => pathPattern(route.path).test(path)).flatMap(
    (route): HTTPMethods[] => (route.method === 'GET' ? ['GET', 'HEAD'] : [route.method]),
  );
  return [...new Set(methods)];
}

function pathPattern(path: string): RegExp {
  return new RegExp(`^/api/v1${path.replaceAll(/\{\w+\}/g, '[^/]+')}$`);
}

async function databaseFault(deps: ApiDeps): Promise<string | null> {
  try {
    return (await databaseIsCurrent(deps.db)) ? null : 'migrations are not done';
  } catch {
    return 'the database is not reachable';
  }
}
