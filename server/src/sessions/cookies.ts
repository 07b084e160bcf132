/** The attributes of a cookie. All are `HttpOnly` and `SameSite=Lax`, for the whole site. */
interface CookieOptions {
  /** Seconds; 0 removes it. */
  maxAge: number;
  /** Give the cookie a name that starts with `__Host-`: the browser then restricts it to exactly this host. */
  isSecure: boolean;
}

/** The `Set-Cookie` line (RFC 6265bis). `value` is base62 or empty. */
export function cookieFormat(name: string, value: string, options: CookieOptions): string {
  const secure = options.isSecure ? '; Secure' : '';
  return `${name}=${value}; Path=/; Max-Age=${options.maxAge}; HttpOnly; SameSite=Lax${secure}`;
}

/**
 * The value of a cookie in a `Cookie` header.
 * @returns null if it is absent, or present more than once: another site of the same domain may have set the other one.
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
