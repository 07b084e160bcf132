/** Translates Docker's failures to the contract's EngineError. */
import { EngineError } from '../../contract.ts';
import { verbRunAs } from '../../verb-run.ts';
import { DockerCallError } from './api.ts';

/** Whether Docker answered with this HTTP status and, if given, with text that matches. */
export function isDockerStatus(error: unknown, status: number, text?: RegExp): boolean {
  return (
    error instanceof DockerCallError &&
    error.status === status &&
    (text === undefined || text.test(error.message))
  );
}

/** Undefined if Docker answers 404. Any other failure is rethrown. */
export async function unlessMissing<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (isDockerStatus(error, 404)) return undefined;
    throw error;
  }
}

/** The contract's default for a failure with no better explanation: it can be retried. */
export function engineErrorFrom(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof DockerCallError && error.status === null) {
    return new EngineError(
      'retryable',
      'engine_unreachable',
      'The container engine does not answer.',
      {
        cause: error,
      },
    );
  }
  return new EngineError(
    'retryable',
    'engine_error',
    'The container engine could not do this now.',
    {
      cause: error,
    },
  );
}

/** As `verbRun` of all engines, with Docker's failures translated. */
export function verbRun<T>(
  deadlineMs: number,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  return verbRunAs(engineErrorFrom, deadlineMs, act);
}
