import { EngineError } from '@dollarbox/engines/contract';
import type { ReconcileDeps } from './deps.ts';

/**
 * Removes an object without a row. A failure is logged, so that the sweep continues with the next object and retries
 * later.
 */
export async function orphanRemove(
  deps: Pick<ReconcileDeps, 'log'>,
  orphan: { ref: string },
  remove: () => Promise<void>,
): Promise<void> {
  try {
    await remove();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    deps.log.warn({ err: error, ref: orphan.ref }, 'an object without a row could not be removed');
  }
}
