/** Docker's failures as the contract's EngineError. */
import { EngineError } from '../contract.ts';
import { DockerCallError } from './api.ts';

/** Whether Docker answered with this HTTP status and, if given, a text like this. */
export function isDockerStatus(error: unknown, status: number, text?: RegExp): boolean {
  return (
    error instanceof DockerCallError &&
    error.status === status &&
    (text === undefined || text.test(error.message))
  );
}

/** Undefined when Docker says 404; any other failure is thrown on. */
export async function unlessMissing<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (isDockerStatus(error, 404)) return undefined;
    throw error;
  }
}

/** What the contract promises for a failure of which nothing better is known: try again. */
export function toEngineError(error: unknown): EngineError {
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

/**
 * Runs one verb under its deadline: what it throws is an EngineError, and late is retryable.
 * @param act gets a signal that aborts at the deadline; it is not waited for beyond.
 */
export async function runVerb<T>(
  deadlineMs: number,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `The container engine did not answer within ${deadlineMs / 1000} s.`;
    late.reject(new EngineError('retryable', 'engine_timeout', message));
    deadline.abort();
  }, deadlineMs);
  try {
    return await Promise.race([act(deadline.signal), late.promise]);
  } catch (error) {
    throw toEngineError(error);
  } finally {
    clearTimeout(timer);
    // What the verb left running (a losing race's other call) ends with it.
    deadline.abort();
  }
}
