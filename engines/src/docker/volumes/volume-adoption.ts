/**
 * Takes over data that Docker keeps for a `VOLUME` of an image in a volume of its own, for containers that were created
 * before DollarBox had a volume for each of them.
 *
 * The data is not copied: its folder becomes the folder of our volume, in one step, so that a crash loses nothing. A
 * process that runs goes on using it. Once it has ended, its container can't be started again, only replaced.
 */
import { lstat, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import type { VolumeSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { unlessMissing } from '../daemon/errors.ts';
import { LABELS, labelFilters, volumeDockerName } from '../base/names.ts';
import type { VolumeStore } from './volume-store.ts';

/** Docker's name for a volume that nobody named. */
const UNNAMED = /^[0-9a-f]{64}$/;

/**
 * If the container of an image's volume has data in a volume of Docker's own, creates ours with it. Does nothing if
 * there is no such data, or if it was taken over before.
 * @throws EngineError `unschedulable` if the data can't be reached from here.
 */
export type VolumeAdopt = (spec: VolumeSpec, signal: AbortSignal) => Promise<void>;

export function volumeAdoptCreate(
  installationId: string,
  api: DockerApi,
  store: VolumeStore,
  isLocal: boolean,
): VolumeAdopt {
  /** Where Docker keeps what the container's object has at the path; null: in no volume of Docker's own. */
  async function findFolder(
    { containerId, path: place }: NonNullable<VolumeSpec['imageVolume']>,
    signal: AbortSignal,
  ): Promise<string | null> {
    const query = {
      all: '1',
      filters: labelFilters(installationId, `${LABELS.container}=${containerId}`),
    };
    const listPath = '/containers/json';
    const found = await api.call<Docker.ContainerInfo[]>({
      ...{ method: 'GET', path: listPath, query, signal },
    });
    for (const { Id } of found) {
      const path = `/containers/${Id}/json`;
      const container = await unlessMissing(
        api.call<Docker.ContainerInspectInfo>({ method: 'GET', path, signal }),
      );
      const mount = container?.Mounts.find(({ Destination }) => Destination === place);
      if (mount?.Name !== undefined && UNNAMED.test(mount.Name)) return mount.Source;
    }
    return null;
  }

  return async (spec, signal) => {
    const from = spec.imageVolume && (await findFolder(spec.imageVolume, signal));
    if (from === undefined || from === null) return;
    const isThere = isLocal && (await isFolder(from));
    if (isThere) await store.make(spec, false, signal);
    const name = volumeDockerName(installationId, spec);
    const path = `/volumes/${name}`;
    const made = await unlessMissing(
      api.call<Docker.VolumeInspectInfo>({ method: 'GET', path, signal }),
    );
    if (made !== undefined && isThere) return folderMove(from, made.Mountpoint);
    // Ours exists, and the folder was moved into it before.
    if (made !== undefined && isLocal && (await isFolder(dirname(from)))) return;
    const message = `The data at ${spec.imageVolume?.path}, a VOLUME of the image, can't be moved into a volume from here.`;
    throw new EngineError('permanent', 'unschedulable', message);
  };
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isDirectory();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return false;
    throw error;
  }
}

/** Puts a folder in the place of an empty one. If that is not empty, it has another's data, and both stay. */
async function folderMove(from: string, to: string): Promise<void> {
  try {
    await rename(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    // Another worker was faster.
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST' && code !== 'ENOENT') throw error;
  }
}
