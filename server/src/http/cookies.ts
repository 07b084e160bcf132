/** How a cookie of ours is set. All are `HttpOnly` and `SameSite=Lax`, for the whole site. */
interface CookieOptions {
  /** Seconds; 0 removes it. */
  maxAge: number;
  /** With a name that starts with `__Host-`: the browser then holds the cookie to this very host. */
  isSecure: boolean;
}

/** The `Set-Cookie` line (RFC 6265bis). `value` is base62 or empty. */
export function cookieFormat(name: string, value: string, options: CookieOptions): string {
  const secure = options.isSecure ? '; Secure' : '';
  return `${name}=${value}; Path=/; Max-Age=${options.maxAge}; HttpOnly; SameSite=Lax${secure}`;
}

/**
 * The value of a cookie in a `Cookie` header.
 * @returns null when it is absent, and when it is there more than once: another site of the same domain may have set
 * the other one.
 */
export function cookieRead(header: string | undefined, name: string): string | null {
  if (header === undefined) return null;
  let found: string | null = null;
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals < 0 || pair.slice(0, equals).trim() !== name) continue;
    if (found !== null) return null;
    found = pair.slice(equals + 1).trim();
  }
  return found;
}
