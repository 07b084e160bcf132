/** Which containers hold volumes: those of which there is an object, whether it runs or not. */
import type Docker from 'dockerode';
import type { DockerApi } from './api.ts';
import { LABELS } from './names.ts';

export interface VolumeHolder {
  /** Docker's id. */
  ref: string;
  /** Null: a container that no DollarBox made. */
  installation: string | null;
  /** The container's id in the API; null for one that is no API container. */
  containerId: number | null;
}

/**
 * Containers on the machine, ours or not, that mount any of these volumes; those that only read or fill
 * one for a backup are left out.
 * @param names Docker's.
 */
export async function volumeHolders(
  api: DockerApi,
  names: readonly string[],
  signal: AbortSignal,
): Promise<VolumeHolder[]> {
  const found = await api.call<Docker.ContainerInfo[]>({
    method: 'GET',
    path: '/containers/json',
    query: { all: '1', filters: JSON.stringify({ volume: names }) },
    signal,
  });
  return found
    .filter(({ Labels }) => Labels[LABELS.volumeJob] === undefined)
    .map(({ Id, Labels }) => {
      const id = Labels[LABELS.container];
      return {
        ref: Id,
        installation: Labels[LABELS.installation] ?? null,
        containerId: id === undefined ? null : Number(id),
      };
    });
}
