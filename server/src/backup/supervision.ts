import { OperatorError } from '../base/errors.ts';

/** How a person follows, and can end, a long operation. */
export interface Supervision {
  /** Reports progress as a sentence. */
  progress(text: string): void;
  /** Aborts if the person wants the operation to end. Unfinished work is discarded. */
  signal: AbortSignal;
}

/** The error of a command that was ended before it was done. */
export function brokenOff(cause: unknown): OperatorError {
  return new OperatorError(
    'Ended before it was done, and what is not finished does not count: repeat the command.',
    { cause },
  );
}
