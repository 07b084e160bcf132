import type { FastifyRequest } from 'fastify';
import { ApiError } from '../base/errors.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD']);

/**
 * Requires proof that a page of our own sent an unsafe request: any site can send requests that carry a cookie.
 * Browsers send `Sec-Fetch-Site` on secure connections and `Origin` on all. At least one must be present, and each that
 * is present must indicate the same origin.
 * @param publicOrigin of `PUBLIC_URL`. The host that was called is accepted too, since pages are loaded from there.
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
    `This request came from ${origin ?? 'another site'}, and not from a page at ${publicOrigin}: open the panel there, or use an API token. The operator sets that address with PUBLIC_URL.`,
  );
}

/**
 * Whether an origin is the host that was called, with the scheme that people use: an `http:` origin never counts if the
 * public URL is https.
 */
function isOriginOf(origin: string, host: string | undefined, publicOrigin: string): boolean {
  if (!URL.canParse(origin)) return false;
  const url = new URL(origin);
  return url.host === host && url.protocol === new URL(publicOrigin).protocol;
}
