/** The volumes of a fake world and the containers that hold them. */
import { text } from 'node:stream/consumers';
import { Readable } from 'node:stream';
import type {
  ContainerSpec,
  VolumeKey,
  VolumeObservation,
  VolumeSpec,
  VolumeStorage,
} from '../contract.ts';
import { EngineError, volumePathsUncovered } from '../contract.ts';
import type { FakeContainer } from './containers.ts';
import type { FakeClock } from './clock.ts';
import type { HintBus } from './hints.ts';
import type { FakeImage } from './image.ts';
import type { FakeVolume, VolumeBinding } from './volume.ts';

/** The part of a fake world that volumes need. */
export interface VolumesWorld {
  clock: FakeClock;
  hints: HintBus;
  volumes: Map<string, FakeVolume>;
  storageFreeBytes: number | null;
  volumeMaxGb: number;
  volumeStorage: VolumeStorage;
  volumeBinding: VolumeBinding;
  images: Map<string, FakeImage>;
  containerFind(installationId: string, id: number): FakeContainer | undefined;
  containersOf(installationId: string): Iterable<FakeContainer>;
  nextRef(kind: string): string;
}

/** Whether the sizes of the volumes of each class are enforced. */
const STORAGE_CLASSES: Readonly<Record<string, boolean>> = { fake: true, 'fake-loose': false };

export function volumeFind(
  world: VolumesWorld,
  installationId: string,
  key: VolumeKey,
): FakeVolume | undefined {
  for (const volume of world.volumes.values()) {
    const { id, uid } = volume.spec;
    if (volume.installationId === installationId && id === key.id && uid === key.uid) return volume;
  }
  return undefined;
}

/** Containers, running or not, that have an object on the engine which mounts the volume. */
function volumeHolders(world: VolumesWorld, volume: FakeVolume): FakeContainer[] {
  return [...world.containersOf(volume.installationId)].filter(({ spec }) =>
    spec.volumes.some((mount) => mount.volume.uid === volume.spec.uid),
  );
}

/** A volume that is provisioning has its place from now on. */
function volumeBind(world: VolumesWorld, volume: FakeVolume): void {
  if (volume.phase !== 'provisioning') return;
  volume.phase = 'bound';
  if (!world.volumes.has(volume.ref)) return;
  world.hints.emit(volume.installationId, { kind: 'volume', id: volume.spec.id });
}

/** Whether the engine has the data of all volumes that a container mounts. */
export function volumesAreThere(
  world: VolumesWorld,
  installationId: string,
  spec: ContainerSpec,
): boolean {
  return spec.volumes.every(({ volume: key }) => {
    const volume = volumeFind(world, installationId, key);
    return volume !== undefined && volume.phase !== 'lost';
  });
}

/** A container is about to start: its volumes that wait for their first consumer are bound. */
export function volumesConsume(
  world: VolumesWorld,
  installationId: string,
  spec: ContainerSpec,
): void {
  for (const { volume: key } of spec.volumes) {
    const volume = volumeFind(world, installationId, key);
    if (volume?.waitsForConsumer === true) volumeBind(world, volume);
  }
}

function isStartable({ phase, waitsForConsumer }: FakeVolume): boolean {
  return phase === 'bound' || (phase === 'provisioning' && waitsForConsumer);
}

/** @throws EngineError `image_volumes` if the image has a `VOLUME` that is not at or below a mount of the spec. */
export function imageVolumesRequire(world: VolumesWorld, spec: ContainerSpec): void {
  const { volumePaths = [] } = world.images.get(spec.imageId) ?? {};
  const [bare] = volumePathsUncovered(volumePaths, spec.volumes);
  if (bare === undefined) return;
  const message = `The image has a VOLUME at ${bare}, for which there is no volume.`;
  throw new EngineError('conflict', 'image_volumes', message);
}

/**
 * @throws EngineError `volume_missing`; `volume_unready`; `volume_busy` while another container's object has one of
 *   them.
 */
export function volumesRequire(
  world: VolumesWorld,
  installationId: string,
  spec: ContainerSpec,
): void {
  for (const { volume: key } of spec.volumes) {
    const volume = volumeFind(world, installationId, key);
    if (volume === undefined || volume.phase === 'lost') {
      throw new EngineError('not_found', 'volume_missing', `The engine has no volume ${key.id}.`);
    }
    if (!isStartable(volume)) {
      const message = `The engine has no place for volume ${key.id} yet.`;
      throw new EngineError('retryable', 'volume_unready', message);
    }
    const holder = volumeHolders(world, volume).find((other) => other.spec.id !== spec.id);
    if (holder !== undefined) {
      const message = `Volume ${key.id} is still in use by container ${holder.spec.id}.`;
      throw new EngineError('conflict', 'volume_busy', message);
    }
  }
}

export function volumeApply(
  world: VolumesWorld,
  installationId: string,
  spec: VolumeSpec,
): FakeVolume {
  const found = volumeFind(world, installationId, spec);
  if (found !== undefined) return found;
  const kept = spec.imageVolume && unnamedFind(world, installationId, spec.imageVolume);
  if (kept !== undefined) {
    return volumeAdd(world, Object.assign(kept, { installationId, spec, phase: 'bound' as const }));
  }
  const isFull = world.storageFreeBytes !== null && world.storageFreeBytes <= 0;
  if (isFull || spec.sizeGb > world.volumeMaxGb) {
    const message = `There is no room for a volume of ${spec.sizeGb} GB.`;
    throw new EngineError('permanent', 'unschedulable', message);
  }
  const { volumeBinding: binding } = world;
  const { storageClass = world.volumeStorage.storageClass } = spec;
  const isSizeEnforced = STORAGE_CLASSES[storageClass];
  if (isSizeEnforced === undefined) {
    const message = `There are no volumes of the class "${storageClass}".`;
    throw new EngineError('permanent', 'unschedulable', message);
  }
  const volume: FakeVolume = {
    ref: '',
    installationId,
    spec,
    phase: 'provisioning',
    waitsForConsumer: binding.mode === 'first-consumer',
    storage: { storageClass, isSizeEnforced },
    data: '',
  };
  volumeAdd(world, volume);
  if (binding.mode === 'immediate') {
    if (binding.takesMs === 0) volume.phase = 'bound';
    else world.clock.schedule(binding.takesMs, () => volumeBind(world, volume));
  }
  return volume;
}

function volumeAdd(world: VolumesWorld, volume: FakeVolume): FakeVolume {
  volume.ref = world.nextRef('volume');
  world.volumes.set(volume.ref, volume);
  world.hints.emit(volume.installationId, { kind: 'volume', id: volume.spec.id });
  return volume;
}

/** What the engine itself keeps for an image, until it becomes a volume. */
export function unnamedVolume(data = ''): FakeVolume {
  const spec = { id: 0, uid: '', tenantId: 0, name: '', sizeGb: 0 };
  const storage = { storageClass: 'fake-loose', isSizeEnforced: false };
  const rest = { waitsForConsumer: false, storage, data };
  return { ref: '', installationId: '', spec, phase: 'bound', ...rest };
}

/** What the container's object has at the path, unless it has become a volume before. */
function unnamedFind(
  world: VolumesWorld,
  installationId: string,
  { containerId, path }: NonNullable<VolumeSpec['imageVolume']>,
): FakeVolume | undefined {
  const kept = world.containerFind(installationId, containerId)?.unnamed?.get(path);
  return kept?.ref === '' ? kept : undefined;
}

export function volumeObservation(world: VolumesWorld, volume: FakeVolume): VolumeObservation {
  const { ref, spec } = volume;
  return {
    ref,
    id: spec.id,
    uid: spec.uid,
    tenantId: spec.tenantId,
    phase: volume.phase,
    isStartable: isStartable(volume),
    ...volume.storage,
    heldBy: volumeHolders(world, volume).map((holder) => holder.spec.id),
  };
}

/** This installation's object with exactly that identity. */
export function volumeOwn(
  world: VolumesWorld,
  installationId: string,
  ref: string,
): FakeVolume | undefined {
  const volume = world.volumes.get(ref);
  return volume?.installationId === installationId ? volume : undefined;
}

/** @throws EngineError `volume_busy` while a container's object mounts it. */
function requireUnheld(world: VolumesWorld, volume: FakeVolume): void {
  const [holder] = volumeHolders(world, volume);
  if (holder === undefined) return;
  const message = `The volume is still in use by container ${holder.spec.id}.`;
  throw new EngineError('conflict', 'volume_busy', message);
}

/** Deletes it and its data. @throws EngineError `volume_busy`. */
export function volumeRemove(world: VolumesWorld, installationId: string, ref: string): void {
  const volume = volumeOwn(world, installationId, ref);
  if (volume === undefined) return;
  requireUnheld(world, volume);
  world.volumes.delete(ref);
  world.hints.emit(installationId, { kind: 'volume', id: volume.spec.id });
}

/** @throws EngineError `volume_missing`. */
function requireOwn(world: VolumesWorld, installationId: string, ref: string): FakeVolume {
  const volume = volumeOwn(world, installationId, ref);
  if (volume !== undefined && volume.phase !== 'lost') return volume;
  throw new EngineError('not_found', 'volume_missing', 'The engine does not have this volume.');
}

/** The fake's archives contain the data unchanged. @throws EngineError `volume_missing`. */
export function volumeExport(world: VolumesWorld, installationId: string, ref: string): Readable {
  const { data } = requireOwn(world, installationId, ref);
  return Readable.from([Buffer.from(data)], { objectMode: false });
}

/** @throws EngineError `volume_missing`; `volume_busy` while a container's object mounts it. */
export async function volumeImport(
  world: VolumesWorld,
  installationId: string,
  ref: string,
  tar: Readable,
): Promise<void> {
  requireUnheld(world, requireOwn(world, installationId, ref));
  const data = await text(tar);
  const volume = requireOwn(world, installationId, ref);
  volume.data = data;
  // What fills it is a consumer, too.
  volumeBind(world, volume);
}
