import type { LogLine } from '@dollarbox/engines/contract';
import { keptLinesRead } from '../containers/instances.ts';
import { linesUnpack } from '../containers/kept-lines.ts';
import type { SecretBox } from '../base/secrets.ts';
import type { Db } from '../db/database.ts';
import type { LinePlace } from './cursor.ts';
import type { LogItem, LogSource } from './items.ts';
import { type InstanceRow, instanceRowsRead } from './store.ts';

/** So many lines are handed on at a time. */
const PART_LINES = 500;

/** What is kept of one container. */
export interface KeptLines {
  /** Its instances as they are now. */
  instances(): Promise<InstanceRow[]>;
  /** The lines of one instance; null: none, or they can't be read any more. */
  lines(number: number): Promise<LogLine[] | null>;
}

export function keptLinesCreate(db: Db, secrets: SecretBox, containerId: number): KeptLines {
  return {
    instances: () => instanceRowsRead(db, containerId),
    async lines(number) {
      const packed = await keptLinesRead(db, secrets, containerId, number);
      return packed === null ? null : linesUnpack(packed);
    },
  };
}

function gapOf(instance: number | null, lostLines: number | null): LogItem[] {
  return lostLines === 0 ? [] : [{ type: 'gap', instance, lostLines }];
}

function* linesShow(
  object: number,
  instance: number,
  lines: readonly LogLine[],
): Generator<LogItem[]> {
  for (let start = 0; start < lines.length; start += PART_LINES) {
    yield lines
      .slice(start, start + PART_LINES)
      .map((line) => Object.assign(line, { type: 'line' as const, object, instance }));
  }
}

/** Everything that there is of one instance. */
async function* instanceLines(kept: KeptLines, object: number, row: InstanceRow) {
  const { number, isKept, hasLines, lostLines, isCutOff } = row;
  const lines = hasLines ? await kept.lines(number) : [];
  if (!isKept || lines === null) {
    yield gapOf(number, null);
    return;
  }
  yield gapOf(number, lostLines);
  yield* linesShow(object, number, lines);
  if (isCutOff) yield gapOf(number, null);
}

/**
 * Reads the lines of an object that is gone.
 * @param place behind which they are wanted; null: all.
 */
export async function* keptLines(
  kept: KeptLines,
  { object, instances }: LogSource,
  place: LinePlace | null,
): AsyncGenerator<LogItem[]> {
  const [first] = instances;
  if (place === null) {
    if (first !== undefined && first.number > object) yield gapOf(null, null);
    for (const row of instances) yield* instanceLines(kept, object, row);
    return;
  }
  // A start may have been recorded after the line was read, which then belongs to a later instance.
  const from = place.instance ?? object;
  const left = instances.filter(({ number }) => number >= from);
  for (const [index, row] of left.entries()) {
    const lines = row.hasLines ? await kept.lines(row.number) : null;
    const found = lines?.findIndex(({ position }) => position === place.position) ?? -1;
    if (lines === null || found === -1) continue;
    yield* linesShow(object, row.number, lines.slice(found + 1));
    if (row.isCutOff) yield gapOf(row.number, null);
    for (const next of left.slice(index + 1)) yield* instanceLines(kept, object, next);
    return;
  }
  yield gapOf(place.instance, null);
  for (const row of left) {
    // The line may have been one of those behind what is kept.
    const isBehind = row.isCutOff && row.number === from;
    if (!isBehind) yield* instanceLines(kept, object, row);
  }
}
