// The end of a container's process: for a deletion, a stop, a change, or a restart.
import type { ContainerObservation } from '@dollarbox/engines/contract';
import { later } from '../../base/moments.ts';
import type { ContainerState } from '../state.ts';
import type { Step, World } from './step.ts';

/** Ends the process, first with a stop signal, then removes the object. */
export function retirePlan({ state, restarts, now }: World, observed: ContainerObservation): Step {
  const { ref } = observed;
  const graceMs = stopGraceMs(state);
  const requestedAt = state.stopRef === ref ? state.stopRequestedAt : null;
  // An engine that restarts processes may just have restarted this one, which then gets its time to end.
  const isDown =
    observed.state !== 'running' && (restarts === 'reconciler' || requestedAt !== null);
  if (isDown) return { do: 'end', ref, graceMs: 0 };
  if (requestedAt === null) return { do: 'end', ref, graceMs };
  // Counted from the first signal. It is not sent again, because many programs take a second signal as "stop
  // immediately".
  const until = later(requestedAt, graceMs);
  if (now >= until) return { do: 'end', ref, graceMs: 0 };
  return { do: 'settle', state: {}, dueAt: until };
}

/** How long the process has to end after its first signal. */
export function stopGraceMs(state: ContainerState): number {
  return state.stopGraceSeconds * 1000;
}
