// Makes the engine match a container's row: observe, plan, act, record. The parts of a turn are in the folder turn/.
import { failpoint } from '../base/failpoints.ts';
import type { Claim } from '../reconciler/store.ts';
import { turnFailure } from '../reconciler/turn-failure.ts';
import type { Reconcile } from '../reconciler/turn.ts';
import type { ContainerKindDeps } from './kind-store.ts';
import { containerPlan } from './plan.ts';
import type { Step } from './plan/step.ts';
import { tenantsCreate } from './tenants.ts';
import { MAX_APPLIES, contradiction, versionApply } from './turn/apply.ts';
import { exitCount, objectEnd } from './turn/end.ts';
import { imageLookAt, imagePull } from './turn/images.ts';
import { turnFailureRecord, turnRecord, turnUnreadableRecord } from './turn/record.ts';
import { Turn } from './turn/turn.ts';
import { volumeIds, volumesLookAt, volumesOfImageAdd } from './turn/volumes.ts';

/** More steps than any plan needs. A turn that takes more has failed: the engine contradicts itself. */
const MAX_STEPS = 12;

export function containerReconcilerCreate(deps: ContainerKindDeps): Reconcile {
  const tenants = tenantsCreate(deps);
  return async (claim, lease) => {
    const work = await deps.store.containerWorkRead(claim.id);
    if (work === null) return containerForget(deps, claim);
    const turn = new Turn(deps, tenants, claim, lease, work);
    try {
      await turnRun(turn);
    } catch (error) {
      await turnFailureRecord(
        turn,
        turnFailure(deps, claim, error, () => turn.unlearn()),
      );
    }
  };
}

/** The engine has nothing left of it. */
async function containerForget(
  deps: ContainerKindDeps,
  claim: Claim,
  released: readonly number[] = [],
): Promise<void> {
  failpoint('forget.before');
  await deps.engine.containers.release?.(claim.id);
  await deps.store.containerForget(claim, deps.clock.now(), released);
  failpoint('forget.after');
  await deps.engine.images.abandon(claim.id);
}

async function turnRun(turn: Turn): Promise<void> {
  await turn.observe();
  editTell(turn);
  const isWanted = turn.state.deletedAt === null && !turn.isStopped();
  if (turn.work.isUnreadable === true && isWanted) return turnUnreadableRecord(turn);
  for (let count = 0; count < MAX_STEPS; count += 1) {
    const step = containerPlan({
      state: turn.state,
      observed: turn.observed ?? null,
      images: turn.images,
      volumeLooks: turn.volumeLooks,
      restarts: turn.deps.engine.restarts,
      noRoom: turn.noRoom,
      now: turn.now(),
    });
    if (step.do === 'forget') {
      const { desired, applied } = turn.state;
      const released = [...volumeIds(desired), ...volumeIds(applied?.version)];
      return containerForget(turn.deps, turn.claim, released);
    }
    if (step.do === 'settle') {
      turn.learn(step.state);
      if (turn.isStopped()) await turn.deps.engine.images.abandon(turn.claim.id);
      return turnRecord(turn, step);
    }
    if (step.do === 'apply' && turn.applies === MAX_APPLIES) {
      // Each start has failed, and by then the delay before the next one was over: the engine is slow.
      const retryAt = turn.now();
      return turnRecord(turn, { dueAt: retryAt, retryAt });
    }
    await stepTake(turn, step);
  }
  throw contradiction();
}

/** Somebody else has changed the container's object, which is then replaced. */
function editTell({ deps, claim, observed, state }: Turn): void {
  const { ref, specHash } = observed ?? {};
  if (specHash !== '' || ref !== state.appliedRef || ref === state.stopRef) return;
  deps.log.warn(
    { container: claim.id, ref },
    'somebody changed a container on the engine, which is recreated',
  );
}

async function stepTake(
  turn: Turn,
  step: Exclude<Step, { do: 'settle' | 'forget' }>,
): Promise<void> {
  turn.lease.require();
  switch (step.do) {
    case 'lookAtImage':
      return imageLookAt(turn, step.ref);
    case 'lookAtVolumes':
      return volumesLookAt(turn, step.mounts);
    case 'addImageVolumes':
      return volumesOfImageAdd(turn, step.paths);
    case 'pull':
      return imagePull(turn, step);
    case 'end':
      return objectEnd(turn, step.ref, step.graceMs);
    case 'countExit':
      return exitCount(turn, step);
    case 'apply':
      return versionApply(turn, step);
  }
}
