/** Ensures that a container has its volumes to itself: they exist, and no other container's object mounts them. */
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { volumeDockerName } from '../base/names.ts';
import { volumeHolders } from './volume-holders.ts';
import type { StoredVolume, VolumeStore } from './volume-store.ts';

export interface VolumeMounting {
  /**
   * Prepares the volumes of a container that is not running.
   * @param ref its own object, if it has one.
   * @returns the volumes, in the order of its mounts.
   * @throws EngineError `volume_missing` or `volume_busy`.
   */
  requireOwn(spec: ContainerSpec, ref: string | null, signal: AbortSignal): Promise<StoredVolume[]>;
  /** Removes volumes that Docker itself created: it creates any missing volume that a container mounts. */
  removeMadeByMounting(spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

export function volumeMountingCreate(
  installationId: string,
  api: DockerApi,
  store: VolumeStore,
): VolumeMounting {
  const names = (spec: ContainerSpec) =>
    spec.volumes.map(({ volume }) => volumeDockerName(installationId, volume));

  return {
    async requireOwn(spec, ref, signal) {
      if (spec.volumes.length === 0) return [];
      const found = await Promise.all(
        spec.volumes.map(async ({ volume }) => {
          const stored = await store.open(volumeDockerName(installationId, volume), signal);
          if (stored !== null) return stored;
          const message = `The container engine does not have volume ${volume.id}.`;
          throw new EngineError('not_found', 'volume_missing', message);
        }),
      );
      const holders = await volumeHolders(api, names(spec), signal);
      const other = holders.find((holder) => holder.ref !== ref);
      if (other === undefined) {
        for (const volume of found) await store.revive(volume, signal);
        return found;
      }
      const message = 'A volume is still in use by another container.';
      throw new EngineError('conflict', 'volume_busy', message, {
        cause: new Error(`held by container ${other.containerId ?? other.ref}`),
      });
    },

    async removeMadeByMounting(spec, signal) {
      for (const name of names(spec)) await store.removeMadeByMounting(name, signal);
    },
  };
}
