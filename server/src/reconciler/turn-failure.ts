import { EngineError } from '@dollarbox/engines/contract';
import { isDatabaseUnavailable, isTransactionConflict } from '../db/database.ts';
import type { ReconcileDeps } from './deps.ts';
import { HANGS_ASIDE, type NextTry } from './next-try.ts';
import { LeaseLost } from './turn.ts';
import { type Claim, FenceLost } from './store.ts';

/**
 * Converts what interrupted a turn into a failure of the engine that can be shown.
 * @param onBug called if the cause is a bug of ours. The bug is logged, and the failure describes it in general words.
 * @throws errors that are not failures of this object: the database is unavailable, or another worker has taken over.
 */
export function turnFailure(
  deps: Pick<ReconcileDeps, 'log'>,
  claim: Claim,
  error: unknown,
  onBug: () => void,
): EngineError {
  // An engine verb that reads its own table fails together with the database.
  if (error instanceof EngineError && isDatabaseUnavailable(error.cause)) throw error.cause;
  if (error instanceof EngineError) return error;
  const isOurs = error instanceof FenceLost || error instanceof LeaseLost;
  if (isOurs || isDatabaseUnavailable(error) || isTransactionConflict(error)) throw error;
  deps.log.error({ err: error, [claim.kind]: claim.id }, 'a reconcile broke off');
  onBug();
  const message = 'Something went wrong on our side; it is tried again.';
  return new EngineError('retryable', 'engine_error', message, { cause: error });
}

/**
 * Logs failures with growing intervals. An engine that does not answer is not logged here: that fails every due object,
 * and is reported once (`engine-watch.ts`).
 */
export function turnFailureLog(
  deps: Pick<ReconcileDeps, 'log'>,
  claim: Claim,
  error: EngineError,
  { failures, hangs, delayMs }: NextTry,
): void {
  if (hangs === HANGS_ASIDE) {
    deps.log.warn(
      { [claim.kind]: claim.id, org: claim.orgId, delayMs },
      `the engine's calls for a ${claim.kind} hang: it is put aside and tried rarely`,
    );
  }
  const isReported = error.reason !== 'engine_unreachable' && (failures & (failures - 1)) === 0;
  deps.log[isReported ? 'warn' : 'debug'](
    { err: error, cause: error.cause, [claim.kind]: claim.id, failures },
    `the engine could not bring a ${claim.kind} to its desired state`,
  );
}
