/**
 * Reads images from registries: the pull half of the OCI distribution specification v1.1, without
 * credentials, with the token servers of the Docker registry token specification.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ImageReference } from '../image-reference.ts';
import { canonicalReference } from '../image-reference.ts';
import { checkConfig, MANIFEST_TYPES, parseManifest } from './manifest.ts';
import type { Blob, Platform } from './manifest.ts';
import { PullError } from './pull-error.ts';
import { readReply, registryGet } from './registry-http.ts';
import type { RegistryAccess, RegistryReply } from './registry-http.ts';

const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;
const CONFIG_MAX_BYTES = 8 * 1024 * 1024;
const TOKEN_MAX_BYTES = 1024 * 1024;
const INDEX_DEPTH_MAX = 3;
const DOCKER_HUB = 'docker.io';

export interface RemoteImage {
  config: Blob;
  configContent: Buffer;
  layers: Blob[];
  /** @returns the blob's bytes as they come; the caller checks them. @throws PullError */
  openBlob(blob: Blob): Promise<Readable>;
}

export interface RegistryClientOptions extends RegistryAccess {
  platform: Platform;
  /** Base URLs that stand for `docker.io`, in order: mirrors, then Docker Hub itself. */
  hubEndpoints: readonly string[];
}

/** The status is the registry's only word that is passed on. */
function replyError(reference: ImageReference, status: number): PullError {
  const name = canonicalReference(reference);
  const told = `(HTTP ${status})`;
  if (status === 404) {
    return new PullError('image_not_found', `The registry has no image "${name}" ${told}.`);
  }
  if (status === 401 || status === 403) {
    // Docker Hub says the same of what is missing and what is private; a slip in the name is far likelier.
    if (reference.registry === DOCKER_HUB) {
      return new PullError(
        'image_not_found',
        `Docker Hub has no public image "${name}": check its name, or make it public ${told}.`,
      );
    }
    return new PullError('image_pull_denied', `The registry does not give out "${name}" ${told}.`);
  }
  if (status === 429) {
    return new PullError('image_pull_error', `The registry allows no more pulls for now ${told}.`);
  }
  return new PullError('image_pull_error', `The registry could not give out "${name}" ${told}.`);
}

function connectionError(registry: string, error: unknown): unknown {
  if (error instanceof PullError) return error;
  const { code = '', name = '' } = error as { code?: string; name?: string };
  if (name === 'AbortError') return error;
  const sentence = /^(?:ENOTFOUND|EAI_)/.test(code)
    ? `The registry "${registry}" could not be found.`
    : /CERT|SSL|TLS|EPROTO|SELF_SIGNED|UNABLE_TO/.test(code)
      ? `The registry "${registry}" has no valid certificate.`
      : `The registry "${registry}" could not be reached, or broke off.`;
  return new PullError('image_pull_error', sentence, { cause: error });
}

/** @returns the parameters of a `Bearer` challenge, or null when there is none. */
function parseBearerChallenge(header: string | undefined): Record<string, string> | null {
  const match = /^\s*bearer\s+(.*)$/i.exec(header ?? '');
  if (match?.[1] === undefined) return null;
  const parameters = match[1].matchAll(/([a-z]+)="([^"]*)"/gi);
  return Object.fromEntries(
    [...parameters].map(([, key = '', value = '']) => [key.toLowerCase(), value]),
  );
}

/** @throws PullError when the bytes are not those that the digest names. */
function checkDigest(content: Buffer, digest: string): void {
  const [algorithm = '', expected] = digest.split(':');
  if (createHash(algorithm).update(content).digest('hex') !== expected) {
    throw new PullError(
      'image_rejected',
      "The registry's answer does not match the image's digest.",
    );
  }
}

/** One place where a reference's registry may be asked. */
function createEndpoint(
  base: string,
  reference: ImageReference,
  options: RegistryClientOptions,
  signal: AbortSignal,
) {
  const { repository } = reference;
  let origin = base;
  let token: string | null = null;

  async function fetchToken(challenge: Record<string, string>): Promise<string> {
    const url = URL.parse(challenge['realm'] ?? '');
    if (url === null || !['https:', 'http:'].includes(url.protocol))
      throw replyError(reference, 401);
    if (challenge['service'] !== undefined) url.searchParams.set('service', challenge['service']);
    url.searchParams.set('scope', `repository:${repository}:pull`);
    const reply = await registryGet(url, { accept: 'application/json' }, options, signal);
    const content = await readReply(reply, TOKEN_MAX_BYTES);
    if (reply.status !== 200)
      throw replyError(reference, reply.status === 404 ? 401 : reply.status);
    const answer = JSON.parse(content.toString('utf8')) as {
      token?: unknown;
      access_token?: unknown;
    };
    const found = answer.token ?? answer.access_token;
    if (typeof found !== 'string') throw replyError(reference, 401);
    return found;
  }

  function send(path: string, accept: string): Promise<RegistryReply> {
    const url = new URL(`${origin.replace(/\/$/, '')}/v2/${repository}/${path}`);
    const headers = { accept, ...(token !== null && { authorization: `Bearer ${token}` }) };
    return registryGet(url, headers, options, signal);
  }

  /** Falls back to plain HTTP where Docker does: registries that are set to be insecure, loopback's own. */
  async function sendEitherWay(path: string, accept: string): Promise<RegistryReply> {
    try {
      return await send(path, accept);
    } catch (error) {
      const { host, protocol } = new URL(origin);
      if (protocol !== 'https:' || error instanceof PullError || !options.isInsecure(host))
        throw error;
      if (signal.aborted) throw error;
      origin = `http://${host}`;
      return send(path, accept);
    }
  }

  /** @throws PullError for any other reply than 200. */
  async function get(path: string, accept: string): Promise<RegistryReply> {
    let reply = await sendEitherWay(path, accept);
    const challenge = parseBearerChallenge(reply.headers['www-authenticate']);
    if (reply.status === 401 && challenge !== null) {
      reply.body.destroy();
      token = await fetchToken(challenge);
      reply = await send(path, accept);
    }
    if (reply.status === 200) return reply;
    reply.body.destroy();
    throw replyError(reference, reply.status);
  }

  async function getChecked(path: string, accept: string, digest: string | null, maxBytes: number) {
    const content = await readReply(await get(path, accept), maxBytes);
    if (digest !== null) checkDigest(content, digest);
    return content;
  }

  return { get, getChecked };
}

async function openAt(
  base: string,
  reference: ImageReference,
  options: RegistryClientOptions,
  signal: AbortSignal,
): Promise<RemoteImage> {
  const endpoint = createEndpoint(base, reference, options, signal);
  const accept = MANIFEST_TYPES.join(', ');
  let digest = reference.digest;
  for (let depth = 0; depth < INDEX_DEPTH_MAX; depth += 1) {
    const path = `manifests/${digest ?? reference.tag ?? 'latest'}`;
    const content = await endpoint.getChecked(path, accept, digest, MANIFEST_MAX_BYTES);
    const manifest = parseManifest(content, options.platform);
    if (manifest.kind === 'index') {
      digest = manifest.digest;
      continue;
    }
    const { config, layers } = manifest;
    const configPath = `blobs/${config.digest}`;
    const configContent = await endpoint.getChecked(
      configPath,
      '*/*',
      config.digest,
      CONFIG_MAX_BYTES,
    );
    checkConfig(configContent, layers.length, options.platform);
    return {
      config,
      configContent,
      layers,
      async openBlob(blob) {
        const reply = await endpoint.get(`blobs/${blob.digest}`, '*/*');
        return reply.body;
      },
    };
  }
  throw new PullError('image_rejected', "The image can't be used: its index leads nowhere.");
}

/**
 * Finds an image in its registry, and of several platforms' the engine's own.
 * @throws PullError, telling apart what is missing, denied, refused and broken.
 */
export async function openRemoteImage(
  reference: ImageReference,
  options: RegistryClientOptions,
  signal: AbortSignal,
): Promise<RemoteImage> {
  const bases =
    reference.registry === DOCKER_HUB ? options.hubEndpoints : [`https://${reference.registry}`];
  let failure: unknown;
  for (const base of bases) {
    try {
      return await openAt(base, reference, options, signal);
    } catch (error) {
      failure = connectionError(reference.registry, error);
      if (signal.aborted) break;
    }
  }
  throw failure;
}
