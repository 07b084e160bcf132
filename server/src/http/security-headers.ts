import type { FastifyRequest } from 'fastify';
import type { Config } from '../config.ts';

const YEAR_SECONDS = 31_536_000;

/** Of what is no page: nothing in it is to be run, loaded or shown in a frame. */
const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

const PAGE_POLICY = [
  "default-src 'none'",
  // Neither inline nor by eval, and nobody else's.
  "script-src 'self'",
  // Components write style elements while they run.
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

/** What goes for any reply: it is what it says it is, and nobody in between keeps it. */
const ALWAYS: Readonly<Record<string, string>> = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/**
 * Makes what tells the headers of a reply that is no page. A browser shows, runs and frames only what it asked for
 * without an Authorization header, so only there they are all sent: each costs a request of a program something.
 */
export function securityHeadersMake(
  config: Pick<Config, 'publicUrl'>,
): (request: FastifyRequest) => Readonly<Record<string, string>> {
  const isHttps = config.publicUrl.startsWith('https:');
  const all = {
    ...ALWAYS,
    'content-security-policy': API_POLICY,
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    ...(isHttps ? { 'strict-transport-security': `max-age=${YEAR_SECONDS}` } : {}),
  };
  return (request) => (request.headers.authorization === undefined ? all : ALWAYS);
}

/** The headers of a page, in place of those above. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': PAGE_POLICY,
  'cache-control': 'no-cache',
};
