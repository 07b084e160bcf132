// The plan of a container: the next step for it. Its parts are in the folder plan/.
import { changePlan } from './plan/change.ts';
import { retirePlan } from './plan/retire.ts';
import { runPlan } from './plan/run.ts';
import type { Step, World } from './plan/step.ts';

/** Why a container of a suspended org does not run. */
const SUSPENDED_STATUS = {
  statusReason: 'org_suspended',
  statusMessage:
    'The org is suspended, so nothing of it runs. The container comes back as it was when the operator resumes the org.',
};

/** The next step for one container. Pure: the same world gives the same step. */
export function containerPlan(world: World): Step {
  if (world.state.deletedAt !== null) return removalPlan(world);
  const { state } = world;
  if (state.isSuspended || state.isStopped) return stoppedPlan(world);
  if (
    state.applied === null ||
    state.applied.generation !== state.generation ||
    state.pullAgainAt !== null
  ) {
    return changePlan(world);
  }
  return runPlan(world, state.applied, { outstanding: false });
}

/** Ends the process and removes the object, then the row. */
function removalPlan(world: World): Step {
  if (world.observed === null) return { do: 'forget' };
  return retirePlan(world, world.observed);
}

/**
 * Ends the process and keeps what is desired and what was applied, so that a start, or the end of the suspension,
 * brings back exactly that.
 */
function stoppedPlan(world: World): Step {
  if (world.observed !== null) return retirePlan(world, world.observed);
  const reported = world.state.isSuspended
    ? SUSPENDED_STATUS
    : { statusReason: null, statusMessage: null };
  return {
    do: 'settle',
    state: {
      status: 'stopped',
      ...reported,
      appliedRef: null,
      exitTimes: [],
      restartAt: null,
    },
    dueAt: null,
  };
}
