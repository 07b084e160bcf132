/**
 * Selects the proxy through which a registry is reached: `HTTPS_PROXY`, `HTTP_PROXY` and `NO_PROXY` of this process,
 * read by the rules of Go programs such as Docker (golang.org/x/net/http/httpproxy). Pure.
 */
import { BlockList, isIP } from 'node:net';

export type ProxyEnvironment = Readonly<Record<string, string | undefined>>;

function environmentRead(env: ProxyEnvironment, name: string): string {
  return env[name] || env[name.toLowerCase()] || '';
}

function hostOf(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').toLowerCase();
}

function isInCidr(host: string, cidr: string): boolean {
  const [address = '', prefix = ''] = cidr.split('/');
  const family = isIP(address);
  if (family === 0 || family !== isIP(host) || !/^\d{1,3}$/.test(prefix)) return false;
  if (Number(prefix) > (family === 4 ? 32 : 128)) return false;
  const list = new BlockList();
  const type = family === 4 ? 'ipv4' : 'ipv6';
  list.addSubnet(address, Number(prefix), type);
  return list.check(host, type);
}

/** One entry of NO_PROXY: `*`, an address, a CIDR, or a domain with its subdomains, each optionally with a port. */
function isExempt(host: string, port: string, entry: string): boolean {
  if (entry === '*') return true;
  if (entry.includes('/')) return isInCidr(host, entry);
  const [, bracketed, plain, entryPort] =
    /^(?:\[(.*)\]|([^:]*|[^[\]]*:[^[\]]*:[^[\]]*))(?::(\d+))?$/.exec(entry) ?? [];
  const name = bracketed ?? plain ?? '';
  if (name === '' || (entryPort !== undefined && entryPort !== port)) return false;
  if (isIP(name) !== 0 || isIP(host) !== 0) return name === host;
  const domain = name.replace(/^\*?\./, '');
  // With a leading dot, it matches the subdomains only.
  return host.endsWith(`.${domain}`) || (domain === name && host === domain);
}

/** @returns the proxy's URL, or null if the registry is reached directly. Loopback is never proxied. */
export function proxyFor(url: URL, env: ProxyEnvironment): URL | null {
  const isHttps = url.protocol === 'https:';
  const proxy = environmentRead(env, isHttps ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (proxy === '') return null;
  const host = hostOf(url);
  const port = url.port || (isHttps ? '443' : '80');
  const loopback = isIP(host) === 6 ? host === '::1' : isIP(host) === 4 && host.startsWith('127.');
  if (host === 'localhost' || loopback) return null;
  const entries = environmentRead(env, 'NO_PROXY').toLowerCase().split(',');
  if (entries.some((entry) => isExempt(host, port, entry.trim()))) return null;
  return URL.parse(proxy.includes('://') ? proxy : `http://${proxy}`);
}
