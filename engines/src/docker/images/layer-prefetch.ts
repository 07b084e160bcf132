/**
 * Receives and verifies the next layers of an image while one is being loaded. A registry far away sends one layer at a
 * time much slower than several at once, and Docker's own pull receives three.
 */
import { createReadStream } from 'node:fs';
import type { Readable } from 'node:stream';
import type { Blob } from '../../registry/manifest.ts';

/** How many are received besides the one that is being read. */
const AHEAD = 2;
const READ_BYTES = 1024 * 1024;

export interface PrefetchSource {
  /** In the order in which they will be read. */
  layers: readonly Blob[];
  /**
   * Keeps what was read to its end, and opens it from there the next time.
   * @param signal ends the reading, also while nothing is received.
   */
  openBlob(blob: Blob, signal: AbortSignal): Promise<Readable>;
  /** Whether the layer is not kept yet, and there is room to keep it. */
  isWanted(blob: Blob): Promise<boolean>;
  /** @returns the file of a kept layer once all its content is verified; null: it is to be verified while it is read. */
  verify(blob: Blob, signal: AbortSignal): Promise<string | null>;
}

export interface LayerPrefetch {
  /** Opens a layer, and begins to receive those behind it. */
  openBlob(blob: Blob): Promise<Readable>;
  /** The same for a layer that was verified meanwhile; null: it was not. */
  openVerified(blob: Blob): Promise<Readable | null>;
  /** Ends what is still being read, received and verified. */
  close(): Promise<void>;
}

export function layerPrefetchCreate(source: PrefetchSource): LayerPrefetch {
  const { layers, isWanted, openBlob, verify } = source;
  const order = [...new Map(layers.map((layer) => [layer.digest, layer])).values()];
  const tasks = new Map<string, Promise<string | null>>();
  const streams = new Set<Readable>();
  const end = new AbortController();
  let verifying: Promise<unknown> = Promise.resolve();

  async function receive(blob: Blob): Promise<void> {
    const stream = await openBlob(blob, end.signal);
    streams.add(stream);
    try {
      if (end.signal.aborted) return;
      for await (const _ of stream);
    } finally {
      stream.destroy();
      streams.delete(stream);
    }
  }

  async function obtain(blob: Blob): Promise<string | null> {
    if (await isWanted(blob)) await receive(blob);
    return verifyInTurn(blob);
  }

  /** One at a time: each takes a thread with memory of its own, and an org can have several pulls. */
  function verifyInTurn(blob: Blob): Promise<string | null> {
    const turn = verifying.then(() => (end.signal.aborted ? null : verify(blob, end.signal)));
    verifying = turn.catch(() => {});
    return turn;
  }

  function begin(blobs: readonly Blob[]): void {
    for (const blob of blobs) {
      if (tasks.has(blob.digest) || end.signal.aborted) continue;
      const task = obtain(blob);
      // Whoever opens the layer gets the error.
      task.catch(() => {});
      tasks.set(blob.digest, task);
    }
  }

  /** @param count how many layers from the first on. */
  function layersFrom(first: Blob, count: number): Blob[] {
    const index = order.findIndex(({ digest }) => digest === first.digest);
    return index === -1 ? [] : order.slice(index, index + count);
  }

  return {
    async openBlob(blob) {
      begin(layersFrom(blob, AHEAD + 1).slice(1));
      await tasks.get(blob.digest);
      return openBlob(blob, end.signal);
    },
    async openVerified(blob) {
      // The only layer is loaded while it is being received: nothing else could be done meanwhile.
      if (order.length === 1) return null;
      begin(layersFrom(blob, AHEAD + 1));
      const path = (await tasks.get(blob.digest)) ?? null;
      return path === null ? null : createReadStream(path, { highWaterMark: READ_BYTES });
    },
    async close() {
      end.abort();
      for (const stream of streams) stream.destroy();
      await Promise.allSettled(tasks.values());
    },
  };
}
