import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** Where the embedded database logs. A pino logger fits. */
export interface EmbeddedLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** For commands, which report what matters themselves. */
export const QUIET_LOG: EmbeddedLog = { info() {}, warn() {}, error() {} };

const LOG_BYTES_MAX = 10 * 1024 * 1024;
const TAIL_BYTES_MAX = 16 * 1024;

/** Renames a log that has grown too large to `<path>.1`. Only at a start, since PostgreSQL keeps the file open. */
export function logRotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
}

/** What was written to the log after its first `fromByte` bytes, at most the last 16 KiB. */
export function logTail(path: string, fromByte: number): string {
  const file = openSync(path, 'r');
  try {
    const size = fstatSync(file).size;
    const start = Math.max(fromByte, size - TAIL_BYTES_MAX);
    const buffer = Buffer.alloc(Math.max(0, size - start));
    const read = readSync(file, buffer, 0, buffer.length, start);
    return buffer.toString('utf8', 0, read);
  } finally {
    closeSync(file);
  }
}
