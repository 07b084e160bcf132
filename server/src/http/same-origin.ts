import type { FastifyRequest } from 'fastify';
import { ApiError } from '../errors.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD']);

/**
 * Asks for proof that a page of our own sent an unsafe request: what a cookie rides on could have been sent by any
 * site. Browsers send `Sec-Fetch-Site` where the connection is safe and `Origin` everywhere; each that is there must
 * say that it is the same origin, and one must be there.
 * @param publicOrigin of `PUBLIC_URL`; beside it the host that was called counts, as pages are loaded from there.
 * @throws ApiError 403
 */
export function sameOriginRequire(request: FastifyRequest, publicOrigin: string): void {
  if (SAFE_METHODS.has(request.method)) return;
  const { origin, 'sec-fetch-site': site } = request.headers;
  const isSiteOurs = site === undefined || site === 'same-origin';
  const isOriginOurs =
    origin === undefined ||
    origin === publicOrigin ||
    isOriginOf(origin, request.headers.host, publicOrigin);
  if (isSiteOurs && isOriginOurs && (site !== undefined || origin !== undefined)) return;
  throw new ApiError(
    'permission_denied',
    'This request did not come from a page of this site: send it from the panel, or use an API token.',
  );
}

/** Whether an origin is the host that was called, by the scheme that people come by: nobody's in clear beside https. */
function isOriginOf(origin: string, host: string | undefined, publicOrigin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.host === host && url.protocol === new URL(publicOrigin).protocol;
}
