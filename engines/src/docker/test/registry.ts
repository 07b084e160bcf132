/** A fake registry for tests: it serves tiny images, and fails in every way that a test asks for. */
import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';

/** Answers a request, or passes it to the next rule by returning false. */
type Rule = (path: string, reply: ServerResponse, request: IncomingMessage) => boolean;

export interface PlayedRegistry {
  /** For example `127.0.0.1:PORT`. */
  host: string;
  /** Rules are tried before the images, the latest rule first. */
  rule(rule: Rule): void;
  /** Requested paths, in order. */
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

function layerOfFile(name: string, content: Buffer): Buffer {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-layer-'));
  try {
    writeFileSync(join(folder, name), content);
    return execFileSync('tar', ['--create', '--file=-', '--directory', folder, name], {
      maxBuffer: 2 ** 26,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A unique image with this many layers, each containing one random file. */
export function tinyImage(
  options: {
    layers?: number;
    /** Bytes of the file in each layer, which can't be compressed. */
    fileBytes?: number;
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
    const layer = layerOfFile(`file-${index}`, randomBytes(options.fileBytes ?? 3000));
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

/** Content that a registry serves under a name, although it is not an image. */
export function noImage(manifest: unknown): PlayedImage {
  const content = typeof manifest === 'string' ? manifest : JSON.stringify(manifest);
  return { manifest: Buffer.from(content), layers: [], blobs: new Map() };
}

function mediaTypeOf(manifest: Buffer): string {
  try {
    const { mediaType } = Object(JSON.parse(manifest.toString())) as { mediaType?: unknown };
    return typeof mediaType === 'string' ? mediaType : 'application/json';
  } catch {
    return 'text/html';
  }
}

/** @param images keyed by `repository:tag`. */
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
      const type = isManifest ? mediaTypeOf(content) : 'application/octet-stream';
      reply.writeHead(200, { 'Content-Length': content.length, 'Content-Type': type }).end(content);
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
