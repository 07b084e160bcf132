import type { ContainerObservation } from '@dollarbox/engines/contract';
import type { ContainerState } from './state.ts';

/**
 * How many exits of the observed object were not counted yet. An engine may remember only the last one: that one was
 * not counted yet if it ended at another time than the last one counted.
 */
export function exitsNew(
  state: Pick<ContainerState, 'exitRef' | 'exitCount' | 'exitFinishedAt'>,
  { ref, exits: { count, last } }: Pick<ContainerObservation, 'ref' | 'exits'>,
): number {
  if (last === null) return 0;
  if (state.exitRef !== ref) return count;
  const isOther = state.exitFinishedAt?.getTime() !== last.finishedAt.getTime();
  return Math.max(count - state.exitCount, isOther ? 1 : 0);
}
