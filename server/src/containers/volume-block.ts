import type { VolumeMount, VolumeObservation } from '@dollarbox/engines/contract';
import type { VolumeStatus } from '../db/types.ts';
import { isStartable } from '../volumes/startable.ts';

/** The row of a volume that a container mounts, or that its applied version uses. */
export interface KnownVolume {
  id: number;
  uid: string;
  name: string;
  status: VolumeStatus;
  statusReason: string | null;
  /** The container whose row mounts it: this one, another one, or none. */
  mounter: 'own' | 'other' | null;
}

/**
 * The engine's answer about a volume: whether it exists, whether a container may be started with it, and whether
 * another container's object holds it.
 */
export type VolumeLook = 'missing' | 'unready' | 'free' | 'held';

/** @param id the container that wants to mount the volume. */
export function volumeLook(observed: VolumeObservation | null, id: number): VolumeLook {
  if (observed === null || observed.phase === 'lost') return 'missing';
  if (observed.heldBy.some((holder) => holder !== id)) return 'held';
  return observed.isStartable ? 'free' : 'unready';
}

/** Why one of its volumes prevents a version from being started. */
export interface VolumeBlock {
  reason: string;
  message: string;
  /** What the container waits for. `none`: nothing changes by itself, a person must act. */
  waitsFor: 'volume' | 'holder' | 'none';
  /** The volume now belongs to another container: an object that holds it and does not run must release it. */
  isReleased?: boolean;
}

/**
 * Which of its volumes prevents a version from being started. Each volume must have been created, exist, be startable,
 * not belong to another container, and not be held by another container's object.
 * @param looks by id. Volumes that are missing here were not checked yet.
 * @param isHeld an object of this version exists and holds the volumes: they need no check.
 * @returns null if there is no obstacle; `look` if the engine must be asked first.
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
    isReleased: true,
  };
}

function rowBlock(volume: KnownVolume): VolumeBlock | null {
  const { name, status, statusReason, mounter } = volume;
  if (mounter === 'other') {
    return {
      reason: 'volume_busy',
      message: `The volume "${name}" is another container's by now.`,
      waitsFor: 'none',
      isReleased: true,
    };
  }
  if (isStartable(volume)) return null;
  if (status !== 'failed') {
    return { reason: 'timeout', message: makingMessage(name), waitsFor: 'volume' };
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

function makingMessage(name: string): string {
  return `The volume "${name}" is still being made.`;
}

function lookBlock(name: string, look: VolumeLook | undefined): VolumeBlock | null {
  if (look === 'missing') {
    const message = `The engine does not have the volume "${name}".`;
    return { reason: 'data_lost', message, waitsFor: 'holder' };
  }
  if (look === 'unready') {
    return { reason: 'timeout', message: makingMessage(name), waitsFor: 'holder' };
  }
  if (look === 'held') {
    const message = `The volume "${name}" is still in use by another container: this one starts when that one has ended.`;
    return { reason: 'volume_busy', message, waitsFor: 'holder' };
  }
  return null;
}
