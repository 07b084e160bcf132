import { IMAGE_VOLUME_GB, mountsOnImage } from '../../server/src/containers/image-volumes.ts';
import type { ContainerState } from '../../server/src/containers/state.ts';
import type { Snapshot, StoredContainer } from './stores/desire-store.ts';
import { fateOf, volumePathsOf } from './world/images.ts';
import { mountsWanted } from './volume-invariants.ts';
import type { Stage } from './world/stage.ts';
import { OURS } from './world/installations.ts';
import { WAITS_FOR_CONSUMER, isStartable } from '../../server/src/volumes/startable.ts';

/** Whether a volume that the container wants has lost its data. */
export function isVolumeLost(state: ContainerState): boolean {
  return mountsWanted(state).some(({ volume: key }) =>
    state.volumes.some(({ id, status }) => id === key.id && status === 'failed'),
  );
}

/**
 * Whether a volume is kept by a container whose own change can't be applied. Its former version keeps running, with the
 * volumes that it had. No other container may keep a volume from the one that has it in the meantime.
 */
function isKept({ world, model, tables }: Stage, uid: string, exceptId: number): boolean {
  return [...world.containersOf(OURS)].some(({ spec }) => {
    if (spec.id === exceptId || !spec.volumes.some((mount) => mount.volume.uid === uid)) {
      return false;
    }
    const holder = model.containers.get(spec.id);
    if (holder?.deletedAtMs !== null) return false;
    const hasNoRoom = tables?.containers.get(spec.id)?.state.statusReason === 'quota';
    return hasNoRoom || fateOf(holder.desired.image) === 'unavailable';
  });
}

/** @returns the reason that must be reported if a container has to wait for a holder, else null. */
export function holderExcused(
  stage: Stage,
  { state }: Pick<StoredContainer, 'state' | 'observedGeneration'>,
): 'volume_busy' | null {
  const isBusy = mountsWanted(state).some(({ volume }) => isKept(stage, volume.uid, state.id));
  return isBusy ? 'volume_busy' : null;
}

/**
 * Whether its applied version had a volume that is gone or belongs to another container in the meantime. It is not
 * restarted.
 */
export function hasReleased(
  stage: Stage,
  { id: ownId, applied, volumes }: ContainerState,
): boolean {
  return (applied?.version.volumes ?? []).some(({ volume: key }) => {
    const known = volumes.find(({ id, uid }) => id === key.id && uid === key.uid);
    if (known === undefined || !isStartable(known) || known.mounter === 'other') return true;
    return isKept(stage, key.uid, ownId);
  });
}

/**
 * Whether the org has no room for the volumes of the container's image.
 * @returns null if it does not need any.
 */
export function lacksRoom(
  { tenantId, desired, imageVolumes }: ContainerState,
  { orgs }: Snapshot,
): boolean | null {
  const paths = volumePathsOf(desired.image);
  const { missing } = mountsOnImage(desired.volumes, paths, imageVolumes);
  const org = orgs.find(({ id }) => id === tenantId);
  if (missing.length === 0 || org === undefined) return null;
  return org.volumeGbCount + missing.length * IMAGE_VOLUME_GB > org.volumeGbLimit;
}

/** How volumes differ from the expected end state. */
export function volumeEndFaults(stage: Stage, snapshot: Snapshot): string[] {
  const { witness } = stage;
  const faults: string[] = [];
  for (const [id, { state }] of snapshot.volumes) {
    const { uid, ref, status, statusReason, deletedAt } = state;
    const is = (fault: string): string => `volume ${id} ${fault}`;
    if (deletedAt !== null) {
      if (!isKept(stage, uid, 0)) faults.push(is('is deleted and still in the table'));
      continue;
    }
    const first = stage.ourVolumes().find(({ spec }) => spec.uid === uid);
    const isThere = ref !== null && first?.ref === ref;
    const isWaiting = isThere && first.phase === 'provisioning' && first.waitsForConsumer;
    const reported = `${status} ${statusReason ?? ''}`.trim();
    const there = isWaiting ? `provisioning ${WAITS_FOR_CONSUMER}` : 'bound';
    const due = isThere ? there : 'failed data_lost';
    if (reported !== due) faults.push(is(`is ${reported}, not ${due}`));
    if (snapshot.volumeWork.get(id)?.dueAt !== null) faults.push(is('never rests'));
  }
  for (const { ref, spec } of stage.ourVolumes()) {
    const row = snapshot.volumes.get(spec.id);
    if (row?.state.uid === spec.uid || witness.late.has(ref)) continue;
    faults.push(`volume ${spec.id} (${ref}) is an orphan`);
  }
  return faults;
}
