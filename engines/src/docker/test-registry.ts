/** A registry that plays what tests ask for: tiny images, and every way to fail at giving them out. */
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { TAR_END, tarHeader, tarPadding } from './tar.ts';

/** Answers a request, or leaves it to the next by returning false. */
type Rule = (path: string, reply: ServerResponse, request: IncomingMessage) => boolean;

export interface PlayedRegistry {
  /** `127.0.0.1:PORT`, say */
  host: string;
  /** Asked before the images are looked for; the latest rule first. */
  rule(rule: Rule): void;
  /** Paths asked for, in order. */
  asked: string[];
  close(): Promise<void>;
}

export interface PlayedImage {
  manifest: Buffer;
  layers: string[];
  blobs: Map<string, Buffer>;
}

export function digestOf(content: Buffer): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** An image like no other, of so many layers with a random file each. */
export function tinyImage(
  options: {
    layers?: number;
    config?: object;
    platform?: { os: string; architecture: string };
  } = {},
): PlayedImage {
  const blobs = new Map<string, Buffer>();
  function add(content: Buffer) {
    const digest = digestOf(content);
    blobs.set(digest, content);
    return { digest, size: content.length };
  }
  const diffIds: string[] = [];
  const layers = Array.from({ length: options.layers ?? 1 }, (_, index) => {
    const content = randomBytes(3000);
    const name = `file-${index}`;
    const padding = tarPadding(content.length);
    const layer = Buffer.concat([tarHeader(name, content.length), content, padding, TAR_END]);
    diffIds.push(digestOf(layer));
    return { mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip', ...add(gzipSync(layer)) };
  });
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
  const config = {
    os: 'linux',
    architecture,
    ...options.platform,
    config: { Cmd: ['/file-0'], ExposedPorts: { '9000/tcp': {}, '53/udp': {}, '80/tcp': {} } },
    rootfs: { type: 'layers', diff_ids: diffIds },
    ...options.config,
  };
  const manifest = {
    schemaVersion: 2,
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    config: {
      mediaType: 'application/vnd.oci.image.config.v1+json',
      ...add(Buffer.from(JSON.stringify(config))),
    },
    layers,
  };
  return {
    manifest: Buffer.from(JSON.stringify(manifest)),
    layers: layers.map(({ digest }) => digest),
    blobs,
  };
}

/** What a registry gives for a name, though it is no image. */
export function noImage(manifest: unknown): PlayedImage {
  const content = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  return { manifest: Buffer.from(content), layers: [], blobs: new Map() };
}

/** @param images by `repository:tag`. */
export async function playRegistry(
  images: Map<string, PlayedImage>,
  address = '127.0.0.1',
): Promise<PlayedRegistry> {
  const rules: Rule[] = [];
  const asked: string[] = [];

  function giveImage(path: string, reply: ServerResponse): boolean {
    const [, repository, kind, name = ''] =
      /^\/v2\/(.+)\/(manifests|blobs)\/([^/]+)$/.exec(path) ?? [];
    for (const [reference, image] of images) {
      const [imageRepository, tag] = reference.split(':');
      if (imageRepository !== repository) continue;
      const isManifest =
        kind === 'manifests' && (name === tag || name === digestOf(image.manifest));
      const content = isManifest
        ? image.manifest
        : kind === 'blobs'
          ? image.blobs.get(name)
          : undefined;
      if (content === undefined) continue;
      reply.writeHead(200, { 'Content-Length': content.length }).end(content);
      return true;
    }
    return false;
  }

  const server = createServer((request, reply) => {
    const path = request.url ?? '/';
    asked.push(path);
    if (rules.some((rule) => rule(path, reply, request)) || giveImage(path, reply)) return;
    const body = JSON.stringify({
      errors: [{ code: 'MANIFEST_UNKNOWN', message: 'SECRET WORDS' }],
    });
    reply.writeHead(404, { 'Content-Type': 'application/json' }).end(body);
  });
  server.listen(0, address);
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    host: `${address.includes(':') ? `[${address}]` : address}:${port}`,
    rule: (rule) => void rules.unshift(rule),
    asked,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
