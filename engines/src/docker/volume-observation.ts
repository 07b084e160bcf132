/** Docker's account of a volume as the contract's: no calls, no state. */
import type Docker from 'dockerode';
import type { VolumeListing } from '../contract.ts';
import { LABELS, volumeDockerName } from './names.ts';

export type DockerVolume = Docker.VolumeInspectInfo;

/** Whether it is one that this installation made: one that has our name alone is somebody's, or made by mounting. */
export function isOurVolume(volume: DockerVolume, installationId: string): boolean {
  const labels: Record<string, string> = volume.Labels ?? {};
  if (labels[LABELS.installation] !== installationId) return false;
  const { id, uid } = listVolume(volume);
  return volume.Name === volumeDockerName(installationId, { id, uid });
}

/** @param volume for which {@link isOurVolume} holds. */
export function listVolume(volume: DockerVolume): VolumeListing {
  const labels: Record<string, string> = volume.Labels ?? {};
  return {
    ref: volume.Name,
    id: Number(labels[LABELS.volume]),
    uid: labels[LABELS.uid] ?? '',
    tenantId: Number(labels[LABELS.tenant]),
  };
}
