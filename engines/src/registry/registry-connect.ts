/** One request to one host, directly or through the operator's proxy. */
import { lookup as dnsLookup } from 'node:dns';
import { once } from 'node:events';
import { readFile, readdir } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction, Socket } from 'node:net';
import { connect as tlsConnect, createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { proxyFor } from './proxy.ts';
import type { ProxyEnvironment } from './proxy.ts';
import { PullError } from './pull-error.ts';
import { isAllowedRegistry, isForbiddenAddress } from './registry-guard.ts';

export interface RegistryAccess {
  /** `host[:port]` entries that are allowed at special addresses. */
  trusted: readonly string[];
  /** Whether a registry, `host[:port]`, may be used without a valid certificate. */
  isInsecure(registry: string): boolean;
  /** Where `HTTPS_PROXY` and related variables are read; default: no proxies. */
  proxyEnvironment?: ProxyEnvironment;
  /** How names are resolved; for tests. */
  lookup?: LookupFunction;
  /** The longest that connecting may take; default 8 s. */
  connectTimeoutMs?: number;
}

export interface RegistryReply {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Must be read to its end or destroyed. */
  body: http.IncomingMessage;
  /** The final URL, after redirects. */
  url: URL;
}

const CONNECT_TIMEOUT_MS = 8000;
const IDLE_TIMEOUT_MS = 60_000;
const CERTIFICATES_FOLDER = '/etc/docker/certs.d';

function forbidden(url: URL): PullError {
  return new PullError(
    'image_rejected',
    `The registry leads to "${url.host}", a local or private address. ` +
      'The operator can allow it in ALLOWED_REGISTRIES.',
  );
}

/**
 * A name that has a forbidden address. It has the code of a name that does not exist, so that both are reported alike: a
 * tenant must not learn which names there are in the operator's network.
 */
class ForbiddenNameError extends Error {
  readonly code = 'ENOTFOUND';
}

/** A resolver that rejects a name altogether if one of its addresses is forbidden. */
function guardedLookup(resolve: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const entries = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const [first] = entries;
      if (first === undefined || entries.some(({ address }) => isForbiddenAddress(address))) {
        return callback(new ForbiddenNameError('the name has a forbidden address'), '', 0);
      }
      if (options.all) callback(null, entries);
      else callback(null, first.address, first.family);
    });
  };
}

/** Authorities that Docker is configured to trust for this registry, in addition to the system's. */
async function readAuthorities(registry: string): Promise<string[]> {
  const folder = `${CERTIFICATES_FOLDER}/${registry}`;
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.crt'));
  return Promise.all(files.map((name) => readFile(`${folder}/${name}`, 'utf8')));
}

/** Loading a few hundred certificates is slow, so the context that fits almost all registries is cached. */
let usualContext: SecureContext | undefined;

async function secureContextFor(registry: string): Promise<SecureContext> {
  const authorities = await readAuthorities(registry);
  const known = [...getCACertificates('default'), ...getCACertificates('system')];
  if (authorities.length > 0) return createSecureContext({ ca: [...known, ...authorities] });
  usualContext ??= createSecureContext({ ca: known });
  return usualContext;
}

/** Whether the operator allowed this address, with its port or, for the protocol's default port, without one. */
function isTrustedUrl(url: URL, trusted: readonly string[]): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return (
    isAllowedRegistry(url.host, trusted) || isAllowedRegistry(`${url.hostname}:${port}`, trusted)
  );
}

function bareHost(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1');
}

/** @throws Error `ETIMEDOUT` through the request if no connection is established in time. */
function connectTimeoutSet(request: http.ClientRequest, isTls: boolean, timeoutMs: number): void {
  const timer = setTimeout(() => {
    const error: NodeJS.ErrnoException = new Error('the connection took too long');
    error.code = 'ETIMEDOUT';
    request.destroy(error);
  }, timeoutMs);
  const clear = () => clearTimeout(timer);
  request.once('close', clear);
  request.once('response', clear);
  request.once('socket', (socket) => socket.once(isTls ? 'secureConnect' : 'connect', clear));
}

function proxyAuthorization(proxy: URL): Record<string, string> {
  if (proxy.username === '') return {};
  const pair = `${decodeURIComponent(proxy.username)}:${decodeURIComponent(proxy.password)}`;
  return { 'Proxy-Authorization': `Basic ${Buffer.from(pair).toString('base64')}` };
}

/** A connection to `url`'s host through the proxy. @throws Error if the proxy refuses. */
async function tunnelOpen(
  url: URL,
  proxy: URL,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<Socket> {
  const target = `${url.hostname}:${url.port || '443'}`;
  const request = (proxy.protocol === 'https:' ? https : http).request(proxy, {
    method: 'CONNECT',
    path: target,
    headers: { Host: target, ...proxyAuthorization(proxy) },
    agent: false,
    signal,
  });
  connectTimeoutSet(request, proxy.protocol === 'https:', timeoutMs);
  request.end();
  const [reply, socket] = await Promise.race([
    once(request, 'connect') as Promise<[http.IncomingMessage, Socket]>,
    (once(request, 'response') as Promise<[http.IncomingMessage]>).then(([refusal]) => {
      refusal.destroy();
      throw new Error(`the proxy answered ${refusal.statusCode}`);
    }),
  ]);
  if (reply.statusCode === 200) return socket;
  socket.destroy();
  throw new Error(`the proxy answered ${reply.statusCode}`);
}

/**
 * The proxy makes the connection, so the address is checked beforehand. A name that only the proxy can resolve is
 * accepted: the operator must restrict at the proxy where it may lead.
 */
async function proxiedHostCheck(
  url: URL,
  resolve: LookupFunction,
  signal: AbortSignal,
): Promise<void> {
  if (isIP(bareHost(url)) !== 0) return;
  signal.throwIfAborted();
  const { promise, resolve: done, reject } = Promise.withResolvers<void>();
  const stop = () => reject(signal.reason as Error);
  signal.addEventListener('abort', stop, { once: true });
  guardedLookup(resolve)(bareHost(url), { all: true }, (error) => {
    if (error instanceof ForbiddenNameError) reject(error);
    else done();
  });
  return promise.finally(() => signal.removeEventListener('abort', stop));
}

export type RegistryMethod = 'GET' | 'HEAD';

/**
 * One request for one URL. Redirects are returned like any other reply.
 * @throws PullError `image_rejected` for a literal address that is forbidden; Error `ENOTFOUND` for a name that has one;
 *   otherwise Node's own errors.
 */
export async function registryRequest(
  url: URL,
  { method, headers }: { method: RegistryMethod; headers: Record<string, string> },
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<RegistryReply> {
  const isTrusted = isTrustedUrl(url, access.trusted);
  const isTls = url.protocol === 'https:';
  const host = bareHost(url);
  // A literal address is connected to without a look-up.
  if (!isTrusted && isIP(host) !== 0 && isForbiddenAddress(host)) throw forbidden(url);
  const resolve = access.lookup ?? dnsLookup;
  const timeoutMs = access.connectTimeoutMs ?? CONNECT_TIMEOUT_MS;
  const proxy = proxyFor(url, access.proxyEnvironment ?? {});
  const options: https.RequestOptions & { secureContext?: SecureContext } = {
    method,
    headers: { 'User-Agent': 'dollarbox', ...headers },
    signal,
    agent: false,
    lookup: isTrusted ? resolve : guardedLookup(resolve),
    timeout: IDLE_TIMEOUT_MS,
  };
  if (isTls) {
    options.secureContext = await secureContextFor(url.host);
    options.rejectUnauthorized = !access.isInsecure(url.host);
  }
  let target = url;
  if (proxy !== null) {
    if (!isTrusted) await proxiedHostCheck(url, resolve, signal);
    if (isTls) {
      const socket = await tunnelOpen(url, proxy, timeoutMs, signal);
      const { secureContext, rejectUnauthorized } = options;
      const servername = isIP(host) === 0 ? { servername: host } : {};
      options.createConnection = () =>
        tlsConnect({ socket, secureContext, rejectUnauthorized, host, ...servername });
    } else {
      target = proxy;
      options.path = url.href;
      options.headers = { ...options.headers, Host: url.host, ...proxyAuthorization(proxy) };
      delete options.lookup;
    }
  }
  const { promise, resolve: done, reject } = Promise.withResolvers<RegistryReply>();
  const request = (target.protocol === 'https:' ? https : http).request(target, options);
  connectTimeoutSet(request, isTls, timeoutMs);
  request.once('response', (body) =>
    done({ status: body.statusCode ?? 0, headers: body.headers, body, url }),
  );
  request.once('timeout', () => request.destroy(new Error('the registry stopped sending')));
  request.on('error', reject);
  request.end();
  return promise;
}
