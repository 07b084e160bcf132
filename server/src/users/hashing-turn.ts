import { serviceUnavailable } from '../errors.ts';

/** Each takes a thread of Node's pool of four, which files and names need too, and 32 MiB. */
const AT_ONCE = 2;
/** More would wait for longer than anyone does. */
const MAX_WAITING = 100;

const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs costly work, some at a time, in the order in which it was asked for.
 * @throws ApiError 503 when too many wait.
 */
export async function hashingTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      throw serviceUnavailable('Too many people are signing in just now: try again in a moment.');
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    // The turn is handed on, so that nobody slips in between.
    if (next === undefined) running -= 1;
    else next();
  }
}
