import { containerSpecHash } from '@dollarbox/engines/contract';
import { processAsk, suspensionSwitch } from './apply-update.ts';
import type { DesireStore, Snapshot, StoredContainer } from './stores/desire-store.ts';
import { fateOf, imagesPublish } from './world/images.ts';
import type { Checks } from './invariants.ts';
import { processStart } from './process/process.ts';
import { specOf } from './stores/spec.ts';
import type { Stage } from './world/stage.ts';
import { claimKey } from './world/witness.ts';
import {
  hasReleased,
  holderExcused,
  isVolumeLost,
  lacksRoom,
  volumeEndFaults,
} from './volume-ending.ts';
import { OURS } from './world/installations.ts';

const LOOK_EVERY_MS = 15_000;
/** A failed image is retried after an hour at most, and a restart waits for five minutes at most. */
const PATIENCE_MS = 4_500_000;
const SETTLED_MS = 35_000;
const REST_MS = 65_000;

/**
 * Ends all faults and changes: then the tables, the engine and what clients know must agree. What a suspended org had
 * must come back when its suspension ends, and what clients had stopped when they start it.
 */
export async function endingPlay(stage: Stage, checks: Checks, desire: DesireStore): Promise<void> {
  calmDown(stage);
  await settlePlay(stage, checks);
  const suspended = stage.model.orgs.filter(({ isSuspended }) => isSuspended);
  const stopped = stage.model.live().filter(({ isStopped }) => isStopped);
  if (suspended.length + stopped.length === 0 || stage.witness.failure !== null) return;
  for (const org of suspended) await suspensionSwitch(stage, desire, org);
  for (const one of stopped) await processAsk(stage, desire, one, { do: 'clientStart' });
  await settlePlay(stage, checks);
}

/** Waits until the tables, the engine and what clients know agree, and checks that this stays so. */
async function settlePlay(stage: Stage, checks: Checks): Promise<void> {
  const { clock, witness } = stage;
  const endMs = clock.now().getTime() + PATIENCE_MS;
  let faults = ['nothing was looked at'];
  while (clock.now().getTime() < endMs && witness.failure === null) {
    await clock.advance(LOOK_EVERY_MS);
    const snapshot = await stage.whole.snapshot();
    checks.check(snapshot);
    faults = endFaults(stage, snapshot);
    if (faults.length > 0) continue;
    // Work under way, hints and a sweep may still do something.
    await clock.advance(SETTLED_MS);
    faults = endFaults(stage, await stage.whole.snapshot());
    if (faults.length === 0) break;
  }
  if (faults.length > 0) return witness.fail('end', faults.join('; '));
  if (witness.failure === null) await restPlay(stage);
}

function calmDown(stage: Stage): void {
  const { conditions, world, tamper, processes, witness } = stage;
  witness.trace('-- everything is put right, and nothing is done any more');
  conditions.clear();
  world.faults.clear();
  imagesPublish(world);
  tamper.engineStart();
  for (const back of stage.away) back();
  for (const process of processes) {
    process.life.spare();
    process.clockShift(0);
  }
  if (!processes.some((process) => process.life.isAlive())) {
    processes.push(processStart(stage, 'last'));
  }
}

/** How the tables, the engine and what clients know differ from the expected end state. */
function endFaults(stage: Stage, snapshot: Snapshot): string[] {
  const { model, world } = stage;
  const faults: string[] = volumeEndFaults(stage, snapshot);
  for (const [id, row] of snapshot.containers) {
    if (row.state.deletedAt !== null) faults.push(`${id} is deleted and still in the table`);
    const fault = row.state.deletedAt === null ? containerFault(row) : null;
    if (fault !== null) faults.push(`${id} ${fault}`);
    const isAtRest = snapshot.work.get(id)?.dueAt === null;
    const isBusy = holderExcused(stage, row) !== null;
    const { desired, applied } = row.state;
    const isCalm = [desired, applied?.version ?? desired].every(
      ({ image }) => fateOf(image) === 'runs',
    );
    const isWaiting = row.state.statusReason === 'quota';
    if (!isAtRest && !isBusy && !isWaiting && isCalm) faults.push(`${id} never rests`);
  }
  for (const { spec } of world.containersOf(OURS)) {
    if (!snapshot.containers.has(spec.id)) faults.push(`${spec.id} is an orphan`);
  }
  const orgs = new Set(model.orgs.map((org) => org.id));
  for (const { installationId, id } of world.tenants.values()) {
    if (installationId === OURS && !orgs.has(id)) faults.push(`network ${id} is an orphan`);
  }
  return faults;

  function containerFault({ state, observedGeneration }: StoredContainer): string | null {
    const { id, desired, applied, generation, status, statusReason } = state;
    if (state.isSuspended || state.isStopped) {
      if (world.containerFind(OURS, id) !== undefined) return 'is in the engine, and stopped';
      const reason = state.isSuspended ? 'org_suspended' : null;
      if (status === 'stopped' && statusReason === reason) return null;
      return `is ${status} (${statusReason}), and stopped`;
    }
    const fate = fateOf(desired.image);
    if (fate !== 'unavailable' && lacksRoom(state, snapshot) === true) {
      return statusReason === 'quota' ? null : `is ${status} (${statusReason}), not quota`;
    }
    const blocked = isVolumeLost(state)
      ? 'data_lost'
      : holderExcused(stage, { state, observedGeneration });
    const isSame = observedGeneration === generation;
    if (blocked !== null && fate !== 'unavailable' && !(isSame && status === 'running')) {
      if (isSame && fate === 'ends' && status === 'failed') return null;
      return statusReason === blocked ? null : `is ${status} (${statusReason}), not ${blocked}`;
    }
    if (fate !== 'unavailable') {
      if (observedGeneration !== generation) return 'has a change outstanding';
      if (fate === 'runs' && (status !== 'running' || statusReason !== null)) {
        return `is ${status} (${statusReason ?? 'no reason'}: ${state.statusMessage ?? ''})`;
      }
    } else if (statusReason?.startsWith('image_') !== true) {
      return `has a change outstanding, without its reason (${statusReason ?? 'none'})`;
    } else if (state.nextRetryAt === null && statusReason !== 'image_pull_error') {
      // A pull that takes too long may go on.
      return 'does not say when its image is pulled again';
    }
    if (applied === null) {
      return world.containerFind(OURS, id) === undefined ? null : 'was not applied and is there';
    }
    const container = world.containerFind(OURS, id);
    // A restart that pulls first waits for the image of a change that is outstanding.
    const canPull = state.pullAgainAt === null || fate === 'runs';
    const canStart = canPull && fateOf(applied.version.image) === 'runs';
    if (canStart && container?.ref === state.restartRef) return 'was not restarted';
    if (state.pullAgainAt !== null && fate === 'runs') return 'was not pulled again';
    if (container === undefined) return hasReleased(stage, state) ? null : 'is not in the engine';
    if (applied.imageId === null) return 'lacks its image';
    if (container.specHash !== containerSpecHash(specOf(applied.version, applied.imageId))) {
      return 'is another version in the engine';
    }
    if (fateOf(applied.version.image) === 'ends' && isSame && !isLoopReported(state)) {
      return `is ${status} (${statusReason ?? 'no reason'}) and ends again and again`;
    }
    if (fateOf(applied.version.image) !== 'runs') return null;
    if (container.state !== 'running') {
      return hasReleased(stage, state) ? null : `is ${container.state} in the engine`;
    }
    return container.connected ? null : 'is off its network';
  }
}

/** Whether it is reported that a process ends again and again, whoever restarts it. */
function isLoopReported({ status, statusReason }: StoredContainer['state']): boolean {
  const reasons = ['crash_loop', 'out_of_memory', 'start_error'];
  return status === 'failed' && reasons.includes(statusReason ?? '');
}

/** Checks that nothing is written at rest. */
async function restPlay(stage: Stage): Promise<void> {
  const { clock, whole, witness } = stage;
  const before = await whole.snapshot();
  const turns = new Map(witness.turns);
  const volumeWork = [...before.volumeWork].filter(([, work]) => work.dueAt === null);
  await clock.advance(REST_MS);
  const after = await whole.snapshot();
  for (const [id, work] of before.work) {
    if (work.dueAt !== null) continue;
    const isSame =
      turns.get(claimKey({ kind: 'container', id })) ===
        witness.turns.get(claimKey({ kind: 'container', id })) &&
      JSON.stringify(after.work.get(id)) === JSON.stringify(work) &&
      after.containers.get(id)?.revision === before.containers.get(id)?.revision;
    if (!isSame) witness.fail('rest', `${id} rests, and something is done about it`);
  }
  for (const [id, work] of volumeWork) {
    const isSame =
      JSON.stringify(after.volumeWork.get(id)) === JSON.stringify(work) &&
      after.volumes.get(id)?.revision === before.volumes.get(id)?.revision;
    if (!isSame) witness.fail('rest', `volume ${id} rests, and something is done about it`);
  }
}
