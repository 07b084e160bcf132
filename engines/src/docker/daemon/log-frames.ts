/** Cuts Docker's multiplexed log stream into the entries of the log. */
import type { Readable } from 'node:stream';
import type { LogEntry } from '../../log-lines.ts';

const HEADER_BYTES = 8;
const STDERR = 2;
/** `2026-11-02T09:30:00.123456789Z`, then a space. */
const TIME_LENGTH = 30;
const LINE_FEED = 0x0a;

function entryParse(type: number, payload: Buffer): LogEntry {
  const isLast = payload.at(-1) === LINE_FEED;
  return {
    stream: type === STDERR ? 'stderr' : 'stdout',
    at: payload.toString('latin1', 0, TIME_LENGTH),
    bytes: payload.subarray(TIME_LENGTH + 1, isLast ? payload.length - 1 : payload.length),
    isLast,
  };
}

/**
 * The entries of a log stream that was requested with timestamps, in groups as they arrive. An incomplete frame at the
 * end is left out: the connection was cut in it.
 */
export async function* logEntries(stream: Readable): AsyncGenerator<LogEntry[]> {
  let pending: Buffer = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    pending = pending.length === 0 ? chunk : Buffer.concat([pending, chunk]);
    const entries: LogEntry[] = [];
    let offset = 0;
    while (pending.length - offset >= HEADER_BYTES) {
      const end = offset + HEADER_BYTES + pending.readUInt32BE(offset + 4);
      if (end > pending.length) break;
      entries.push(entryParse(pending[offset] ?? 0, pending.subarray(offset + HEADER_BYTES, end)));
      offset = end;
    }
    pending = pending.subarray(offset);
    if (entries.length > 0) yield entries;
  }
}
