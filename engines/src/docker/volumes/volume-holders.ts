/** Finds which containers hold volumes: those that have an object, running or not. */
import type Docker from 'dockerode';
import type { DockerApi } from '../daemon/api.ts';
import { LABELS } from '../base/names.ts';

export interface VolumeHolder {
  /** Docker's id. */
  ref: string;
  /** Null: a container that no DollarBox created. */
  installation: string | null;
  /** The container's id in the API; null for one that is not an API container. */
  containerId: number | null;
}

/**
 * Containers on the machine, ours or not, that mount any of these volumes. Containers that only read or fill one for
 * a backup are omitted.
 * @param names Docker's names of the volumes.
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
