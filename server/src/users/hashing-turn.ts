import { DomainError } from '../base/domain-error.ts';

/** Each takes one of the four threads of Node's pool, which files and name lookups need too, and 32 MiB. */
const AT_ONCE = 2;
/** More would wait longer than any client does. */
const MAX_WAITING = 100;

const waiting: (() => void)[] = [];
let running = 0;

/**
 * Runs expensive work, a few at a time, in the order of the requests.
 * @throws DomainError if too many are waiting.
 */
export async function hashingTurn<T>(work: () => Promise<T>): Promise<T> {
  if (running >= AT_ONCE) {
    if (waiting.length >= MAX_WAITING) {
      const message = 'Too many people are signing in just now: try again in a moment.';
      throw new DomainError('contended', message);
    }
    await new Promise<void>((resolve) => waiting.push(resolve));
  } else {
    running += 1;
  }
  try {
    return await work();
  } finally {
    const next = waiting.shift();
    // The turn is passed on directly, so that no newcomer gets in between.
    if (next === undefined) running -= 1;
    else next();
  }
}
