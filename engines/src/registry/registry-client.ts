/** Reads images from registries: the pull half of the OCI distribution specification v1.1. */
import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { ImageReference } from './image-reference.ts';
import { imageConfigCheck, MANIFEST_TYPES, manifestParse } from './manifest.ts';
import type { Blob, Platform } from './manifest.ts';
import { PullError } from './pull-error.ts';
import { replyRead } from './registry-http.ts';
import type { RegistryAccess, RegistryReply } from './registry-http.ts';
import { registrySessionCreate } from './registry-session.ts';
import type { RegistryCredential } from './registry-session.ts';
import { replyError } from './reply-error.ts';

const MANIFEST_MAX_BYTES = 4 * 1024 * 1024;
const CONFIG_MAX_BYTES = 8 * 1024 * 1024;
/** How many times in a row a blob's reply may break off without delivering another byte. */
const BLOB_BREAKS_MAX = 3;
const INDEX_DEPTH_MAX = 3;
const DOCKER_HUB = 'docker.io';

export interface RemoteImage {
  /** The digest of the manifest, by which the registry has exactly this image. */
  digest: string;
  config: Blob;
  configContent: Buffer;
  layers: Blob[];
  /** The digest of each layer's uncompressed content, as the configuration states it. */
  diffIds: string[];
  /** Whether the registry has this blob in the image's repository and lets this client read it. */
  hasBlob(blob: Blob): Promise<boolean>;
  /**
   * @param signal ends the reading at once. Destroying the stream does not while the registry is silent.
   * @returns the blob's bytes as they arrive. The stream fails with a PullError. The caller checks the bytes.
   */
  openBlob(blob: Blob, signal: AbortSignal): Promise<Readable>;
}

export interface RegistryClientOptions extends RegistryAccess {
  platform: Platform;
  /** The credential that the org signs in with there. */
  credential?: RegistryCredential;
  /** Base URLs that serve `docker.io`, in order: mirrors, then Docker Hub itself. */
  hubEndpoints: readonly string[];
}

function brokenOff(registry: string, cause: unknown): PullError {
  const message = `The registry "${registry}" could not be reached, or broke off.`;
  return new PullError('image_pull_error', message, { cause });
}

/** Turns a failure before the registry's first answer into a sentence; returns other errors unchanged. */
function connectionError(registry: string, error: unknown): unknown {
  if (error instanceof PullError) return error;
  const { code = '', name = '' } = error as { code?: string; name?: string };
  if (name === 'AbortError') return error;
  const sentence = /^(?:ENOTFOUND|EAI_)/.test(code)
    ? `The registry "${registry}" could not be found at a public address. If it is at a private one, the operator can allow it in ALLOWED_REGISTRIES.`
    : /CERT|SSL|TLS|EPROTO|SELF_SIGNED|UNABLE_TO/.test(code)
      ? `The registry "${registry}" has no valid certificate.`
      : `The registry "${registry}" could not be reached, or broke off.`;
  return new PullError('image_pull_error', sentence, { cause: error, isUnreachable: true });
}

/** @throws PullError if the bytes do not match the digest. */
function checkDigest(content: Buffer, digest: string): void {
  const [algorithm = '', expected] = digest.split(':');
  if (createHash(algorithm).update(content).digest('hex') !== expected) {
    throw new PullError(
      'image_rejected',
      "The registry's reply does not match the image's digest.",
    );
  }
}

/** One endpoint that may serve a reference's registry. */
function createEndpoint(
  base: string,
  reference: ImageReference,
  options: RegistryClientOptions,
  signal: AbortSignal,
) {
  const credential = options.credential ?? null;
  const session = registrySessionCreate(base, reference, credential, options);

  /** @throws PullError for any reply other than 200. */
  async function get(
    path: string,
    accept: string,
    isDigested: boolean,
    until: AbortSignal,
  ): Promise<RegistryReply> {
    const reply = await session.send(path, { headers: { accept }, isDigested, signal: until });
    if (reply.status === 200) return reply;
    reply.body.destroy();
    throw replyError(reference, reply.status);
  }

  async function getChecked(path: string, accept: string, digest: string | null, maxBytes: number) {
    const content = await replyRead(await get(path, accept, digest !== null, signal), maxBytes);
    if (digest !== null) checkDigest(content, digest);
    return content;
  }

  /** Requests the rest of a reply that broke off. A registry that does not support ranges sends all of it again. */
  async function blobFrom(
    digest: string,
    offset: number,
    until: AbortSignal,
  ): Promise<RegistryReply> {
    if (offset === 0) return get(`blobs/${digest}`, '*/*', true, until);
    const headers = { accept: '*/*', range: `bytes=${offset}-` };
    const request = { headers, isDigested: true, signal: until };
    const reply = await session.send(`blobs/${digest}`, request);
    if (reply.status === 200 || reply.status === 206) return reply;
    reply.body.destroy();
    throw replyError(reference, reply.status);
  }

  /** A blob's bytes. Resumes where the connection broke off, as Docker does. */
  async function* readBlob({ digest, size }: Blob, until: AbortSignal): AsyncGenerator<Buffer> {
    let bytes = 0;
    for (let breaks = 0; ;) {
      const startedAt = bytes;
      try {
        const reply = await blobFrom(digest, bytes, until);
        let skip = reply.status === 206 ? 0 : bytes;
        for await (const chunk of reply.body as AsyncIterable<Buffer>) {
          const fresh = chunk.subarray(Math.min(skip, chunk.length));
          skip -= chunk.length - fresh.length;
          if (fresh.length === 0) continue;
          bytes += fresh.length;
          yield fresh;
        }
        if (bytes >= size || bytes === startedAt) return;
      } catch (error) {
        if (error instanceof PullError || until.aborted) throw error;
        breaks = bytes > startedAt ? 1 : breaks + 1;
        if (breaks > BLOB_BREAKS_MAX) {
          throw brokenOff(reference.registry, error);
        }
      }
    }
  }

  async function hasBlob({ digest }: Blob): Promise<boolean> {
    const request = { method: 'HEAD', headers: { accept: '*/*' }, isDigested: true } as const;
    const reply = await session.send(`blobs/${digest}`, { ...request, signal });
    reply.body.destroy();
    return reply.status === 200;
  }

  return { getChecked, readBlob, hasBlob };
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
    const manifest = manifestParse(content, options.platform);
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
    const diffIds = imageConfigCheck(configContent, layers.length, options.platform);
    return {
      digest: digest ?? `sha256:${createHash('sha256').update(content).digest('hex')}`,
      config,
      configContent,
      layers,
      diffIds,
      hasBlob: endpoint.hasBlob,
      async openBlob(blob, until) {
        const content = endpoint.readBlob(blob, AbortSignal.any([signal, until]));
        return Readable.from(content, { objectMode: false });
      },
    };
  }
  throw new PullError('image_rejected', "The image can't be used: its index leads nowhere.");
}

/**
 * Finds an image in its registry. If it is for several platforms, selects the engine's own.
 * @throws PullError with a reason: missing, denied, rejected or failed.
 */
export async function remoteImageOpen(
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
