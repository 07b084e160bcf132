/**
 * Layers compressed with zstd, which Docker supports since version 23. They are first decompressed into files of this
 * process, since an archive states the length of each file before its content.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createZstdDecompress } from 'node:zlib';
import type { Blob } from '../../registry/manifest.ts';
import { PullError } from '../../registry/pull-error.ts';
import { readWhileRoom } from './pull-room.ts';
import type { Room } from './pull-room.ts';

interface Layers {
  layers: readonly Blob[];
  /** Content whose length and digest have been checked by the time it ends. */
  openBlob(blob: Blob): Promise<Readable>;
}

export interface PlainLayers extends Layers {
  /** Removes the files. */
  close(): Promise<void>;
}

export const isZstd = ({ mediaType = '' }: Blob): boolean => mediaType.endsWith('zstd');

/** Fails if the content is longer than an image may be. */
async function* atMost(content: AsyncIterable<Buffer>, maxBytes: number): AsyncGenerator<Buffer> {
  let bytes = 0;
  for await (const chunk of content) {
    bytes += chunk.length;
    if (bytes > maxBytes) {
      throw new PullError('image_rejected', 'The image is too big: a layer expands too far.');
    }
    yield chunk;
  }
}

/** @returns the decompressed layer, with the digest of its content. */
async function decompress(
  content: Readable,
  file: string,
  maxBytes: number,
  room: Room,
  signal: AbortSignal,
): Promise<Blob> {
  const hash = createHash('sha256');
  let size = 0;
  try {
    await pipeline(
      content,
      createZstdDecompress(),
      (source: AsyncIterable<Buffer>) => readWhileRoom(atMost(source, maxBytes), room, signal),
      async function* (source: AsyncIterable<Buffer>) {
        for await (const chunk of source) {
          hash.update(chunk);
          size += chunk.length;
          yield chunk;
        }
      },
      createWriteStream(file),
      { signal },
    );
  } catch (error) {
    if (!/^(?:ZSTD|ERR_ZSTD)/.test((error as NodeJS.ErrnoException).code ?? '')) throw error;
    throw new PullError('image_rejected', "The image can't be used: its content is broken.", {
      cause: error,
    });
  }
  return { digest: `sha256:${hash.digest('hex')}`, size };
}

/**
 * Replaces layers compressed with zstd by their decompressed content. Others stay as they are, unread.
 * @throws PullError if one can't be decompressed; any error from reading one.
 */
export async function zstdLayersExpand(
  { layers, openBlob }: Layers,
  maxBytes: number,
  room: Room,
  signal: AbortSignal,
): Promise<PlainLayers> {
  if (!layers.some(isZstd)) return { layers, openBlob, close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), 'dollarbox-layers-'));
  const close = () => rm(folder, { recursive: true, force: true });
  const files = new Map<string, string>();
  const expanded = new Map<string, Blob>();
  try {
    for (const layer of layers.filter(isZstd)) {
      if (expanded.has(layer.digest)) continue;
      const file = join(folder, String(expanded.size));
      const content = await openBlob(layer);
      const plain = await decompress(content, file, maxBytes, room, signal);
      expanded.set(layer.digest, plain);
      files.set(plain.digest, file);
    }
  } catch (error) {
    await close();
    throw error;
  }
  return {
    layers: layers.map((layer) => expanded.get(layer.digest) ?? layer),
    async openBlob(blob) {
      const file = files.get(blob.digest);
      return file === undefined ? openBlob(blob) : createReadStream(file);
    },
    close,
  };
}
