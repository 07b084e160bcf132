/** Docker's objects of volumes. That of a volume with its own file system points to where this is mounted. */
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import type { VolumeKey, VolumeSpec } from '../../contract.ts';
import { LABELS, labelFilters, volumeDockerName } from '../base/names.ts';
import type { DockerApi } from '../daemon/api.ts';
import { isDockerStatus, unlessMissing } from '../daemon/errors.ts';
import { isOurVolume } from './volume-observation.ts';
import type { DockerVolume } from './volume-observation.ts';

export interface VolumeObjects {
  inspect(name: string, signal: AbortSignal): Promise<DockerVolume | undefined>;
  /**
   * If the name is taken, Docker returns the existing object.
   * @param dataFolder where its file system is mounted; null: it has none of its own.
   */
  create(
    key: VolumeKey,
    details: Pick<VolumeSpec, 'tenantId' | 'sizeGb'>,
    dataFolder: string | null,
    signal: AbortSignal,
  ): Promise<void>;
  /** @throws EngineError `volume_busy`. */
  remove(name: string, signal: AbortSignal): Promise<void>;
  /** Those of this installation. */
  list(signal: AbortSignal): Promise<DockerVolume[]>;
}

export function volumeObjectsCreate(installationId: string, api: DockerApi): VolumeObjects {
  return {
    inspect: (name, signal) =>
      unlessMissing(api.call<DockerVolume>({ method: 'GET', path: `/volumes/${name}`, signal })),

    async create(key, details, dataFolder, signal) {
      const body = {
        Name: volumeDockerName(installationId, key),
        Driver: 'local',
        ...(dataFolder !== null && {
          DriverOpts: { type: 'none', o: 'bind', device: dataFolder },
        }),
        Labels: {
          [LABELS.installation]: installationId,
          [LABELS.volume]: String(key.id),
          [LABELS.uid]: key.uid,
          [LABELS.tenant]: String(details.tenantId),
          [LABELS.sizeGb]: String(details.sizeGb),
        },
      };
      await api.call({ method: 'POST', path: '/volumes/create', body, signal });
    },

    async remove(name, signal) {
      try {
        await unlessMissing(api.call({ method: 'DELETE', path: `/volumes/${name}`, signal }));
      } catch (error) {
        if (!isDockerStatus(error, 409)) throw error;
        const message = 'A container still has this volume.';
        throw new EngineError('conflict', 'volume_busy', message, { cause: error });
      }
    },

    async list(signal) {
      const { Volumes } = await api.call<{ Volumes: Docker.VolumeInspectInfo[] | null }>({
        method: 'GET',
        path: '/volumes',
        query: { filters: labelFilters(installationId, LABELS.volume) },
        signal,
      });
      return (Volumes ?? []).filter((each) => isOurVolume(each, installationId));
    },
  };
}

/** The data folder of the file system that Docker's object points to; null for a plain volume. */
export function volumePointerOf(volume: DockerVolume): string | null {
  return (volume.Options as Record<string, string> | null)?.['device'] ?? null;
}
