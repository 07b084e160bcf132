/**
 * The path and query of a request's target. A client may send the whole URL, as it does to a proxy.
 * Source: RFC 9112, section 3.2.2.
 */
export function targetPath(target: string): string {
  if (target.startsWith('/')) return target;
  const [, path] = /^https?:\/\/[^/?#]*(.*)$/is.exec(target) ?? [];
  if (path === undefined) return target;
  return path.startsWith('/') ? path : `/${path}`;
}

/**
 * The path of a URL as the router reads it: decoded, except for `%2F`. Parts that can't be decoded are kept as they
 * are.
 */
export function pathDecoded(url: string): string {
  const path = url.split(/[?#]/)[0] ?? '';
  if (!path.includes('%')) return path;
  try {
    return decodeURI(path);
  } catch {
    return path;
  }
}

/** How often a client may have encoded a path, one time over the other. */
const DECODED_TIMES = 3;

/**
 * Whether a path refers to the API, in any spelling: `//api/`, `/%61pi/`, `/x/../API/`, `/%2561pi/`, `/api;x/`. If no
 * route matches such a path, the reply is an error in JSON, never a page, because a program sent the request. So did
 * whoever sent something that is no path: `*`, or a URL of another protocol.
 */
export function isApiPath(path: string): boolean {
  if (!path.startsWith('/')) return true;
  let decoded = path;
  for (let times = 0; times < DECODED_TIMES; times += 1) decoded = pathDecoded(decoded);
  const segments: string[] = [];
  for (const part of decoded.split(/%2f|[/\\]/i)) {
    const segment = part.split(';')[0] ?? '';
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments[0]?.trim().toLowerCase() === 'api';
}
