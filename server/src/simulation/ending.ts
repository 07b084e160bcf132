import { containerSpecHash } from '@dollarbox/engines/contract';
import type { Snapshot, StoredContainer } from './desire-store.ts';
import { fateOf, imagesPublish } from './images.ts';
import type { Checks } from './invariants.ts';
import { processStart } from './process.ts';
import { specOf } from './spec.ts';
import type { Stage } from './stage.ts';
import { claimKey } from './witness.ts';
import { hasLetGo, holderExcused, isVolumeLost, volumeEndFaults } from './volume-ending.ts';
import { OURS } from './installations.ts';

const LOOK_EVERY_MS = 15_000;
/** A failed image is tried again after an hour at most; restarts wait for five minutes at most. */
const PATIENCE_MS = 4_500_000;
const SETTLED_MS = 35_000;
const REST_MS = 65_000;

/** Everything is put right and left alone: then table, engine and what clients know must agree. */
export async function endingPlay(stage: Stage, checks: Checks): Promise<void> {
  const { clock, witness } = stage;
  calmDown(stage);
  const endMs = clock.now().getTime() + PATIENCE_MS;
  let faults = ['nothing was looked at'];
  while (clock.now().getTime() < endMs && witness.failure === null) {
    await clock.advance(LOOK_EVERY_MS);
    const snapshot = await stage.whole.snapshot();
    checks.check(snapshot);
    faults = endFaults(stage, snapshot);
    if (faults.length > 0) continue;
    // What was under way, hints and a sweep, may still do something.
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

/** How table, engine and what clients know differ from what they should come to. */
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
    if (!isAtRest && !isBusy && isCalm) faults.push(`${id} never rests`);
  }
  for (const { spec } of world.containersOf(OURS)) {
    if (!snapshot.containers.has(spec.id)) faults.push(`${spec.id} is an orphan`);
  }
  const orgs = new Set(model.orgs.map((org) => org.id));
  for (const { installationId, spec } of world.tenants.values()) {
    if (installationId === OURS && !orgs.has(spec.id))
      faults.push(`network ${spec.id} is an orphan`);
  }
  return faults;

  function containerFault({ state, observedGeneration }: StoredContainer): string | null {
    const { id, desired, applied, generation, status, statusReason } = state;
    const fate = fateOf(desired.image);
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
    }
    if (applied === null) {
      return world.containerFind(OURS, id) === undefined ? null : 'was not applied and is there';
    }
    const container = world.containerFind(OURS, id);
    if (container === undefined) return hasLetGo(stage, state) ? null : 'is not in the engine';
    if (applied.imageId === null) return 'lacks its image';
    if (container.specHash !== containerSpecHash(specOf(applied.version, applied.imageId))) {
      return 'is another version in the engine';
    }
    if (fateOf(applied.version.image) !== 'runs') return null;
    if (container.state !== 'running') {
      return hasLetGo(stage, state) ? null : `is ${container.state} in the engine`;
    }
    return container.connected ? null : 'is off its network';
  }
}

/** At rest nothing is written. */
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
