import { ENGINE_TIMEOUT, EngineError } from './contract.ts';

/**
 * Runs one verb, or several in a row, under a deadline.
 * @param errorFrom translates the engine's own failures.
 * @param act gets a signal that aborts at the deadline. It is not waited for after that.
 * @throws EngineError `engine_timeout` at the deadline, which is retryable; what `errorFrom` returns.
 */
export async function verbRunAs<T>(
  errorFrom: (error: unknown) => unknown,
  deadlineMs: number,
  act: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController();
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    const message = `The container engine did not answer within ${deadlineMs / 1000} s.`;
    late.reject(new EngineError('retryable', ENGINE_TIMEOUT, message));
    deadline.abort();
  }, deadlineMs);
  try {
    return await Promise.race([act(deadline.signal), late.promise]);
  } catch (error) {
    throw errorFrom(error);
  } finally {
    clearTimeout(timer);
    // Anything that the verb left running (such as the losing call of a race) ends with it.
    deadline.abort();
  }
}
