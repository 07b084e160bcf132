/** The volumes of a fake world, and who holds them. */
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import type { ContainerSpec, VolumeKey, VolumeObservation, VolumeSpec } from '../contract.ts';
import { EngineError } from '../contract.ts';
import type { FakeContainer } from './containers.ts';
import type { FakeWorld } from './world.ts';

export interface FakeVolume {
  ref: string;
  installationId: string;
  spec: VolumeSpec;
  /** All that was written into it. It is the volume's: whoever mounts it next finds it. */
  data: string;
}

export function volumeFind(
  world: FakeWorld,
  installationId: string,
  key: VolumeKey,
): FakeVolume | undefined {
  for (const volume of world.volumes.values()) {
    const { id, uid } = volume.spec;
    if (volume.installationId === installationId && id === key.id && uid === key.uid) return volume;
  }
  return undefined;
}

/** Containers, running or not, of which the engine has an object that mounts the volume. */
function volumeHolders(world: FakeWorld, volume: FakeVolume): FakeContainer[] {
  return [...world.containersOf(volume.installationId)].filter(({ spec }) =>
    spec.volumes.some((mount) => mount.volume.uid === volume.spec.uid),
  );
}

/** @throws EngineError `volume_missing`, and `volume_busy` while another container's object has one of them. */
export function requireVolumes(
  world: FakeWorld,
  installationId: string,
  spec: ContainerSpec,
): void {
  for (const { volume: key } of spec.volumes) {
    const volume = volumeFind(world, installationId, key);
    if (volume === undefined) {
      throw new EngineError('not_found', 'volume_missing', `The engine has no volume ${key.id}.`);
    }
    const holder = volumeHolders(world, volume).find((other) => other.spec.id !== spec.id);
    if (holder !== undefined) {
      const message = `Volume ${key.id} is still in use by container ${holder.spec.id}.`;
      throw new EngineError('conflict', 'volume_busy', message);
    }
  }
}

export function volumeApply(
  world: FakeWorld,
  installationId: string,
  spec: VolumeSpec,
): FakeVolume {
  const found = volumeFind(world, installationId, spec);
  if (found !== undefined) return found;
  const isFull = world.storageFreeBytes !== null && world.storageFreeBytes <= 0;
  if (isFull || spec.sizeGb > world.volumeMaxGb) {
    const message = `There is no room for a volume of ${spec.sizeGb} GB.`;
    throw new EngineError('permanent', 'unschedulable', message);
  }
  const volume = { ref: world.nextRef('volume'), installationId, spec, data: '' };
  world.volumes.set(volume.ref, volume);
  world.hints.emit(installationId, { kind: 'volume', id: spec.id });
  return volume;
}

export function volumeObservation(world: FakeWorld, volume: FakeVolume): VolumeObservation {
  const { ref, spec } = volume;
  return {
    ref,
    id: spec.id,
    uid: spec.uid,
    tenantId: spec.tenantId,
    storageClass: 'fake',
    isSizeEnforced: true,
    heldBy: volumeHolders(world, volume).map((holder) => holder.spec.id),
  };
}

/** This installation's object with that very identity. */
export function volumeOwn(
  world: FakeWorld,
  installationId: string,
  ref: string,
): FakeVolume | undefined {
  const volume = world.volumes.get(ref);
  return volume?.installationId === installationId ? volume : undefined;
}

/** @throws EngineError `volume_busy` while a container's object mounts it. */
function requireUnheld(world: FakeWorld, volume: FakeVolume): void {
  const [holder] = volumeHolders(world, volume);
  if (holder === undefined) return;
  const message = `The volume is still in use by container ${holder.spec.id}.`;
  throw new EngineError('conflict', 'volume_busy', message);
}

/** Destroys it and its data. @throws EngineError `volume_busy`. */
export function volumeRemove(world: FakeWorld, installationId: string, ref: string): void {
  const volume = volumeOwn(world, installationId, ref);
  if (volume === undefined) return;
  requireUnheld(world, volume);
  world.volumes.delete(ref);
  world.hints.emit(installationId, { kind: 'volume', id: volume.spec.id });
}

/** @throws EngineError `volume_missing`. */
function requireOwn(world: FakeWorld, installationId: string, ref: string): FakeVolume {
  const volume = volumeOwn(world, installationId, ref);
  if (volume !== undefined) return volume;
  throw new EngineError('not_found', 'volume_missing', 'The engine does not have this volume.');
}

/** The fake's archives hold the data as it is. @throws EngineError `volume_missing`. */
export function volumeExport(world: FakeWorld, installationId: string, ref: string): Readable {
  const { data } = requireOwn(world, installationId, ref);
  return Readable.from([Buffer.from(data)], { objectMode: false });
}

/** @throws EngineError `volume_missing`, and `volume_busy` while a container's object mounts it. */
export async function volumeImport(
  world: FakeWorld,
  installationId: string,
  ref: string,
  tar: Readable,
): Promise<void> {
  requireUnheld(world, requireOwn(world, installationId, ref));
  const data = await text(tar);
  requireOwn(world, installationId, ref).data = data;
}
