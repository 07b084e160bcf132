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

/** The headers of every reply: of what is no page, and never to be kept by anyone in between. */
export function securityHeadersMake(config: Pick<Config, 'publicUrl'>): Record<string, string> {
  const isHttps = config.publicUrl.startsWith('https:');
  return {
    'content-security-policy': API_POLICY,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    ...(isHttps ? { 'strict-transport-security': `max-age=${YEAR_SECONDS}` } : {}),
  };
}

/** The headers of a page, in place of those above. */
export const PAGE_HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': PAGE_POLICY,
  'cache-control': 'no-cache',
};
