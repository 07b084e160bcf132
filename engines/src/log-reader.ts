/** Finds lines by their positions in a log that an engine shows from its end, or from its beginning. */
import { EngineError } from './contract.ts';
import type { LogFrom, LogLine, LogPart, LogRange, LogRun } from './contract/access.ts';
import { type LogEntry, lineMakerCreate } from './log-lines.ts';

/** How far back a position is looked for, in entries of the log, one try after the other. */
const LOOK_BACK = [1000, 20_000, null] as const;
/**
 * How many entries before the ones wanted are read: the first lines of a part of a log that have the same time can't be
 * numbered.
 */
const MARGIN_ENTRIES = 64;
/** How many entries a follower reads at first. Fewer are written between the two calls of a follower. */
const FOLLOW_BACK_ENTRIES = 5000;

/** A part of the log: its last entries, or all of them. */
export interface LogWindow {
  /** null: all. */
  entries: number | null;
  /** It goes on with what is written from now on, until the process ends. */
  isFollowed: boolean;
  run?: LogRun | undefined;
}

/**
 * The entries of a part of a container's log, in groups as they arrive.
 * @throws EngineError `not_found` (reason `container_missing`) if the object is gone, or (reason `run_missing`) the run.
 */
export type LogOpen = (
  ref: string,
  window: LogWindow,
  signal: AbortSignal,
) => AsyncGenerator<LogEntry[]>;

export interface LogReader {
  lines(ref: string, range: LogRange, signal: AbortSignal): AsyncGenerator<LogPart>;
  follow(ref: string, from: LogFrom, signal: AbortSignal): AsyncGenerator<LogPart>;
}

function positionMissing(): EngineError {
  const message = 'The container engine does not have these lines any more.';
  return new EngineError('retryable', 'position_missing', message);
}

/**
 * Leaves out the first lines of each stream, up to the second time that occurs: how many of the same time came before
 * them is not known.
 */
function numberedOnly(): (lines: readonly LogLine[]) => readonly LogLine[] {
  const firstAt: Partial<Record<LogLine['stream'], string>> = {};
  const isNumbered = { stdout: false, stderr: false };
  return (lines) => {
    if (isNumbered.stdout && isNumbered.stderr) return lines;
    return lines.filter(({ stream, at }) => {
      firstAt[stream] ??= at;
      isNumbered[stream] ||= firstAt[stream] !== at;
      return isNumbered[stream];
    });
  };
}

export function logReaderCreate(open: LogOpen): LogReader {
  /** The lines of a part of the log, and, at its end, how many entries it had. */
  async function* read(
    ref: string,
    window: LogWindow,
    signal: AbortSignal,
  ): AsyncGenerator<readonly LogLine[], number> {
    const maker = lineMakerCreate();
    let count = 0;
    for await (const entries of open(ref, window, signal)) {
      count += entries.length;
      yield entries.flatMap((entry) => maker.add(entry));
    }
    const left = maker.flush();
    if (left.length > 0) yield left;
    return count;
  }

  async function* tailRead(
    ref: string,
    tail: number,
    run: LogRun | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<LogPart> {
    for (const entries of [tail + MARGIN_ENTRIES, (tail + MARGIN_ENTRIES) * 10, null]) {
      let numbered: LogLine[] = [];
      let all: LogLine[] = [];
      const filter = numberedOnly();
      const reading = read(ref, { entries, isFollowed: false, run }, signal);
      let step = await reading.next();
      for (; step.done !== true; step = await reading.next()) {
        const lines = step.value;
        numbered = [...numbered, ...filter(lines)].slice(-tail);
        all = [...all, ...lines].slice(-tail);
      }
      const isWhole = entries === null || step.value < entries;
      if (!isWhole && numbered.length < tail) continue;
      yield { lines: tail === 0 ? [] : isWhole ? all : numbered };
      return;
    }
  }

  async function* behindRead(
    ref: string,
    after: string,
    run: LogRun | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<LogPart> {
    for (const entries of LOOK_BACK) {
      let isFound = false;
      const reading = read(ref, { entries, isFollowed: false, run }, signal);
      let step = await reading.next();
      for (; step.done !== true; step = await reading.next()) {
        const lines = step.value;
        if (isFound) {
          yield { lines };
          continue;
        }
        const index = lines.findIndex(({ position }) => position === after);
        if (index === -1) continue;
        isFound = true;
        yield { lines: lines.slice(index + 1) };
      }
      if (isFound) return;
      if (entries !== null && step.value < entries) break;
    }
    let isFirst = true;
    for await (const lines of read(ref, { entries: null, isFollowed: false, run }, signal)) {
      yield isFirst ? { lines, hasGap: true } : { lines };
      isFirst = false;
    }
    if (isFirst) yield { lines: [], hasGap: true };
  }

  async function* allRead(
    ref: string,
    run: LogRun | undefined,
    signal: AbortSignal,
  ): AsyncGenerator<LogPart> {
    for await (const lines of read(ref, { entries: null, isFollowed: false, run }, signal)) {
      yield { lines };
    }
  }

  return {
    lines(ref, { after, tail, run }, signal) {
      if (after !== undefined) return behindRead(ref, after, run, signal);
      return tail === undefined ? allRead(ref, run, signal) : tailRead(ref, tail, run, signal);
    },

    async *follow(ref, { after, run }, signal) {
      const entries = after === null ? null : FOLLOW_BACK_ENTRIES;
      const reading = read(ref, { entries, isFollowed: true, run }, signal);
      let isFound = after === null;
      let skipped = 0;
      for await (const lines of reading) {
        if (isFound) {
          yield { lines };
          continue;
        }
        const index = lines.findIndex(({ position }) => position === after);
        skipped += lines.length;
        if (index === -1 && skipped > FOLLOW_BACK_ENTRIES) throw positionMissing();
        if (index === -1) continue;
        isFound = true;
        yield { lines: lines.slice(index + 1) };
      }
      if (!isFound) throw positionMissing();
    },
  };
}
