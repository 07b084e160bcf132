/**
 * Authenticated requests to one repository of one registry: the Docker registry token specification, and RFC 7617.
 * Each host has its own token. A secret is sent to its own host only.
 */
import type { ImageReference } from './image-reference.ts';
import { challengesParse } from './challenge.ts';
import type { Challenge } from './challenge.ts';
import { PullError } from './pull-error.ts';
import { registrySend, replyRead } from './registry-http.ts';
import type { RegistryAccess, RegistryReply, SendOptions } from './registry-http.ts';
import { replyError } from './reply-error.ts';

const TOKEN_MAX_BYTES = 1024 * 1024;
/** A pull is authenticated at its registry, and possibly at the registry that it is redirected to. */
const SIGN_INS_MAX = 3;
const HUB_HOSTS: ReadonlySet<string> = new Set([
  'registry-1.docker.io',
  'auth.docker.io',
  'index.docker.io',
  'docker.io',
]);

/** The credential that an org signs in to a registry with. */
export interface RegistryCredential {
  username: string;
  secret: string;
}

/** `headers` are sent to every host on the way. `signal` ends it, with all that it needs of token servers. */
type SessionRequest = Pick<SendOptions, 'method' | 'isDigested'> & {
  headers: Record<string, string>;
  signal: AbortSignal;
};

export interface RegistrySession {
  /**
   * @param path below `/v2/<repository>/`.
   * @returns any reply except a challenge that can be answered.
   */
  send(path: string, request: SessionRequest): Promise<RegistryReply>;
}

/**
 * Whether a credential for a registry may be sent to this address: to the registry itself, or to its token server on
 * the same domain (`gitlab.com` for `registry.gitlab.com`). Addresses and ports must be equal.
 */
function isOwnHost(registry: string, url: URL): boolean {
  const own = registry.toLowerCase();
  const host = url.host;
  if (own === 'docker.io') return url.protocol === 'https:' && HUB_HOSTS.has(host);
  if (host === (URL.parse(`${url.protocol}//${own}`)?.host ?? own)) return true;
  const parent = own.slice(own.indexOf('.') + 1);
  const isName = /^[a-z0-9.-]*[a-z][a-z0-9.-]*$/.test(own) && parent.includes('.');
  return isName && url.protocol === 'https:' && (host === parent || host.endsWith(`.${own}`));
}

function basic({ username, secret }: RegistryCredential): string {
  return `Basic ${Buffer.from(`${username}:${secret}`).toString('base64')}`;
}

/** Docker prefers `access_token` to `token`; either may be empty. @returns null if there is no token. */
function tokenRead(content: Buffer): string | null {
  try {
    const reply: unknown = JSON.parse(content.toString('utf8'));
    const { access_token: access, token } = Object(reply) as Record<string, unknown>;
    const found = [access, token].find((each) => typeof each === 'string' && each !== '');
    // A value that is not valid in a header is not a token.
    return typeof found === 'string' && /^[\x20-\x7e]+$/.test(found) ? found : null;
  } catch {
    return null;
  }
}

/**
 * @param base the registry's endpoint, `https://host`.
 * @param credential of the org for this registry, or null.
 */
export function registrySessionCreate(
  base: string,
  reference: ImageReference,
  credential: RegistryCredential | null,
  access: RegistryAccess,
): RegistrySession {
  const { repository, registry } = reference;
  /** `Authorization` by origin. */
  const authorizations = new Map<string, string>();
  let origin = base.replace(/\/$/, '');

  function credentialFor(url: URL): RegistryCredential | null {
    return credential !== null && isOwnHost(registry, url) ? credential : null;
  }

  async function fetchToken(
    { parameters }: Challenge,
    asker: URL,
    signal: AbortSignal,
  ): Promise<string> {
    // Some registries write the token server's address relative to their own.
    const url = URL.parse(parameters['realm'] ?? '', asker);
    if (url === null || !parameters['realm'] || !['https:', 'http:'].includes(url.protocol)) {
      throw replyError(reference, 401);
    }
    const { service, scope } = parameters;
    if (service) url.searchParams.set('service', service);
    // A registry that another one redirects to uses its own name for the image.
    const isElsewhere = asker.origin !== new URL(origin).origin;
    const ownScope = `repository:${repository}:pull`;
    url.searchParams.set('scope', isElsewhere && scope ? scope : ownScope);
    const own = credentialFor(url);
    if (own !== null) url.searchParams.set('account', own.username);
    const { origin: tokenOrigin } = url;
    const headersFor = (at: URL) => ({
      accept: 'application/json',
      ...(own !== null && at.origin === tokenOrigin && { authorization: basic(own) }),
    });
    const reply = await registrySend(url, { headersFor }, access, signal);
    const content = await replyRead(reply, TOKEN_MAX_BYTES);
    if (reply.status < 200 || reply.status > 299) {
      throw replyError(reference, reply.status === 404 ? 401 : reply.status);
    }
    const token = tokenRead(content);
    if (token === null) throw replyError(reference, 401);
    return token;
  }

  /** @returns whether the challenge of a reply could be answered. */
  async function signIn(reply: RegistryReply, signal: AbortSignal): Promise<boolean> {
    const challenges = challengesParse(reply.headers['www-authenticate']);
    const bearer = challenges.find(({ scheme }) => scheme === 'bearer');
    if (bearer !== undefined) {
      const token = await fetchToken(bearer, reply.url, signal);
      authorizations.set(reply.url.origin, `Bearer ${token}`);
      return true;
    }
    const own = credentialFor(reply.url);
    if (own === null || !challenges.some(({ scheme }) => scheme === 'basic')) return false;
    if (authorizations.get(reply.url.origin) === basic(own)) return false;
    authorizations.set(reply.url.origin, basic(own));
    return true;
  }

  function sendTo(url: URL, { headers, signal, ...options }: SessionRequest) {
    const headersFor = (at: URL) => {
      const authorization = authorizations.get(at.origin);
      return { ...headers, ...(authorization !== undefined && { authorization }) };
    };
    return registrySend(url, { ...options, headersFor }, access, signal);
  }

  /** Falls back to plain HTTP as Docker does: for registries that are configured as insecure, and for loopback. */
  async function send(path: string, request: SessionRequest) {
    const urlOf = () => new URL(`${origin}/v2/${path}`);
    try {
      return await sendTo(urlOf(), request);
    } catch (error) {
      const { host, protocol } = new URL(origin);
      if (protocol !== 'https:' || error instanceof PullError || !access.isInsecure(host))
        throw error;
      if (request.signal.aborted) throw error;
      origin = `http://${host}`;
      return sendTo(urlOf(), request);
    }
  }

  /**
   * Some registries hide images from clients that are not signed in, and send a challenge only at their base path.
   */
  async function signInAtEntrance(refusal: RegistryReply, signal: AbortSignal): Promise<boolean> {
    if (![401, 403, 404].includes(refusal.status) || authorizations.size > 0) return false;
    const reply = await send('', { headers: {}, signal });
    reply.body.destroy();
    return reply.status === 401 && signIn(reply, signal);
  }

  return {
    async send(path, request) {
      const target = `${repository}/${path}`;
      let reply = await send(target, request);
      for (let signIns = 0; signIns < SIGN_INS_MAX; signIns += 1) {
        const isMet =
          reply.status === 401 && reply.headers['www-authenticate'] !== undefined
            ? await signIn(reply, request.signal)
            : signIns === 0 && (await signInAtEntrance(reply, request.signal));
        if (!isMet) break;
        reply.body.destroy();
        reply = await send(target, request);
      }
      return reply;
    },
  };
}
