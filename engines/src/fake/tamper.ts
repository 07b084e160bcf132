/** Changes to a fake world that others make behind our back, for tests. */
import type { ContainerObstacle, ContainerSpec } from '../contract.ts';
import { linesWrite } from './containers.ts';
import type { FakeContainer } from './containers.ts';
import { imageIdOf } from './image.ts';
import { restartAll, startSchedule } from './restarter.ts';
import type { FakeImage } from './image.ts';
import { unnamedVolume, volumeFind } from './volumes.ts';
import type { FakeVolume } from './volume.ts';
import type { FakeWorld } from './world.ts';

export interface Tamper {
  /** The process dies (default code 137). */
  kill(id: number, exitCode?: number): void;
  /** Somebody stops it: the process ends with code 0. */
  stop(id: number): void;
  pause(id: number): void;
  /** Disconnects it from its network. */
  disconnect(id: number): void;
  remove(id: number): void;
  /** An engine that restarts processes can't run it, or no longer knows whether it runs; null: it can again. */
  obstruct(id: number, obstacle: ContainerObstacle | null): void;
  /** Another tool recreates it from a different image, keeping all our labels. */
  recreate(id: number, image: FakeImage): void;
  /** Somebody starts a second container with our labels on it. Returns the engine's identity of it. */
  copy(id: number): string;
  /** Somebody edits its object: the engine no longer knows what it is made from. */
  edit(id: number): void;
  /** The engine goes away as if killed: every process dies (137), pulls are lost, verbs fail. */
  engineStop(): void;
  engineStart(): void;
  /** Somebody removes an image from the engine. */
  imageRemove(reference: string): void;
  /**
   * A volume and its data vanish, as with a disk that is detached. Returns what `volumeReturn` needs to bring them
   * back.
   */
  volumeVanish(id: number): FakeVolume;
  /** A volume's data is gone, and its object stays. */
  volumeLose(id: number): void;
  /** @param volume the value that `volumeVanish` returned. */
  volumeReturn(volume: FakeVolume): void;
  /**
   * A container's process appends to a volume that it mounts.
   * @throws if it is not running or does not mount the volume.
   */
  volumeWrite(containerId: number, mountPath: string, data: string): void;
  /** Everything in a volume, as the container's process reads it. @throws as `volumeWrite` does. */
  volumeRead(containerId: number, mountPath: string): string;
  /** A container's process writes lines. */
  linesWrite(containerId: number, lines: readonly string[], stream?: 'stdout' | 'stderr'): void;
  /** Runs a container as versions did that left the `VOLUME`s of its image to the engine. */
  makeOld(spec: ContainerSpec): void;
  /** The engine itself keeps data that a container has at a path, as versions left it that made no volume for it. */
  makeUnnamed(id: number, path: string, data: string): void;
  /** A network that is not ours takes these subnets. */
  networkAdd(ipv4Subnet: string, ipv6Subnet: string): void;
}

/** @throws (each verb) if the installation has no such container, which means that the test is wrong. */
export function tamperCreate(world: FakeWorld, installationId: string): Tamper {
  function container(id: number): FakeContainer {
    const found = world.containerFind(installationId, id);
    if (found === undefined) throw new Error(`No container ${id} of ${installationId}.`);
    return found;
  }
  /** Ids are reused after a restore, so there may be several. The newest one is in use. */
  function volume(id: number): FakeVolume {
    const found = [...world.volumes.values()].findLast(
      (each) => each.installationId === installationId && each.spec.id === id,
    );
    if (found === undefined) throw new Error(`No volume ${id} of ${installationId}.`);
    return found;
  }
  /** What a container's process has at that path. */
  function mounted(containerId: number, mountPath: string): FakeVolume {
    const { spec, state, unnamed } = container(containerId);
    const kept = unnamed?.get(mountPath);
    if (kept !== undefined) return kept;
    const mount = spec.volumes.find((each) => each.mountPath === mountPath);
    if (mount === undefined) throw new Error(`Container ${containerId} has no ${mountPath}.`);
    if (state !== 'running') throw new Error(`Container ${containerId} does not run.`);
    const found = volumeFind(world, installationId, mount.volume);
    if (found === undefined) throw new Error(`Volume ${mount.volume.id} has vanished.`);
    return found;
  }
  return {
    kill: (id, exitCode = 137) => world.processes.end(container(id), exitCode),
    stop: (id) => world.processes.end(container(id), 0),
    pause: (id) => world.processes.pause(container(id)),
    disconnect(id) {
      container(id).connected = false;
      world.hints.emit(installationId, { kind: 'container', id });
    },
    remove: (id) => world.containerDrop(container(id)),
    obstruct(id, obstacle) {
      const found = container(id);
      found.obstacle = obstacle;
      if (obstacle === null) startSchedule(world, found);
      world.hints.emit(installationId, { kind: 'container', id });
    },
    recreate(id, image) {
      const { spec, specHash } = container(id);
      world.containerDrop(container(id));
      const imageId = imageIdOf(spec.image, image);
      world.images.set(imageId, image);
      const made = world.containerAdd(installationId, { ...spec, imageId });
      made.specHash = specHash;
      if (world.restarts === 'engine') startSchedule(world, made);
      else world.processes.start(made);
    },
    copy: (id) => world.containerCopy(container(id)).ref,
    edit(id) {
      container(id).specHash = '';
      world.hints.emit(installationId, { kind: 'container', id });
    },
    engineStop() {
      world.up = false;
      for (const each of world.containers.values()) world.processes.end(each, 137);
      for (const lose of world.onStop) lose();
    },
    engineStart() {
      world.up = true;
      if (world.restarts === 'engine') restartAll(world);
    },
    imageRemove(reference) {
      const held = world.references.get(reference);
      world.references.delete(reference);
      if (held !== undefined) world.images.delete(held.imageId);
    },
    volumeVanish(id) {
      const gone = volume(id);
      world.volumes.delete(gone.ref);
      world.hints.emit(installationId, { kind: 'volume', id });
      return gone;
    },
    volumeLose(id) {
      const lost = volume(id);
      lost.phase = 'lost';
      lost.data = '';
      world.hints.emit(installationId, { kind: 'volume', id });
    },
    volumeReturn(returned) {
      world.volumes.set(returned.ref, returned);
      world.hints.emit(returned.installationId, { kind: 'volume', id: returned.spec.id });
    },
    volumeWrite(containerId, mountPath, data) {
      mounted(containerId, mountPath).data += data;
    },
    linesWrite: (containerId, lines, stream) =>
      linesWrite(container(containerId), lines, world.clock.now().getTime(), stream),
    volumeRead: (containerId, mountPath) => mounted(containerId, mountPath).data,
    makeOld(spec) {
      const made = world.containerAdd(installationId, spec);
      const paths = made.image.volumePaths ?? [];
      made.unnamed = new Map(paths.map((path) => [path, unnamedVolume()]));
      world.processes.start(made);
    },
    makeUnnamed(id, path, data) {
      container(id).unnamed = new Map([[path, unnamedVolume(data)]]);
    },
    networkAdd(ipv4Subnet, ipv6Subnet) {
      const ref = world.nextRef('network');
      const subnets = { ipv4Subnet, ipv6Subnet };
      world.tenants.set(ref, { ref, installationId: null, id: 0, subnets });
    },
  };
}
