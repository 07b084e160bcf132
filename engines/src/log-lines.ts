/** Makes lines of the entries of an engine's log, and gives each line its position. */
import { LOG_LINE_MAX_BYTES } from './contract/access.ts';
import type { LogLine } from './contract/access.ts';

/** One entry of a log: a line, or a piece of a long one. All pieces of a line have the same time. */
export interface LogEntry {
  stream: 'stdout' | 'stderr';
  /** `2026-11-02T09:30:00.123456789Z`, with nine digits of a second's fraction. */
  at: string;
  /** Without the line feed. */
  bytes: Buffer;
  /** It is a whole line, or the last piece of one. */
  isLast: boolean;
}

/** How much of a text its position contains a hash of, in UTF-16 units. */
const HASHED_LENGTH = 256;

export interface LineMaker {
  /** @returns the lines that are complete with this entry. */
  add(entry: LogEntry): LogLine[];
  /** @returns the lines that their process has left incomplete. */
  flush(): LogLine[];
}

interface StreamState {
  /** The pieces of a line that is not complete yet. */
  pieces: Buffer[];
  bytes: number;
  at: string;
  /** How many lines of this stream in a row had this time. */
  lastAt: string;
  sameTimes: number;
}

/** FNV-1a over the beginning of a text and its length. */
function textHash(text: string): string {
  let hash = 0x811c9dc5 ^ text.length;
  const end = Math.min(text.length, HASHED_LENGTH);
  for (let index = 0; index < end; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return (hash >>> 0).toString(36);
}

/**
 * The position of a line: its stream, its time, its number among the lines of the same stream and time in a row, and a
 * hash. The number tells lines of equal times apart; the hash, lines that got the same time after the clock was set back.
 */
function positionFormat(
  stream: LogLine['stream'],
  at: string,
  sameTimes: number,
  text: string,
): string {
  const digits = `${at.slice(0, 4)}${at.slice(5, 7)}${at.slice(8, 10)}${at.slice(11, 13)}${at.slice(14, 16)}${at.slice(17, 19)}${at.slice(20, -1)}`;
  return `${stream === 'stderr' ? 'e' : 'o'}${digits}.${sameTimes.toString(36)}.${textHash(text)}`;
}

/** The end of the last whole character, so that a cut does not tear one. */
function characterEnd(bytes: Buffer, end: number): number {
  let start = end - 1;
  while (start > end - 4 && ((bytes[start] ?? 0) & 0xc0) === 0x80) start -= 1;
  const lead = bytes[start] ?? 0;
  const length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
  return start + length > end ? start : end;
}

export function lineMakerCreate(): LineMaker {
  const fresh = (): StreamState => ({ pieces: [], bytes: 0, at: '', lastAt: '', sameTimes: 0 });
  const states = { stdout: fresh(), stderr: fresh() };

  function lineMake(
    stream: LogLine['stream'],
    state: StreamState,
    bytes: Buffer,
    isCut: boolean,
  ): LogLine {
    const { at } = state;
    state.sameTimes = state.lastAt === at ? state.sameTimes + 1 : 0;
    state.lastAt = at;
    const text = bytes.toString('utf8');
    return { position: positionFormat(stream, at, state.sameTimes, text), at, stream, text, isCut };
  }

  /** Cuts what is pending into lines of at most the largest size, and keeps the rest. */
  function cut(stream: LogLine['stream'], state: StreamState): LogLine[] {
    if (state.bytes <= LOG_LINE_MAX_BYTES) return [];
    let rest: Buffer = Buffer.concat(state.pieces);
    const lines: LogLine[] = [];
    while (rest.length > LOG_LINE_MAX_BYTES) {
      const end = characterEnd(rest, LOG_LINE_MAX_BYTES);
      lines.push(lineMake(stream, state, rest.subarray(0, end), true));
      rest = rest.subarray(end);
    }
    state.pieces = [rest];
    state.bytes = rest.length;
    return lines;
  }

  function finish(stream: LogLine['stream'], state: StreamState): LogLine {
    const [first, ...more] = state.pieces;
    const bytes = more.length === 0 && first !== undefined ? first : Buffer.concat(state.pieces);
    const line = lineMake(stream, state, bytes, false);
    state.pieces = [];
    state.bytes = 0;
    return line;
  }

  return {
    add({ stream, at, bytes, isLast }) {
      const state = states[stream];
      const lines: LogLine[] = [];
      // A process that was killed in the middle of a long line never ended it.
      if (state.pieces.length > 0 && state.at !== at) lines.push(finish(stream, state));
      state.at = at;
      state.pieces.push(bytes);
      state.bytes += bytes.length;
      lines.push(...cut(stream, state));
      if (isLast) lines.push(finish(stream, state));
      return lines;
    },
    flush() {
      return (['stdout', 'stderr'] as const).flatMap((stream) => {
        const state = states[stream];
        return state.pieces.length === 0 ? [] : [finish(stream, state)];
      });
    },
  };
}
