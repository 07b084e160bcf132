import { OperatorError } from '../errors.ts';

/** Of a person who looks on while something long goes on. */
export interface Supervision {
  /** Tells how far it has come: a sentence. */
  progress(text: string): void;
  /** Aborts when they want it to end. What is not finished then does not count. */
  signal: AbortSignal;
}

/** What a command that was ended before it was done says. */
export function brokenOff(cause: unknown): OperatorError {
  return new OperatorError(
    'Ended before it was done, and what is not finished does not count: repeat the command.',
    { cause },
  );
}
