/** Limits how much of the machine's disk one image may take. */
import type { Blob } from '../../registry/manifest.ts';
import { PullError } from '../../registry/pull-error.ts';

const ROOM_CHECK_BYTES = 256 * 1024 ** 2;

export interface Room {
  /** How many bytes must stay free. */
  storageReserveBytes: number;
  /** Bytes; null if unknown. */
  storageFree(signal: AbortSignal): Promise<number | null>;
}

/** @throws PullError if this many more bytes would leave less than the reserve. */
export async function requireRoom(
  { storageFree, storageReserveBytes }: Room,
  neededBytes: number,
  signal: AbortSignal,
): Promise<void> {
  const freeBytes = await storageFree(signal);
  if (freeBytes === null || freeBytes >= storageReserveBytes + neededBytes) return;
  throw new PullError('image_pull_error', 'The host has little disk space left.');
}

/** @returns the total size that the layers declare. @throws PullError if it is too large. */
export function layersMeasure(layers: readonly Blob[], maxBytes: number): number {
  const bytes = layers.reduce((sum, { size }) => sum + size, 0);
  if (bytes <= maxBytes) return bytes;
  const gib = (each: number) => `${(each / 1024 ** 3).toFixed(1)} GiB`;
  throw new PullError(
    'image_rejected',
    `The image is too big: its layers have ${gib(bytes)}, at most ${gib(maxBytes)} are taken.`,
  );
}

/** Continues reading an archive only while there is room for it. */
export async function* readWhileRoom(
  archive: AsyncIterable<Buffer>,
  room: Room,
  signal: AbortSignal,
): AsyncGenerator<Buffer> {
  let uncheckedBytes = 0;
  for await (const chunk of archive) {
    uncheckedBytes += chunk.length;
    if (uncheckedBytes >= ROOM_CHECK_BYTES) {
      uncheckedBytes = 0;
      await requireRoom(room, 0, signal);
    }
    yield chunk;
  }
}
