import type { ContainerState } from '../containers/state.ts';
import type { Snapshot, StoredContainer } from './desire-store.ts';
import { fateOf } from './images.ts';
import type { Stage } from './stage.ts';
import { OURS } from './installations.ts';

/** Whether a volume that it wants has lost its data. */
export function isVolumeLost({ desired, volumes }: ContainerState): boolean {
  return desired.volumes.some(({ volume: key }) =>
    volumes.some(({ id, status }) => id === key.id && status === 'failed'),
  );
}

/**
 * Whether a volume is kept by a container whose own change can't be applied: its former version goes on, with what it
 * had. Nobody else may keep one from who has it by now.
 */
function isKept({ world, model }: Stage, uid: string, exceptId: number): boolean {
  return [...world.containersOf(OURS)].some(({ spec }) => {
    if (spec.id === exceptId || !spec.volumes.some((mount) => mount.volume.uid === uid)) {
      return false;
    }
    const holder = model.containers.get(spec.id);
    return holder?.deletedAtMs === null && fateOf(holder.desired.image) === 'unavailable';
  });
}

/** @returns the reason that must be told when a container has to wait for a holder, else null. */
export function holderExcused(
  stage: Stage,
  { state }: Pick<StoredContainer, 'state' | 'observedGeneration'>,
): 'volume_busy' | null {
  const isBusy = state.desired.volumes.some(({ volume }) => isKept(stage, volume.uid, state.id));
  return isBusy ? 'volume_busy' : null;
}

/** Whether its applied version had a volume that is another's by now, or is gone: it is not started again. */
export function hasLetGo(stage: Stage, { id: ownId, applied, volumes }: ContainerState): boolean {
  return (applied?.version.volumes ?? []).some(({ volume: key }) => {
    const known = volumes.find(({ id, uid }) => id === key.id && uid === key.uid);
    if (known?.status !== 'bound' || known.mounter === 'other') return true;
    return isKept(stage, key.uid, ownId);
  });
}

/** How volumes differ from what they should come to. */
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
    const told = `${status} ${statusReason ?? ''}`.trim();
    const due = isThere ? 'bound' : 'failed data_lost';
    if (told !== due) faults.push(is(`is ${told}, not ${due}`));
    if (snapshot.volumeWork.get(id)?.dueAt !== null) faults.push(is('never rests'));
  }
  for (const { ref, spec } of stage.ourVolumes()) {
    const row = snapshot.volumes.get(spec.id);
    if (row?.state.uid === spec.uid || witness.late.has(ref)) continue;
    faults.push(`volume ${spec.id} (${ref}) is an orphan`);
  }
  return faults;
}
