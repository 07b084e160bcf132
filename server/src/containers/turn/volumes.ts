// The volumes of a container, as a turn looks at them, adds those of the image, and releases those of a former object.
import type { VolumeMount } from '@dollarbox/engines/contract';
import { failpoint } from '../../base/failpoints.ts';
import { volumeUidCreate } from '../../volumes/uid.ts';
import { noRoomMessage } from '../image-volumes.ts';
import type { Version } from '../state.ts';
import { type VolumeLook, volumeLook } from '../volume-block.ts';
import type { Turn } from './turn.ts';

export function volumeIds(version: Version | undefined): number[] {
  return (version?.volumes ?? []).map(({ volume }) => volume.id);
}

/** Whether its volumes exist, and no other container's object holds them. */
export async function volumesLookAt(turn: Turn, mounts: readonly VolumeMount[]): Promise<void> {
  const { engine, store } = turn.deps;
  for (const { volume } of mounts) {
    turn.lease.require();
    const observed = await engine.volumes.observe(volume);
    failpoint('look.after');
    const look = volumeLook(observed, turn.claim.id);
    turn.volumeLooks.set(volume.id, look);
    // The volume's own turn determines what happened to it.
    if (look === 'missing') await store.workHint('volume', volume.id, turn.now());
  }
}

/**
 * Trusts an engine's refusal because of a version's volumes, even if a check found no obstacle: it may have
 * disappeared since, or something other than containers may cause it.
 */
export function volumesBelieve(turn: Turn, look: VolumeLook, { volumes }: Version): void {
  if (volumes.some(({ volume }) => turn.volumeLooks.get(volume.id) !== 'free')) return;
  for (const { volume } of volumes) turn.volumeLooks.set(volume.id, look);
}

/** Gives the container volumes for these `VOLUME`s of its image. */
export async function volumesOfImageAdd(turn: Turn, paths: readonly string[]): Promise<void> {
  const { store, random, engine } = turn.deps;
  const storage = await engine.volumes.storage();
  const asks = paths.map((path) => ({ path, uid: volumeUidCreate(random) }));
  const added = await store.imageVolumesAdd(turn.claim.id, asks, storage, turn.now());
  if (added.outcome !== 'added') {
    turn.noRoom =
      added.outcome === 'gone' ? 'The container was deleted.' : noRoomMessage(paths, added);
    return;
  }
  const ids = new Set(added.volumes.map(({ id }) => id));
  turn.learn({
    imageVolumes: added.volumes.map(({ id, uid, mountPath }) => ({
      volume: { id, uid },
      mountPath,
    })),
    volumes: [
      ...turn.state.volumes.filter(({ id }) => !ids.has(id)),
      ...added.volumes.map(({ mountPath: _path, ...volume }) => volume),
    ],
  });
}

/**
 * The volumes that the former object, removed in this turn, may have held, and that the current object does not hold.
 */
export function volumesReleased(turn: Turn): number[] {
  if (!turn.hasRemoved) return [];
  const { desired, applied } = turn.work.state;
  const isThere = turn.observed !== null && turn.observed !== undefined;
  const held = new Set(isThere ? volumeIds(turn.state.applied?.version) : []);
  return [...volumeIds(applied?.version), ...volumeIds(desired)].filter((id) => !held.has(id));
}
