import type { FastifyRequest } from 'fastify';
import type { Config } from '../base/config.ts';

const YEAR_SECONDS = 31_536_000;

/** For replies that are not pages: nothing in them may be run, loaded or shown in a frame. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

const PAGE_POLICY = [
  "default-src 'none'",
  // No inline scripts, no eval, no scripts from elsewhere.
  "script-src 'self'",
  // Components create style elements at run time.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** Sent with every reply: browsers must not guess its type, and caches must not store it. */
export const ALWAYS_HEADERS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/**
 * Creates the function that returns the headers of a reply that is not a page. A browser shows, runs and frames only
 * what it requested without an Authorization header, so only such replies get all of them: each header adds a cost to a
 * program's requests.
 */
export function securityHeadersCreate(
  config: Pick<Config, 'publicUrl'>,
): (request: FastifyRequest) => Readonly<Record<string, string>> {
  const isHttps = config.publicUrl.startsWith('https:');
  const all = {
    ...ALWAYS_HEADERS,
    'content-security-policy': API_POLICY,
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    ...(isHttps ? { 'strict-transport-security': `max-age=${YEAR_SECONDS}` } : {}),
  };
  return (request) => (request.headers.authorization === undefined ? all : ALWAYS_HEADERS);
}

/** The headers of a page, instead of those above. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': PAGE_POLICY,
  'cache-control': 'no-cache',
};
