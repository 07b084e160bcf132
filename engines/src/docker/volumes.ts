/** The volume verbs. */
import type Docker from 'dockerode';
import type { Readable } from 'node:stream';
import { EngineError } from '../contract.ts';
import type { VolumeKey, VolumeListing, VolumeObservation, VolumeSpec } from '../contract.ts';
import type { DockerApi } from './api.ts';
import { isDockerStatus, unlessMissing } from './errors.ts';
import { LABELS, labelFilters, volumeDockerName } from './names.ts';
import type { DockerContext } from './options.ts';
import { volumeHolders } from './volume-holders.ts';
import { isOurVolume, listVolume } from './volume-observation.ts';
import type { DockerVolume } from './volume-observation.ts';

export interface Volumes {
  apply(spec: VolumeSpec, signal: AbortSignal): Promise<VolumeObservation>;
  observe(key: VolumeKey, signal: AbortSignal): Promise<VolumeObservation | null>;
  remove(ref: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<VolumeListing[]>;
  usedBytes(ref: string, signal: AbortSignal): Promise<number | null>;
  exportTar(ref: string): Promise<Readable>;
  importTar(ref: string, tar: Readable): Promise<void>;
}

function volumeBusy(cause?: unknown): EngineError {
  const message = 'A container still has this volume.';
  return new EngineError('conflict', 'volume_busy', message, { cause });
}

export function createVolumes({ installationId }: DockerContext, api: DockerApi): Volumes {
  const inspect = (name: string, signal: AbortSignal) =>
    unlessMissing(api.call<DockerVolume>({ method: 'GET', path: `/volumes/${name}`, signal }));

  async function observe(key: VolumeKey, signal: AbortSignal): Promise<VolumeObservation | null> {
    const volume = await inspect(volumeDockerName(installationId, key), signal);
    if (volume === undefined || !isOurVolume(volume, installationId)) return null;
    const holders = await volumeHolders(api, [volume.Name], signal);
    return {
      ...listVolume(volume),
      storageClass: 'docker-local',
      isSizeEnforced: false,
      heldBy: holders
        .filter(({ installation }) => installation === installationId)
        .flatMap(({ containerId }) => containerId ?? []),
    };
  }

  return {
    observe,

    async apply(spec, signal) {
      const body = {
        Name: volumeDockerName(installationId, spec),
        Driver: 'local',
        Labels: {
          [LABELS.installation]: installationId,
          [LABELS.volume]: String(spec.id),
          [LABELS.uid]: spec.uid,
          [LABELS.tenant]: String(spec.tenantId),
          [LABELS.sizeGb]: String(spec.sizeGb),
        },
      };
      // Docker gives what is there when the name is taken.
      await api.call({ method: 'POST', path: '/volumes/create', body, signal });
      const made = await observe(spec, signal);
      if (made !== null) return made;
      const message = 'The container engine holds a foreign object.';
      throw new EngineError('conflict', 'name_taken', message);
    },

    async remove(ref, signal) {
      const volume = await inspect(ref, signal);
      if (volume === undefined || !isOurVolume(volume, installationId)) return;
      try {
        await unlessMissing(api.call({ method: 'DELETE', path: `/volumes/${ref}`, signal }));
      } catch (error) {
        throw isDockerStatus(error, 409) ? volumeBusy(error) : error;
      }
    },

    async list(signal) {
      const { Volumes } = await api.call<{ Volumes: Docker.VolumeInspectInfo[] | null }>({
        method: 'GET',
        path: '/volumes',
        query: { filters: labelFilters(installationId, LABELS.volume) },
        signal,
      });
      return (Volumes ?? []).map(listVolume);
    },

    usedBytes: async () => null,
    exportTar: async () => {
      throw new EngineError('permanent', 'unsupported', 'Volumes can not be exported yet.');
    },
    importTar: async () => {
      throw new EngineError('permanent', 'unsupported', 'Volumes can not be imported yet.');
    },
  };
}
