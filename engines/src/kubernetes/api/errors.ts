/** Translates the API server's failures to the contract's EngineError. */
import { EngineError } from '../../contract.ts';
import { KubeCallError } from './client.ts';

/** The contract's default for a failure with no better explanation: it can be retried. */
export function engineErrorFrom(error: unknown): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof KubeCallError && error.status === null) {
    const message = 'The container engine does not answer.';
    return new EngineError('retryable', 'engine_unreachable', message, { cause: error });
  }
  const message = 'The container engine could not do this now.';
  return new EngineError('retryable', 'engine_error', message, { cause: error });
}
