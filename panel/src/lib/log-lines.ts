import type { LogRow } from '@dollarbox/client';

/** What the page shows of a log, row by row. */
export type LogEntry =
  | { kind: 'line'; at: string; stream: 'stdout' | 'stderr'; text: string; isCut: boolean }
  /** Lines were lost here; null: nobody knows how many. */
  | { kind: 'gap'; lost: number | null }
  /** The process was started: the lines below are of this instance. */
  | { kind: 'start'; instance: number; at: string | null };

/** Some successive rows, drawn together. It only grows, and only while it is the last one. */
export interface LogBlock {
  /** Stays the same for as long as the block exists. */
  key: number;
  entries: LogEntry[];
}

/** Rows of a block: few enough to draw at once, many enough that a million lines are some thousands of blocks. */
const BLOCK_ROWS = 50;

/** The lines of a log that the page holds, oldest first. */
export interface LogLines {
  /** Another array after each change. */
  blocks: readonly LogBlock[];
  /** How many lines there are, without gaps and starts. */
  count: number;
  /** How many lines were appended since the beginning. */
  appended: number;
  /** Whether lines were dropped since there were too many. */
  hasDropped: boolean;
  append(rows: readonly LogRow[]): void;
  prepend(rows: readonly LogRow[]): void;
}

/** @param most lines that are kept; past that, the oldest ones are dropped. */
export function logLinesCreate(most: number): LogLines {
  let blocks: LogBlock[] = [];
  let [firstKey, lastKey] = [0, -1];
  let lastInstance: number | null = null;

  const lines: LogLines = {
    get blocks() {
      return blocks;
    },
    count: 0,
    appended: 0,
    hasDropped: false,
    append(rows) {
      const { entries, instance } = entriesOf(rows, lastInstance);
      lastInstance = instance;
      const added = linesIn(entries);
      lines.count += added;
      lines.appended += added;
      const last = blocks.at(-1);
      const room = last === undefined ? 0 : Math.max(0, BLOCK_ROWS - last.entries.length);
      // After a reconnect the server says again that something was lost.
      const fresh = isRepeatedGap(last?.entries.at(-1), entries[0]) ? entries.slice(1) : entries;
      last?.entries.push(...fresh.slice(0, room));
      blocks = [...blocks];
      for (let from = room; from < fresh.length; from += BLOCK_ROWS) {
        lastKey += 1;
        blocks.push({ key: lastKey, entries: fresh.slice(from, from + BLOCK_ROWS) });
      }
      if (lines.count > most) drop();
    },
    prepend(rows) {
      const { entries, instance } = entriesOf(rows, null);
      lines.count += linesIn(entries);
      if (blocks.length === 0) lastInstance = instance;
      else startMend(blocks[0], instance);
      const older: LogBlock[] = [];
      for (let from = 0; from < entries.length; from += BLOCK_ROWS) {
        older.push({ key: 0, entries: entries.slice(from, from + BLOCK_ROWS) });
      }
      for (const block of older.toReversed()) {
        firstKey -= 1;
        block.key = firstKey;
      }
      blocks = [...older, ...blocks];
    },
  };
  return lines;

  /** A tenth more than is necessary, so that it is not done with every line. */
  function drop() {
    let index = 0;
    while (index < blocks.length - 1 && lines.count > most * 0.9) {
      lines.count -= linesIn(blocks[index]?.entries ?? []);
      index += 1;
    }
    blocks = blocks.slice(index);
    lines.hasDropped = true;
  }
}

/** @param instance of the line before the rows; null if it is not known. */
function entriesOf(rows: readonly LogRow[], instance: number | null) {
  const entries: LogEntry[] = [];
  let current = instance;
  for (const row of rows) {
    if (row.type === 'gap') {
      entries.push({ kind: 'gap', lost: row.lost_lines ?? null });
      continue;
    }
    // The list of types may grow.
    if (row.type !== 'line' || row.text === null) continue;
    if (row.instance !== null && row.instance !== current) {
      entries.push({ kind: 'start', instance: row.instance, at: row.at });
      current = row.instance;
    }
    const { at, stream, text, cut: isCut } = row;
    entries.push({ kind: 'line', at: at ?? '', stream: stream ?? 'stdout', text, isCut });
  }
  return { entries, instance: current };
}

/** Takes away the start that a block begins with, if the lines that now come before it are of the same instance. */
function startMend(block: LogBlock | undefined, instance: number | null): void {
  const first = block?.entries[0];
  if (first?.kind === 'start' && first.instance === instance) {
    block?.entries.shift();
  }
}

function isRepeatedGap(last: LogEntry | undefined, next: LogEntry | undefined): boolean {
  return last?.kind === 'gap' && next?.kind === 'gap' && last.lost === next.lost;
}

function linesIn(entries: readonly LogEntry[]): number {
  let count = 0;
  for (const { kind } of entries) if (kind === 'line') count += 1;
  return count;
}

/** What a line would be on a terminal: what follows its last carriage return. */
export function lineShown(text: string): string {
  const end = text.endsWith('\r') ? text.slice(0, -1) : text;
  return end.slice(end.lastIndexOf('\r') + 1);
}

// oxlint-disable-next-line no-control-regex -- escape sequences begin with a control character
const ESCAPES = /\u001B(?:\[[0-?]*[ -/]*[@-~]|\][^\u0007\u001B]*(?:\u0007|\u001B\\)?|[@-Z\\-_])/g;

/** A line without colours and other commands to a terminal. */
export function linePlain(text: string): string {
  return text.includes('\u001B') ? text.replace(ESCAPES, '') : text;
}
