import { hash } from 'node:crypto';
import type { Config } from '../config.ts';
import type { Random } from '../deps.ts';
import { cookieFormat, cookieRead } from '../http/cookies.ts';

/** What a browser holds for us. */
export type CookieKind = 'session' | 'sign_in' | 'sign_up';

/** A secret for a browser, and what is kept of it: of a value this random, a plain hash tells nothing. */
export interface BrowserSecret {
  value: string;
  hash: Buffer;
}

/** 43 letters of 62 are 256 bits. */
const SECRET = /^[0-9A-Za-z]{43}$/;

export function browserSecretMake(random: Random): BrowserSecret {
  const value = random.base62(43);
  return { value, hash: browserSecretHash(value) };
}

export function browserSecretHash(value: string): Buffer {
  return hash('sha256', value, 'buffer');
}

/** The secret that a request's cookie holds; null when there is none that could be one. */
export function cookieSecretRead(
  config: Pick<Config, 'publicUrl'>,
  kind: CookieKind,
  header: string | undefined,
): string | null {
  const value = cookieRead(header, cookieName(config, kind));
  return value !== null && SECRET.test(value) ? value : null;
}

/** The `Set-Cookie` line that gives a browser a secret. */
export function cookieSet(
  config: Pick<Config, 'publicUrl'>,
  kind: CookieKind,
  value: string,
  maxAge: number,
): string {
  return cookieFormat(cookieName(config, kind), value, { maxAge, isSecure: isHttps(config) });
}

/** The `Set-Cookie` line that takes it away. */
export function cookieClear(config: Pick<Config, 'publicUrl'>, kind: CookieKind): string {
  return cookieSet(config, kind, '', 0);
}

/**
 * In clear, the port is part of the name: browsers keep the cookies of a host together, whatever the port, and
 * several installations on one machine would sign each other out.
 */
function cookieName(config: Pick<Config, 'publicUrl'>, kind: CookieKind): string {
  if (isHttps(config)) return `__Host-dollarbox_${kind}`;
  return `dollarbox_${kind}_${new URL(config.publicUrl).port || '80'}`;
}

function isHttps(config: Pick<Config, 'publicUrl'>): boolean {
  return config.publicUrl.startsWith('https:');
}
