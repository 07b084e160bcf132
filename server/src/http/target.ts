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

/**
 * Whether a path refers to the API, in any spelling: `//api/`, `/%61pi/`, `/x/../API/`. If no route matches such a
 * path, the reply is an error in JSON, never a page, because a program sent the request.
 */
export function isApiPath(path: string): boolean {
  const segments: string[] = [];
  for (const segment of pathDecoded(path).split(/%2f|[/\\]/i)) {
    if (segment === '..') segments.pop();
    else if (segment !== '' && segment !== '.') segments.push(segment);
  }
  return segments[0]?.trim().toLowerCase() === 'api';
}
