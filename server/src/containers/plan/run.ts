// One version that is to run: it is started, repaired, and restarted with growing delays.
import {
  type ContainerObservation,
  type ContainerSpec,
  containerSpecHash,
} from '@dollarbox/engines/contract';
import { later } from '../../base/moments.ts';
import { exitsNew } from '../exits.ts';
import { type Applied, settleDeadline } from '../state.ts';
import { volumeBlock } from '../volume-block.ts';
import { blockedPlan } from './blocked.ts';
import { LOOK_AGAIN_MS } from './delays.ts';
import { engineStartPlan, obstaclePlan, upPlan } from './found.ts';
import { imageAgain } from './image-again.ts';
import { retirePlan } from './retire.ts';
import type { Step, World } from './step.ts';

export interface Change {
  /** The version is not recorded as applied yet, or another one is desired. */
  outstanding: boolean;
  /** Its image has been pulled again, as a client asked for. */
  isPulledAgain?: boolean;
}

/** A version on its image, and how it is to be run. */
interface Run {
  applied: Applied;
  spec: ContainerSpec;
  /** It is not recorded as applied yet. */
  isNew: boolean;
  /** When it may be started again after an exit; null: now. */
  restartAt: Date | null;
  isPulledAgain: boolean;
}

/** Keeps one version running: starts, repairs, restarts with growing delays. */
export function runPlan(world: World, applied: Applied, change: Change): Step {
  const { state, observed } = world;
  if (applied.imageId === null) {
    const again = imageAgain(world, applied);
    return 'do' in again ? again : runPlan(world, again, change);
  }
  const isNew = applied.generation === state.generation && change.outstanding;
  const run: Run = {
    applied,
    spec: { ...applied.version, imageId: applied.imageId },
    isNew,
    // A new version does not wait for the delays that its predecessor's exits caused.
    restartAt: isNew ? null : state.restartAt,
    isPulledAgain: change.isPulledAgain === true,
  };
  return observed === null ? absentPlan(world, run) : presentPlan(world, run, observed);
}

/** It has no object. */
function absentPlan(world: World, run: Run): Step {
  const { state, now } = world;
  const { spec, restartAt, isNew } = run;
  if (state.nameHeld) {
    const isLate = now >= settleDeadline(state);
    return {
      do: 'settle',
      state: {
        ...(isLate ? { status: 'failed', statusReason: 'timeout' } : {}),
        statusMessage: `The former container named "${spec.name}" has not ended yet.`,
      },
      dueAt: later(now, LOOK_AGAIN_MS),
    };
  }
  if (restartAt !== null && now < restartAt) return waitPlan(restartAt);
  const block = volumeBlock(spec.volumes, state.volumes, world.volumeLooks, false);
  if (block === 'look') return { do: 'lookAtVolumes', mounts: spec.volumes };
  return block === null ? applyPlan(run, false) : blockedPlan(world, block, isNew);
}

/** The container has an object, perhaps that of another version. */
function presentPlan(world: World, run: Run, observed: ContainerObservation): Step {
  const { state, now } = world;
  const { applied, spec, isNew } = run;
  const isPulling = state.pullAgainAt !== null && !run.isPulledAgain;
  const isToRestart = observed.ref === state.restartRef && !isPulling;
  if (!isMadeFrom(observed, spec) || isToRestart) return retirePlan(world, observed);
  if (exitsNew(state, observed) > 0) {
    // An exit of the new version counts as its own, even if its creation was never recorded.
    return { do: 'countExit', observed, ...(isNew ? { made: applied } : {}) };
  }
  if (observed.state === 'running' && observed.connected) {
    const { obstacle } = observed;
    if (obstacle !== undefined && !isNew) {
      return obstaclePlan({ applied, appliedRef: observed.ref }, obstacle, now);
    }
    // The desired version already runs, created by a worker that could not record it.
    return isNew ? applyPlan(run, false) : upPlan(state, applied, observed, now);
  }
  if (observed.state === 'running' || observed.state === 'paused') return applyPlan(run, false);
  return downPlan(world, run, observed);
}

/** Its object has no process. */
function downPlan(world: World, run: Run, observed: ContainerObservation): Step {
  const { state, now } = world;
  const { applied, spec, restartAt, isNew } = run;
  const block = volumeBlock(spec.volumes, state.volumes, world.volumeLooks, true);
  if (block !== null && block !== 'look') {
    // An object that does not run must not hold a volume that belongs to another container. One that never ran is
    // removed, since it has nothing worth keeping.
    const isKept = block.isReleased !== true && observed.state !== 'created';
    return isKept ? blockedPlan(world, block, isNew) : retirePlan(world, observed);
  }
  if (world.restarts === 'engine') return engineStartPlan(world, observed, applied);
  if (restartAt !== null && now < restartAt) return waitPlan(restartAt);
  return applyPlan(run, observed.state === 'exited' && state.exitTimes.length > 0);
}

function applyPlan({ spec, applied, isPulledAgain }: Run, isRestart: boolean): Step {
  return { do: 'apply', spec, generation: applied.generation, isRestart, isPulledAgain };
}

/** Whether an object was created from this spec. Other tools recreate containers with our labels and another image. */
export function isMadeFrom(observed: ContainerObservation, spec: ContainerSpec): boolean {
  return observed.imageId === spec.imageId && observed.specHash === containerSpecHash(spec);
}

function waitPlan(restartAt: Date): Step {
  return { do: 'settle', state: {}, dueAt: restartAt, retryAt: restartAt };
}
