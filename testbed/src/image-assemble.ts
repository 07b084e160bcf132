/** Container images assembled without an engine: the same bytes, and therefore digests, everywhere. */
import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { rootfsTar } from './rootfs.ts';
import type { RootfsEntry } from './rootfs.ts';

/** The part of the `config` of an OCI image configuration (image-spec v1.1, config.md) that is used here. */
export interface ImageConfig {
  Cmd?: string[];
  Entrypoint?: string[];
  User?: string;
  ExposedPorts?: Record<string, object>;
  Env?: string[];
  StopSignal?: string;
  Volumes?: Record<string, object>;
  WorkingDir?: string;
  Labels?: Record<string, string>;
}

export interface ImageLayer {
  tar: Buffer;
  /** Digest of `tar`. */
  diffId: string;
  gzip: Buffer;
  /** Digest of `gzip`. */
  digest: string;
}

export interface AssembledImage {
  config: Buffer;
  /** Digest of `config`: Docker's image id. */
  imageId: string;
  layers: ImageLayer[];
}

export function sha256Digest(content: Buffer | string): string {
  return `sha256:${createHash('sha256').update(content).digest('hex')}`;
}

/** Creates one layer of an image. */
export async function layerAssemble(entries: readonly RootfsEntry[]): Promise<ImageLayer> {
  const tar = await rootfsTar(entries);
  const gzip = gzipSync(tar, { level: 1 });
  return { tar, diffId: sha256Digest(tar), gzip, digest: sha256Digest(gzip) };
}

/** Creates an image for this machine's architecture. */
export function imageAssemble(layers: ImageLayer[], config: ImageConfig): AssembledImage {
  const content = Buffer.from(
    JSON.stringify({
      created: '1970-01-01T00:00:00Z',
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config,
      rootfs: { type: 'layers', diff_ids: layers.map(({ diffId }) => diffId) },
      history: layers.map(() => ({ created: '1970-01-01T00:00:00Z' })),
    }),
  );
  return { config: content, imageId: sha256Digest(content), layers };
}
