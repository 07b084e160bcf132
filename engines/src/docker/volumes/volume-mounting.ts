/** Ensures that a container has its volumes to itself: they exist, and no other container's object mounts them. */
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { volumeDockerName } from '../base/names.ts';
import { userShiftsEqual } from '../daemon/user-shift.ts';
import type { UserShift } from '../daemon/user-shift.ts';
import { volumeHolders } from './volume-holders.ts';
import type { StoredVolume, VolumeStore } from './volume-store.ts';

export interface VolumeMounting {
  /**
   * Prepares the volumes of a container that is not running.
   * @param ref its own object, if it has one.
   * @returns the volumes, in the order of its mounts.
   * @throws EngineError `volume_missing` or `volume_busy`; `start_error` if the volume's files belong to other users.
   */
  requireOwn(spec: ContainerSpec, ref: string | null, signal: AbortSignal): Promise<StoredVolume[]>;
  /** Removes volumes that Docker itself created: it creates any missing volume that a container mounts. */
  removeMadeByMounting(spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

export function volumeMountingCreate(
  installationId: string,
  api: DockerApi,
  store: VolumeStore,
  userShift: (signal: AbortSignal) => Promise<UserShift | null>,
): VolumeMounting {
  const names = (spec: ContainerSpec) =>
    spec.volumes.map(({ volume }) => volumeDockerName(installationId, volume));

  /**
   * Another daemon, or the same with other settings, may have other users for containers, who could neither read nor
   * write what is in the volume.
   */
  async function requireSameUsers(volumes: readonly StoredVolume[], signal: AbortSignal) {
    const loops = volumes.filter(({ isLoop }) => isLoop);
    if (loops.length === 0) return;
    const daemon = await userShift(signal);
    const strange = loops.find(({ shift }) => daemon === null || !userShiftsEqual(shift, daemon));
    if (strange === undefined) return;
    const message =
      `Volume ${strange.id} belongs to the users of another mode of the container engine: ` +
      'the operator has changed userns-remap.';
    throw new EngineError('permanent', 'start_error', message);
  }

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
      await requireSameUsers(found, signal);
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
