import type { FakeWorld } from '@dollarbox/engines/fake/world';
import type { ContainerState } from '../../../server/src/containers/state.ts';
import { OURS } from './installations.ts';

type Counted = Pick<ContainerState, 'id' | 'exitRef' | 'exitCount' | 'exitFinishedAt'>;

/** How many exits of a container's present object its row has not counted, as far as the engine remembers them. */
export function exitsUncounted(world: FakeWorld, state: Counted): number {
  const container = world.containerFind(OURS, state.id);
  if (container === undefined || container.lastExit === null) return 0;
  const isSame = state.exitRef === container.ref;
  if (world.restarts === 'engine') return container.exits - (isSame ? state.exitCount : 0);
  return isSame && state.exitFinishedAt?.getTime() === container.lastExit.finishedAtMs ? 0 : 1;
}
