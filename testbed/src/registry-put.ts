/** Pushes images to a registry: the push half of the OCI distribution specification v1.1. */
import { sha256Digest } from './image-assemble.ts';
import type { AssembledImage } from './image-assemble.ts';

const MANIFEST_TYPE = 'application/vnd.docker.distribution.manifest.v2+json';

type Send = (
  url: URL,
  init: Pick<RequestInit, 'method' | 'body'> & { headers?: Record<string, string> },
) => Promise<Response>;

/** @param authorization sent with each request. */
const sendWith =
  (authorization: string | undefined): Send =>
  async (url, { headers, ...init }) => {
    const all = { ...headers, ...(authorization !== undefined && { authorization }) };
    const response = await fetch(url, { ...init, headers: all });
    if (response.ok || response.status === 404) return response;
    throw new Error(`${init.method} ${url.href}: HTTP ${response.status} ${await response.text()}`);
  };

async function blobPut(
  send: Send,
  repositoryUrl: URL,
  content: Buffer,
  digest: string,
): Promise<void> {
  const known = await send(new URL(`blobs/${digest}`, repositoryUrl), { method: 'HEAD' });
  if (known.ok) return;
  const begun = await send(new URL('blobs/uploads/', repositoryUrl), { method: 'POST' });
  const upload = new URL(begun.headers.get('location') ?? '', repositoryUrl);
  upload.searchParams.set('digest', digest);
  const headers = { 'Content-Type': 'application/octet-stream' };
  await send(upload, { method: 'PUT', headers, body: new Uint8Array(content) });
}

/**
 * @param host of a registry over plain HTTP.
 * @param tags all tags of the image.
 * @param authorization the header of that name, if the registry requires one.
 * @returns the manifest's digest, for references like `host/repository@sha256:…`.
 */
export async function registryPut(
  host: string,
  repository: string,
  tags: readonly string[],
  image: AssembledImage,
  authorization?: string,
): Promise<string> {
  const send = sendWith(authorization);
  const url = new URL(`http://${host}/v2/${repository}/`);
  const { config, imageId, layers } = image;
  await Promise.all([
    blobPut(send, url, config, imageId),
    ...layers.map(({ gzip, digest }) => blobPut(send, url, gzip, digest)),
  ]);
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: MANIFEST_TYPE,
    config: {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: config.length,
      digest: imageId,
    },
    layers: layers.map(({ gzip, digest }) => ({
      mediaType: 'application/vnd.docker.image.rootfs.diff.tar.gzip',
      size: gzip.length,
      digest,
    })),
  });
  for (const tag of tags) {
    const headers = { 'Content-Type': MANIFEST_TYPE };
    await send(new URL(`manifests/${tag}`, url), { method: 'PUT', headers, body: manifest });
  }
  return sha256Digest(manifest);
}
