import type { VolumeMount } from '@dollarbox/engines/contract';
import type { VolumeStatus } from '../db/types.ts';

/** A volume that a container's row mounts, or that its applied version has, as the table has it. */
export interface KnownVolume {
  id: number;
  uid: string;
  name: string;
  status: VolumeStatus;
  statusReason: string | null;
  /** Whose row mounts it: this container's, another's, nobody's. */
  mounter: 'own' | 'other' | null;
}

/** What the engine says of a volume: whether it is there, and whether another container's object has it. */
export type VolumeLook = 'missing' | 'free' | 'held';

/** Why a version can't be started, for one of its volumes. */
export interface VolumeBlock {
  reason: string;
  message: string;
  /** What the container waits for: `none` comes by itself, it takes somebody who does something about it. */
  waitsFor: 'volume' | 'holder' | 'none';
  /** It is another's by now: an object that has it and does not run lets go of it. */
  isLetGo?: boolean;
}

/**
 * What keeps a version from being started for the sake of its volumes. Each must be made, be there, not be another's,
 * and nobody else's object may have it.
 * @param looks by id. Those that are not in it were not looked at yet.
 * @param isHeld an object of this version is there and has them: they need not be looked at.
 * @returns null when nothing does; `look` when the engine has to be asked first.
 */
export function volumeBlock(
  mounts: readonly VolumeMount[],
  known: readonly KnownVolume[],
  looks: ReadonlyMap<number, VolumeLook>,
  isHeld: boolean,
): VolumeBlock | 'look' | null {
  for (const { volume: key } of mounts) {
    const volume = known.find(({ id, uid }) => id === key.id && uid === key.uid);
    const block = volume === undefined ? goneBlock(key.id) : rowBlock(volume);
    if (block !== null) return block;
  }
  if (!isHeld && mounts.some(({ volume }) => !looks.has(volume.id))) return 'look';
  for (const { volume: key } of mounts) {
    const name = known.find(({ id }) => id === key.id)?.name ?? '';
    const block = lookBlock(name, looks.get(key.id));
    if (block !== null) return block;
  }
  return null;
}

function goneBlock(id: number): VolumeBlock {
  return {
    reason: 'data_lost',
    message: `The volume ${id} was deleted, and its data with it.`,
    waitsFor: 'none',
    isLetGo: true,
  };
}

function rowBlock({ name, status, statusReason, mounter }: KnownVolume): VolumeBlock | null {
  if (mounter === 'other') {
    return {
      reason: 'volume_busy',
      message: `The volume "${name}" is another container's by now.`,
      waitsFor: 'none',
      isLetGo: true,
    };
  }
  if (status === 'bound') return null;
  if (status !== 'failed') {
    const message = `The volume "${name}" is still being made.`;
    return { reason: 'timeout', message, waitsFor: 'volume' };
  }
  return {
    reason: statusReason ?? 'engine_error',
    message:
      statusReason === 'data_lost'
        ? `The data of the volume "${name}" is gone.`
        : `The volume "${name}" could not be made: see its status message.`,
    waitsFor: 'none',
  };
}

function lookBlock(name: string, look: VolumeLook | undefined): VolumeBlock | null {
  if (look === 'missing') {
    const message = `The engine does not have the volume "${name}".`;
    return { reason: 'data_lost', message, waitsFor: 'holder' };
  }
  if (look === 'held') {
    const message = `The volume "${name}" is still in use by another container: this one starts when that one has ended.`;
    return { reason: 'volume_busy', message, waitsFor: 'holder' };
  }
  return null;
}
