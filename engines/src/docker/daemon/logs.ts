/** Extracts a container's output from Docker's multiplexed stream. */
import type { Readable } from 'node:stream';

const HEADER_BYTES = 8;

/**
 * Reads a log stream to its end and keeps the last part. The order of the two streams is preserved.
 * @param stream frames of a type byte, three zeros, a 32-bit length and the payload.
 * @param maxBytes the maximum that is kept. Little more is ever in memory.
 * @returns text, with invalid UTF-8 replaced. Truncated text begins with the first whole character.
 */
export async function logTailRead(stream: Readable, maxBytes: number): Promise<string> {
  let pending: Buffer = Buffer.alloc(0);
  let kept: Buffer[] = [];
  let keptBytes = 0;
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    let offset = 0;
    while (pending.length - offset >= HEADER_BYTES) {
      const end = offset + HEADER_BYTES + pending.readUInt32BE(offset + 4);
      if (end > pending.length) break;
      kept.push(pending.subarray(offset + HEADER_BYTES, end));
      keptBytes += end - offset - HEADER_BYTES;
      offset = end;
    }
    pending = pending.subarray(offset);
    // A copy, so that the chunks can be freed. It is one byte longer than what is shown, to detect that it was
    // truncated.
    if (keptBytes > 2 * maxBytes + 1) {
      kept = [Buffer.from(Buffer.concat(kept).subarray(-maxBytes - 1))];
      keptBytes = kept[0]?.length ?? 0;
    }
  }
  const all = Buffer.concat(kept);
  let start = Math.max(0, all.length - maxBytes);
  if (start > 0) while (((all[start] ?? 0) & 0xc0) === 0x80) start += 1;
  return all.subarray(start).toString('utf8');
}
