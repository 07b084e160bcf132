/**
 * Layers that were received whole by pulls that have not succeeded yet, kept in files for the next attempt. Each is kept
 * for the org, the credential and the registry that it was obtained with, and used for no other.
 */
import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readdir, rename, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Blob } from '../../registry/manifest.ts';
import { checkedBlob } from './checked-blob.ts';

const SHELF_MAX_BYTES = 10 * 1024 ** 3;
const KEPT_MS = 24 * 3_600_000;
/** Longer than any pull may take. What is older and not complete is left over from a process that was killed. */
const PARTIAL_MS = 2 * 3_600_000;
const PARTIAL = '.part';
const READ_BYTES = 256 * 1024;

/** Who obtained a layer, and with what. */
export interface LayerOwner {
  tenantId: number;
  credentialId: number | null;
  /** `host[:port]`. */
  registry: string;
}

export interface LayerShelf {
  /** @returns the kept content, which is checked while it is read, or null. */
  open(owner: LayerOwner, blob: Blob): Promise<Readable | null>;
  /** @returns the path of a kept layer, or null. */
  find(owner: LayerOwner, blob: Blob): Promise<string | null>;
  /** @returns whether it does not have the layer, and has room for it. */
  lacks(owner: LayerOwner, blob: Blob): Promise<boolean>;
  /**
   * Passes content through, and keeps it once it has been read to its end without an error.
   * @param content checked against the blob's digest.
   */
  keep(owner: LayerOwner, blob: Blob, content: AsyncIterable<Buffer>): AsyncIterable<Buffer>;
  /** Removes the layers of a pull that succeeded. */
  clear(owner: LayerOwner, blobs: readonly Blob[]): Promise<void>;
  /** Removes what is old, and the oldest beyond the limit. */
  sweep(): Promise<void>;
}

export interface LayerShelfOptions {
  /** An absolute path; null: nothing is kept. */
  folder: string | null;
  now: () => Date;
  /** How many bytes must stay free on the folder's disk. */
  storageReserveBytes: number;
  /** The most that is kept, in bytes; default 10 GiB. */
  maxBytes?: number;
}

const NO_SHELF: LayerShelf = {
  open: async () => null,
  find: async () => null,
  lacks: async () => false,
  keep: (_owner, _blob, content) => content,
  clear: async () => {},
  sweep: async () => {},
};

export function layerShelfCreate(options: LayerShelfOptions): LayerShelf {
  const { folder, now, storageReserveBytes, maxBytes = SHELF_MAX_BYTES } = options;
  if (folder === null) return NO_SHELF;

  function pathOf({ tenantId, credentialId, registry }: LayerOwner, { digest }: Blob): string {
    const owner = JSON.stringify([tenantId, credentialId, registry, digest]);
    return join(folder ?? '', createHash('sha256').update(owner).digest('hex'));
  }

  async function find(owner: LayerOwner, blob: Blob): Promise<string | null> {
    const path = pathOf(owner, blob);
    return stat(path).then(
      () => path,
      () => null,
    );
  }

  async function hasRoom(bytes: number): Promise<boolean> {
    if (bytes > maxBytes) return false;
    const { bavail, bsize } = await statfs(folder ?? '');
    return bavail * bsize >= storageReserveBytes + bytes;
  }

  /** Keeping is an optimization: whatever prevents it must not fail the pull. */
  async function partOpen(path: string, blob: Blob) {
    try {
      await mkdir(folder ?? '', { recursive: true, mode: 0o700 });
      if (!(await hasRoom(blob.size))) return null;
      return await open(path, 'wx', 0o600);
    } catch {
      return null;
    }
  }

  async function* keep(owner: LayerOwner, blob: Blob, content: AsyncIterable<Buffer>) {
    const path = pathOf(owner, blob);
    const part = `${path}.${randomUUID()}${PARTIAL}`;
    let file = await partOpen(part, blob);
    let isWhole = false;
    try {
      for await (const chunk of content) {
        try {
          await file?.appendFile(chunk);
        } catch {
          await file?.close();
          file = null;
        }
        yield chunk;
      }
      isWhole = file !== null;
    } finally {
      await file?.close();
      if (isWhole) await rename(part, path);
      else await rm(part, { force: true });
    }
  }

  /** What the disk has damaged is removed, so that the next attempt receives it again. */
  async function* kept(path: string, blob: Blob): AsyncGenerator<Buffer> {
    try {
      yield* checkedBlob(blob, createReadStream(path, { highWaterMark: READ_BYTES }));
    } catch (error) {
      await rm(path, { force: true });
      throw error;
    }
  }

  async function filesList() {
    const names = await readdir(folder ?? '').catch(() => []);
    const files = names.map(async (name) => {
      const path = join(folder ?? '', name);
      const { mtimeMs, size } = (await stat(path).catch(() => null)) ?? { mtimeMs: 0, size: 0 };
      return { path, mtimeMs, size, isPartial: name.endsWith(PARTIAL) };
    });
    return (await Promise.all(files)).toSorted((a, b) => b.mtimeMs - a.mtimeMs);
  }

  return {
    keep,

    find,

    async open(owner, blob) {
      const path = await find(owner, blob);
      return path === null ? null : Readable.from(kept(path, blob), { objectMode: false });
    },

    async lacks(owner, blob) {
      if ((await find(owner, blob)) !== null) return false;
      // The folder may not be there yet.
      return mkdir(folder, { recursive: true, mode: 0o700 })
        .then(() => hasRoom(blob.size))
        .catch(() => false);
    },

    async clear(owner, blobs) {
      await Promise.all(blobs.map((blob) => rm(pathOf(owner, blob), { force: true })));
    },

    async sweep() {
      let bytes = 0;
      for (const { path, mtimeMs, size, isPartial } of await filesList()) {
        bytes += size;
        const ageMs = now().getTime() - mtimeMs;
        const isOld = ageMs > (isPartial ? PARTIAL_MS : KEPT_MS);
        if (isOld || (!isPartial && bytes > maxBytes)) await rm(path, { force: true });
      }
    },
  };
}
