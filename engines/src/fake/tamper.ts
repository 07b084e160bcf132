/** What goes on behind our back in a fake world, for tests. */
import type { FakeContainer } from './containers.ts';
import { volumeFind } from './volumes.ts';
import type { FakeVolume } from './volumes.ts';
import type { FakeWorld } from './world.ts';

export interface Tamper {
  /** The process dies (default code 137). */
  kill(id: number, exitCode?: number): void;
  /** Someone stops it: the process ends with code 0. */
  stop(id: number): void;
  pause(id: number): void;
  /** Takes it off its network. */
  disconnect(id: number): void;
  remove(id: number): void;
  /** The engine goes away as if killed: every process dies (137), pulls are lost, verbs fail. */
  engineStop(): void;
  engineStart(): void;
  /** Someone takes an image off the engine. */
  imageRemove(reference: string): void;
  /** A volume and its data vanish. Returns what `volumeReturn` brings back, as a disk that was away. */
  volumeVanish(id: number): FakeVolume;
  /** @param volume as `volumeVanish` gave it. */
  volumeReturn(volume: FakeVolume): void;
  /**
   * A container's process writes at the end of a volume that it mounts.
   * @throws when it does not run or does not mount it.
   */
  volumeWrite(containerId: number, mountPath: string, data: string): void;
  /** All that is in a volume, as its process reads it. @throws as `volumeWrite`. */
  volumeRead(containerId: number, mountPath: string): string;
  /** A network that is not ours takes these subnets. */
  networkAdd(ipv4Subnet: string, ipv6Subnet: string): void;
}

/** @throws (each verb) when the installation has no such container: the test is wrong. */
export function createTamper(world: FakeWorld, installationId: string): Tamper {
  function container(id: number): FakeContainer {
    const found = world.containerFind(installationId, id);
    if (found === undefined) throw new Error(`No container ${id} of ${installationId}.`);
    return found;
  }
  /** Ids begin again after a restore, so there may be others; the newest is the one that is in use. */
  function volume(id: number): FakeVolume {
    const found = [...world.volumes.values()].findLast(
      (each) => each.installationId === installationId && each.spec.id === id,
    );
    if (found === undefined) throw new Error(`No volume ${id} of ${installationId}.`);
    return found;
  }
  /** What a container's process has at that path. */
  function mounted(containerId: number, mountPath: string): FakeVolume {
    const { spec, state } = container(containerId);
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
    engineStop() {
      world.up = false;
      for (const each of world.containers.values()) world.processes.end(each, 137);
      for (const lose of world.onStop) lose();
    },
    engineStart() {
      world.up = true;
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
    volumeReturn(returned) {
      world.volumes.set(returned.ref, returned);
      world.hints.emit(returned.installationId, { kind: 'volume', id: returned.spec.id });
    },
    volumeWrite(containerId, mountPath, data) {
      mounted(containerId, mountPath).data += data;
    },
    volumeRead: (containerId, mountPath) => mounted(containerId, mountPath).data,
    networkAdd(ipv4Subnet, ipv6Subnet) {
      const ref = world.nextRef('network');
      world.tenants.set(ref, {
        ref,
        installationId: null,
        spec: { id: 0, ipv4Subnet, ipv6Subnet },
      });
    },
  };
}
