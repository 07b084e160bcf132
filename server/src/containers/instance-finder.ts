import { later } from '../base/moments.ts';

/** Engines record a start a moment after the process may have written its first lines, in milliseconds. */
const START_NOTED_MS = 900;

/** The recorded starts of the process of one object, oldest first. */
export interface ObjectStarts {
  /** The number of the first instance of the object. */
  object: number;
  instances: readonly { number: number; startedAt: Date }[];
}

/**
 * Says which instance of an object wrote a line, for one line after the other: a start ends what came before it, also
 * when the clock was set back.
 */
export function instanceFinder({ object, instances }: ObjectStarts): (at: string) => number | null {
  const starts = instances.map(({ number, startedAt }) => ({
    number,
    fromMs: later(startedAt, -START_NOTED_MS).getTime(),
  }));
  let index = 0;
  return (at) => {
    const atMs = Date.parse(at);
    for (let next = starts[index + 1]; next !== undefined && atMs >= next.fromMs;) {
      index += 1;
      next = starts[index + 1];
    }
    const found = starts[index];
    if (found === undefined) return null;
    // Of an object that was restarted very often, only the last starts are recorded.
    const isEarlier = index === 0 && found.number > object && atMs < found.fromMs;
    return isEarlier ? found.number - 1 : found.number;
  };
}
