/**
 * Requests to registries that tenants named. The address that was checked is the address connected
 * to, redirects and token servers included: no name can lead elsewhere between check and use.
 */
import { lookup as dnsLookup } from 'node:dns';
import { readFile, readdir } from 'node:fs/promises';
import http from 'node:http';
import https from 'node:https';
import { isIP } from 'node:net';
import type { LookupFunction } from 'node:net';
import { createSecureContext, getCACertificates } from 'node:tls';
import type { SecureContext } from 'node:tls';
import { isAllowedRegistry, isForbiddenAddress } from '../registry-guard.ts';
import { PullError } from './pull-error.ts';

export interface RegistryAccess {
  /** `host[:port]` entries that may be at special addresses. */
  trusted: readonly string[];
  /** Whether a registry, `host[:port]`, may be spoken to without a valid certificate. */
  isInsecure(registry: string): boolean;
  /** How names are resolved; for tests. */
  lookup?: LookupFunction;
}

export interface RegistryReply {
  status: number;
  headers: http.IncomingHttpHeaders;
  /** Must be read to its end or destroyed. */
  body: http.IncomingMessage;
}

const IDLE_TIMEOUT_MS = 60_000;
const REDIRECTS_MAX = 5;
const CERTIFICATES_FOLDER = '/etc/docker/certs.d';

function forbidden(url: URL): PullError {
  return new PullError(
    'image_rejected',
    `The registry leads to "${url.host}", a local or private address. ` +
      'The operator can allow it in ALLOWED_REGISTRIES.',
  );
}

/** A resolver that knows no forbidden address: a name that has one is refused as a whole. */
function guardedLookup(url: URL, resolve: LookupFunction): LookupFunction {
  return (hostname, options, callback) => {
    resolve(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, '', 0);
      const entries = typeof found === 'string' ? [{ address: found, family: isIP(found) }] : found;
      const [first] = entries;
      if (first === undefined || entries.some(({ address }) => isForbiddenAddress(address))) {
        return callback(forbidden(url), '', 0);
      }
      if (options.all) callback(null, entries);
      else callback(null, first.address, first.family);
    });
  };
}

/** Authorities that Docker was told to trust for this registry, beside the system's. */
async function readAuthorities(registry: string): Promise<string[]> {
  const folder = `${CERTIFICATES_FOLDER}/${registry}`;
  const names = await readdir(folder).catch(() => []);
  const files = names.filter((name) => name.endsWith('.crt'));
  return Promise.all(files.map((name) => readFile(`${folder}/${name}`, 'utf8')));
}

/** Reading a few hundred certificates takes a while: what holds for almost all is kept. */
let usualContext: SecureContext | undefined;

async function secureContextFor(registry: string): Promise<SecureContext> {
  const authorities = await readAuthorities(registry);
  const known = [...getCACertificates('default'), ...getCACertificates('system')];
  if (authorities.length > 0) return createSecureContext({ ca: [...known, ...authorities] });
  usualContext ??= createSecureContext({ ca: known });
  return usualContext;
}

/** Whether the operator named this address, with its port or, where that is the usual one, without. */
function isTrustedUrl(url: URL, trusted: readonly string[]): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return (
    isAllowedRegistry(url.host, trusted) || isAllowedRegistry(`${url.hostname}:${port}`, trusted)
  );
}

async function requestOnce(
  url: URL,
  headers: Record<string, string>,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<RegistryReply> {
  const isTrusted = isTrustedUrl(url, access.trusted);
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  // A literal address is connected to without a look-up.
  if (!isTrusted && isIP(host) !== 0 && isForbiddenAddress(host)) throw forbidden(url);
  const resolve = access.lookup ?? dnsLookup;
  const options: https.RequestOptions & { secureContext?: SecureContext } = {
    headers: { 'User-Agent': 'dollarbox', ...headers },
    signal,
    agent: false,
    lookup: isTrusted ? resolve : guardedLookup(url, resolve),
    timeout: IDLE_TIMEOUT_MS,
  };
  if (url.protocol === 'https:') {
    options.secureContext = await secureContextFor(url.host);
    options.rejectUnauthorized = !access.isInsecure(url.host);
  }
  const { promise, resolve: done, reject } = Promise.withResolvers<RegistryReply>();
  const request = (url.protocol === 'https:' ? https : http).request(url, options);
  request.once('response', (body) =>
    done({ status: body.statusCode ?? 0, headers: body.headers, body }),
  );
  request.once('timeout', () => request.destroy(new Error('the registry fell silent')));
  request.on('error', reject);
  request.end();
  return promise;
}

/**
 * GET, following redirects. Credentials stay with the host they were given for.
 * @throws PullError `image_rejected` when it leads to a forbidden address; else Node's own errors.
 */
export async function registryGet(
  start: URL,
  headers: Record<string, string>,
  access: RegistryAccess,
  signal: AbortSignal,
): Promise<RegistryReply> {
  let url = start;
  for (let redirects = 0; ; redirects += 1) {
    const { authorization, ...bare } = headers;
    const sent = url.host === start.host && authorization !== undefined ? headers : bare;
    const reply = await requestOnce(url, sent, access, signal);
    const { location } = reply.headers;
    if (![301, 302, 303, 307, 308].includes(reply.status) || location === undefined) return reply;
    reply.body.destroy();
    const next = URL.parse(location, url);
    const isWeaker = url.protocol === 'https:' && next?.protocol !== 'https:';
    if (
      next === null ||
      !['https:', 'http:'].includes(next.protocol) ||
      isWeaker ||
      redirects >= REDIRECTS_MAX
    ) {
      throw new PullError(
        'image_pull_error',
        "The registry redirects to where it can't be followed.",
      );
    }
    url = next;
  }
}

/** Reads a reply as a whole. @throws PullError when it is longer than it may be. */
export async function readReply(reply: RegistryReply, maxBytes: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of reply.body as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      reply.body.destroy();
      throw new PullError(
        'image_rejected',
        'The registry sent a description of the image that is too long.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
