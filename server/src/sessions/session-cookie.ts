import { hash } from 'node:crypto';
import type { Config } from '../base/config.ts';
import type { Random } from '../base/system.ts';
import { cookieFormat, cookieRead } from './cookies.ts';

/** The cookies that the server sets. */
export type CookieKind = 'session' | 'sign_in' | 'sign_up';

/** A secret for a browser, and its hash. The value is random enough for a plain hash. */
export interface BrowserSecret {
  value: string;
  hash: Buffer;
}

/** 43 characters of 62 are 256 bits. */
const SECRET = /^[0-9A-Za-z]{43}$/;

export function browserSecretCreate(random: Random): BrowserSecret {
  const value = random.base62(43);
  return { value, hash: browserSecretHash(value) };
}

export function browserSecretHash(value: string): Buffer {
  return hash('sha256', value, 'buffer');
}

/** The secret in a request's cookie; null if there is none in the right form. */
export function cookieSecretRead(
  config: Pick<Config, 'publicUrl'>,
  kind: CookieKind,
  header: string | undefined,
): string | null {
  const value = cookieRead(header, cookieName(config, kind));
  return value !== null && SECRET.test(value) ? value : null;
}

/** The `Set-Cookie` header that stores a secret. */
export function cookieSet(
  config: Pick<Config, 'publicUrl'>,
  kind: CookieKind,
  value: string,
  maxAge: number,
): string {
  return cookieFormat(cookieName(config, kind), value, { maxAge, isSecure: isHttps(config) });
}

/** The `Set-Cookie` header that removes it. */
export function cookieClear(config: Pick<Config, 'publicUrl'>, kind: CookieKind): string {
  return cookieSet(config, kind, '', 0);
}

/**
 * Over http, the port is part of the name: browsers share the cookies of a host between ports, and several
 * installations on one machine would sign each other out.
 */
function cookieName(config: Pick<Config, 'publicUrl'>, kind: CookieKind): string {
  if (isHttps(config)) return `__Host-dollarbox_${kind}`;
  return `dollarbox_${kind}_${new URL(config.publicUrl).port || '80'}`;
}

function isHttps(config: Pick<Config, 'publicUrl'>): boolean {
  return config.publicUrl.startsWith('https:');
}
