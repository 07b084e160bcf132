/**
 * The time before each line of a pod's log. A line without one is no line of the process: in place of a log that it has
 * just removed, a node sends a sentence that says so, as if it were the log. Pure.
 */

/** A time as a node writes it, in its own time zone, and the rest of a line. */
interface TimedLine {
  /** `2026-11-02T09:30:00.123456789Z`, with nine digits of a second's fraction. */
  at: string;
  /** How long the time is, with the space behind it. */
  length: number;
}

/** The longest beginning of a line that has a time in it. */
const HEAD_BYTES = 40;
/** Nanoseconds without the zeros at their end, as Go writes them. */
const TIMED = /^(\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2})(?:\.(\d{1,9}))?(Z|[+-]\d{2}:\d{2}) ?/;
const SECONDS_LENGTH = '2026-11-02T09:30:00'.length;

/** @returns null: the line is not the process's. */
export function timeParse(line: Buffer): TimedLine | null {
  const [head, seconds = '', fraction = '', zone = ''] =
    TIMED.exec(line.toString('latin1', 0, HEAD_BYTES)) ?? [];
  if (head === undefined) return null;
  const utc =
    zone === 'Z' ? seconds : new Date(`${seconds}${zone}`).toISOString().slice(0, SECONDS_LENGTH);
  return { at: `${utc}.${fraction.padEnd(9, '0')}Z`, length: head.length };
}

/** The text of a log that was read with times. */
export function timesRemove(said: string): string {
  const lines = said.split(/(?<=\n)/).filter((line) => TIMED.test(line));
  return lines.map((line) => line.replace(TIMED, '')).join('');
}
