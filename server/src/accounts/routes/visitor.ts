import type { Config } from '../../base/config.ts';
import { cookieSecretRead, cookieSet } from '../../sessions/session-cookie.ts';
import type { AccountCall } from '../account-route.ts';
import type { SessionSecret, Visitor } from '../session-begin.ts';

type CookieConfig = Pick<Config, 'publicUrl'>;

/** The browser that sent a request. */
export function visitorOf({ request }: AccountCall, config: CookieConfig): Visitor {
  return {
    ipAddress: request.ip,
    userAgent: request.headers['user-agent'] ?? '',
    sessionSecret: cookieSecretRead(config, 'session', request.headers.cookie),
  };
}

/** The `Set-Cookie` line that gives the browser a session's secret. */
export function sessionCookie(
  config: CookieConfig,
  { value, maxAgeSeconds }: SessionSecret,
): string {
  return cookieSet(config, 'session', value, maxAgeSeconds);
}
