import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { sessionAdmit } from './session-admit.ts';
import type { ApiDeps } from './deps.ts';
import { ApiError, authenticationFailed } from '../base/errors.ts';
import type { JsonObject } from './openapi-schemas.ts';
import { type RateLimiter, anonymousAdmit } from './rate-limit.ts';
import { readerDocumentCreate } from './reader-document.ts';
import { readerScriptLoad } from './reader-script.ts';
import { PAGE_HEADERS } from './security-headers.ts';

/** The path of the reader, for links within it and back to it. */
const READER_PATH = '/api/v1/docs/';
const SIGN_IN = `/sign-in?next=${encodeURIComponent(READER_PATH)}`;

const PAGE = `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>DollarBox API</title>
<style>
#loading { padding: 1rem; font: 1rem system-ui, sans-serif; }
#reader:not(:empty) + #loading { display: none; }
</style>
</head>
<body>
<p style="margin:0;padding:.5rem 1rem;font:500 .875rem system-ui,sans-serif"><a href="/">← Back to the panel</a></p>
<div id="reader"></div>
<p role="status" id="loading">Loading the API reference …</p>
<script src="${READER_PATH}reader.js" defer></script>
<script src="${READER_PATH}start.js" defer></script>
</body>
</html>
`;

/** The settings of the reader: it loads nothing from other sites and sends nothing to them. */
const START = `Scalar.createApiReference('#reader', {
  url: '${READER_PATH}schema.json',
  withDefaultFonts: false,
  telemetry: false,
  hideClientButton: true,
  showDeveloperTools: 'never',
  mcp: { disabled: true },
  agent: { disabled: true },
});
`;

/**
 * `/schema/` and `/docs/` below the API: the OpenAPI document and its reader, for people who are signed in to the
 * panel. A token gives access to neither.
 */
export function documentsRegister(
  api: FastifyInstance,
  deps: ApiDeps,
  limiter: RateLimiter,
  document: JsonObject,
): void {
  const text = JSON.stringify(document);
  const readerText = JSON.stringify(readerDocumentCreate(document, deps.config.publicUrl));

  /** Whether the request is from a signed-in person. @throws ApiError 429 past the limit. */
  async function isSignedIn(request: FastifyRequest, reply: FastifyReply): Promise<boolean> {
    if (request.headers.authorization !== undefined) {
      await anonymousAdmit(limiter, request, reply);
      return false;
    }
    try {
      await sessionAdmit(deps, limiter, request, reply);
      return true;
    } catch (error) {
      if (error instanceof ApiError && error.code === 'authentication_failed') return false;
      throw error;
    }
  }

  /** @throws ApiError 401 unless the request is from a signed-in person, 429 past the limit. */
  async function signedInRequire(request: FastifyRequest, reply: FastifyReply): Promise<void> {
    if (await isSignedIn(request, reply)) return;
    throw authenticationFailed('The API schema is for people who are signed in to the panel.');
  }

  for (const [path, shown] of [
    ['/schema/', text],
    ['/docs/schema.json', readerText],
  ] as const) {
    api.get(path, async (request, reply) => {
      await signedInRequire(request, reply);
      return reply.type('application/json; charset=utf-8').send(shown);
    });
  }

  api.get('/docs/', async (request, reply) => {
    if (await isSignedIn(request, reply)) return reply.headers(PAGE_HEADERS).send(PAGE);
    return reply.redirect(SIGN_IN, 302);
  });

  api.get('/docs/start.js', async (request, reply) => {
    await signedInRequire(request, reply);
    return scriptSend(reply, START);
  });

  api.get('/docs/reader.js', async (request, reply) => {
    await signedInRequire(request, reply);
    const script = await readerScriptLoad();
    const takesPacked = /\bgzip\b/.test(String(request.headers['accept-encoding'] ?? ''));
    if (takesPacked) return scriptSend(reply.header('content-encoding', 'gzip'), script.packed);
    return scriptSend(reply, script.bytes);
  });
}

function scriptSend(reply: FastifyReply, script: string | Buffer): FastifyReply {
  return reply
    .headers({ 'cache-control': 'private, max-age=3600', vary: 'accept-encoding' })
    .type('text/javascript; charset=utf-8')
    .send(script);
}
