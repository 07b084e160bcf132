import { closeSync, fstatSync, openSync, readSync, renameSync, statSync } from 'node:fs';

/** What the embedded database tells of itself; a pino logger fits. */
export interface EmbeddedLog {
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}

/** For commands, which tell what matters themselves. */
export const QUIET_LOG: EmbeddedLog = { info() {}, warn() {}, error() {} };

const LOG_BYTES_MAX = 10 * 1024 * 1024;
const TAIL_BYTES_MAX = 16 * 1024;

/** Sets a log that has grown too large aside as `<path>.1`; at a start only, since PostgreSQL keeps the file open. */
export function logRotate(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > LOG_BYTES_MAX) renameSync(path, `${path}.1`);
}

/** What was written to the log since it was `fromByte` long, its last 16 KiB at most. */
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
