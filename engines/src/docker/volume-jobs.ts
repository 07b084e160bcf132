/** Containers that never run: through them Docker reads and fills what is in a volume. */
import type Docker from 'dockerode';
import type { DockerApi } from './api.ts';
import { unlessMissing } from './errors.ts';
import { LABELS, labelFilters } from './names.ts';

/** Where they have the volume. */
export const JOB_FOLDER = '/volume';

/** Whoever made it is dead, or has forgotten it. */
const ABANDONED_AFTER_MS = 86_400_000;

export interface VolumeJobs {
  /** @returns Docker's id of a new one. */
  open(volumeName: string, isReadOnly: boolean, signal: AbortSignal): Promise<string>;
  close(ref: string, signal: AbortSignal): Promise<void>;
  /** Ends all that a volume has. */
  closeAll(volumeName: string, signal: AbortSignal): Promise<void>;
}

export interface VolumeJobsParts {
  installationId: string;
  api: DockerApi;
  now: () => Date;
  /** Any image that the engine holds. */
  image(signal: AbortSignal): Promise<string>;
}

export function createVolumeJobs({ installationId, api, now, image }: VolumeJobsParts): VolumeJobs {
  async function close(ref: string, signal: AbortSignal): Promise<void> {
    const query = { force: '1' };
    await unlessMissing(api.call({ method: 'DELETE', path: `/containers/${ref}`, query, signal }));
  }

  async function list(label: string, signal: AbortSignal): Promise<Docker.ContainerInfo[]> {
    const query = { all: '1', filters: labelFilters(installationId, label) };
    return api.call({ method: 'GET', path: '/containers/json', query, signal });
  }

  return {
    close,

    async open(volumeName, isReadOnly, signal) {
      for (const { Id, Created } of await list(LABELS.volumeJob, signal)) {
        if (now().getTime() - Created * 1000 > ABANDONED_AFTER_MS) await close(Id, signal);
      }
      const body: Docker.ContainerCreateOptions = {
        Image: await image(signal),
        Cmd: ['none'],
        Labels: { [LABELS.installation]: installationId, [LABELS.volumeJob]: volumeName },
        HostConfig: {
          NetworkMode: 'none',
          Mounts: [
            {
              Type: 'volume',
              Source: volumeName,
              Target: JOB_FOLDER,
              ReadOnly: isReadOnly,
              VolumeOptions: { NoCopy: true, Labels: {}, DriverConfig: { Name: '', Options: {} } },
            },
          ],
        },
      };
      const path = '/containers/create';
      const { Id } = await api.call<{ Id: string }>({ method: 'POST', path, body, signal });
      return Id;
    },

    async closeAll(volumeName, signal) {
      for (const { Id } of await list(`${LABELS.volumeJob}=${volumeName}`, signal)) {
        await close(Id, signal);
      }
    },
  };
}
