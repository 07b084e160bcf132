/** Which lines of former instances are kept, and in which format. */
import { LOG_WHOLE_BYTES, type LogLine, type LogPart } from '@dollarbox/engines/contract';
import { constants, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { type ObjectStarts, instanceFinder } from './instance-finder.ts';

/** How much is kept of one instance: the last lines. A line counts as its text in UTF-8 and a line feed. */
const KEPT_BYTES = 1024 ** 2;
/** So many lines are kept at most, so that the memory that they take when they are read is bounded. */
const KEPT_LINES = 50_000;
/** Of so many instances, the last ones, lines are kept. */
const KEPT_INSTANCES = 10;
/** Besides them, the last instance of each of so many generations. */
const KEPT_GENERATIONS = 3;
/** What a line takes in an engine besides its text, at most, in bytes. */
const LINE_OVERHEAD = 100;
/** More than the lines of one instance can take, in bytes. */
const OPENED_MAX_BYTES = 32 * 1024 ** 2;
/** Fast, since lines are compressed while a container waits to be replaced. */
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

/** The number of no instance. */
const NONE = 0;

/** What is kept of one instance. */
export interface InstanceLines {
  number: number;
  /** As `linesPack` returns it; null: none. */
  lines: Buffer | null;
  /** How many lines these are. */
  count: number;
  /** How many lines came before them; null: unknown. */
  lostLines: number | null;
  /** There may have been more lines after them. */
  isCutOff: boolean;
}

/** The numbers of the instances of a container whose lines are kept. */
export function instancesKept(
  instances: readonly { number: number; generation: number }[],
): Set<number> {
  const newest = instances.toSorted((a, b) => b.number - a.number);
  const kept = new Set(newest.slice(0, KEPT_INSTANCES).map(({ number }) => number));
  const generations = new Set<number>();
  for (const { number, generation } of newest) {
    if (generations.has(generation)) continue;
    if (generations.size === KEPT_GENERATIONS) break;
    generations.add(generation);
    kept.add(number);
  }
  return kept;
}

function linePack({ position, at, stream, text, isCut }: LogLine): string {
  return JSON.stringify([position, at, stream, text, ...(isCut ? [true] : [])]);
}

function linesPack(packed: readonly string[]): Buffer {
  return zstdCompressSync(packed.join('\n'), COMPRESSION);
}

/** @throws if the bytes were not written by `linesCollect`. */
export function linesUnpack(bytes: Buffer): LogLine[] {
  const text = zstdDecompressSync(bytes, { maxOutputLength: OPENED_MAX_BYTES }).toString('utf8');
  return text.split('\n').map((row) => {
    type Packed = [string, string, LogLine['stream'], string, boolean?];
    const [position, at, stream, line, isCut = false] = JSON.parse(row) as Packed;
    return { position, at, stream, text: line, isCut };
  });
}

/** Takes lines one by one, and holds the last ones. */
interface Tail {
  add(line: LogLine): void;
  pack(): { lines: Buffer | null; count: number; dropped: number };
}

function tailCreate(): Tail {
  let rows: { packed: string; bytes: number }[] = [];
  let first = 0;
  let bytes = 0;
  let dropped = 0;
  return {
    add(line) {
      const size = Buffer.byteLength(line.text) + 1;
      rows.push({ packed: linePack(line), bytes: size });
      bytes += size;
      while (bytes > KEPT_BYTES || rows.length - first > KEPT_LINES) {
        bytes -= rows[first]?.bytes ?? 0;
        first += 1;
        dropped += 1;
      }
      if (first < KEPT_LINES) return;
      rows = rows.slice(first);
      first = 0;
    },
    pack() {
      const kept = rows.slice(first);
      const lines = kept.length === 0 ? null : linesPack(kept.map(({ packed }) => packed));
      return { lines, count: kept.length, dropped };
    },
  };
}

/** What is to be kept of one object. */
export interface Collecting extends ObjectStarts {
  /** The numbers of those instances whose lines are wanted. */
  wanted: ReadonlySet<number>;
  /** The process may still write. */
  isRunning: boolean;
  /** An engine that does not say what it has rotated away has rotated nothing if the first line is not later than this. */
  wholeFrom?: Date;
}

/**
 * Reads all lines of an object, and returns the last ones of each instance. Memory is bounded: at most one instance is
 * held uncompressed.
 * @throws what reading the parts throws.
 */
export async function linesCollect(
  parts: AsyncIterable<LogPart>,
  { object, instances, wanted, isRunning, wholeFrom }: Collecting,
): Promise<InstanceLines[]> {
  const instanceOf = instanceFinder({ object, instances });
  const found = new Map<number, { lines: Buffer | null; count: number; dropped: number }>();
  let current = { number: NONE, tail: tailCreate() };
  let firstSeen: number | null = null;
  let firstAtMs = Infinity;
  let bytes = 0;
  let isWhole = true;
  const finish = (): void => {
    if (wanted.has(current.number)) found.set(current.number, current.tail.pack());
  };
  for await (const part of parts) {
    if (part.hasGap === true) isWhole = false;
    for (const line of part.lines) {
      bytes += Buffer.byteLength(line.text) + LINE_OVERHEAD;
      const number = instanceOf(line.at) ?? object;
      if (firstSeen === null) firstAtMs = Date.parse(line.at);
      firstSeen ??= number;
      if (current.number !== number) {
        finish();
        current = { number, tail: tailCreate() };
      }
      current.tail.add(line);
    }
  }
  finish();
  const isLate = wholeFrom !== undefined && firstAtMs > +wholeFrom;
  if (bytes > LOG_WHOLE_BYTES || isLate) isWhole = false;
  const last = instances.at(-1)?.number;
  return instances.map(({ number }) => {
    const { lines, count, dropped } = found.get(number) ?? { lines: null, count: 0, dropped: 0 };
    // What the engine has rotated away came before the first line that it still has.
    const isKnown = isWhole || (firstSeen !== null && number > firstSeen);
    return {
      ...{ number, lines, count },
      lostLines: isKnown && wanted.has(number) ? dropped : null,
      isCutOff: isRunning && number === last,
    };
  });
}
