import { EngineError } from '@dollarbox/engines/contract';
import { isDatabaseUnavailable, isTransactionConflict } from '../db/database.ts';
import type { ReconcileDeps } from '../deps.ts';
import { LeaseLost } from './loop.ts';
import { type Claim, FenceLost } from './store.ts';

/**
 * What broke a turn off, as a failure of the engine that can be told.
 * @param onBug called when it is a bug of ours, which is logged and told in general words.
 * @throws what is no failure of this object's: the database is away, or another worker has taken over.
 */
export function turnFailure(
  deps: Pick<ReconcileDeps, 'log'>,
  claim: Claim,
  error: unknown,
  onBug: () => void,
): EngineError {
  if (error instanceof EngineError) return error;
  const isOurs = error instanceof FenceLost || error instanceof LeaseLost;
  if (isOurs || isDatabaseUnavailable(error) || isTransactionConflict(error)) throw error;
  deps.log.error({ err: error, [claim.kind]: claim.id }, 'a reconcile broke off');
  onBug();
  const message = 'Something went wrong on our side; it is tried again.';
  return new EngineError('retryable', 'engine_error', message, { cause: error });
}

/**
 * Ever more seldom, and of an engine that does not answer not here: that fails every object that has something due,
 * and is told once (`engine-watch.ts`).
 */
export function turnFailureLog(
  deps: Pick<ReconcileDeps, 'log'>,
  claim: Claim,
  error: EngineError,
  failures: number,
): void {
  const isTold = error.reason !== 'engine_unreachable' && (failures & (failures - 1)) === 0;
  deps.log[isTold ? 'warn' : 'debug'](
    { err: error, cause: error.cause, [claim.kind]: claim.id, failures },
    `the engine could not bring a ${claim.kind} to its desired state`,
  );
}
