/** Containers that never run: Docker reads and fills volumes through them. */
import type Docker from 'dockerode';
import type { DockerApi } from '../daemon/api.ts';
import { containerRemove } from '../daemon/removal.ts';
import { LABELS, labelFilters } from '../base/names.ts';

/** Where they mount the volume. */
export const JOB_FOLDER = '/volume';

/** After this time, the process that created it is dead or has forgotten it. */
const ABANDONED_AFTER_MS = 86_400_000;

export interface VolumeJobs {
  /** @returns Docker's id of a new container. */
  open(volumeName: string, isReadOnly: boolean, signal: AbortSignal): Promise<string>;
  close(ref: string, signal: AbortSignal): Promise<void>;
  /** Ends all jobs of a volume. */
  closeAll(volumeName: string, signal: AbortSignal): Promise<void>;
}

export interface VolumeJobsParts {
  installationId: string;
  api: DockerApi;
  now: () => Date;
  /** Any image that the engine has. */
  image(signal: AbortSignal): Promise<string>;
}

export function volumeJobsCreate({ installationId, api, now, image }: VolumeJobsParts): VolumeJobs {
  async function close(ref: string, signal: AbortSignal): Promise<void> {
    await containerRemove(api, ref, signal);
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
