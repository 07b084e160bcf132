/** Translates Docker's description of a volume to the contract's: no calls, no state. */
import type Docker from 'dockerode';
import type { VolumeListing } from '../../contract.ts';
import { LABELS, volumeDockerName } from '../base/names.ts';

export type DockerVolume = Docker.VolumeInspectInfo;

/**
 * Whether this installation created it. A volume that only has our name is someone else's, or was created by
 * mounting.
 */
export function isOurVolume(volume: DockerVolume, installationId: string): boolean {
  const labels: Record<string, string> = volume.Labels ?? {};
  if (labels[LABELS.installation] !== installationId) return false;
  const { id, uid } = volumeListingRead(volume);
  return volume.Name === volumeDockerName(installationId, { id, uid });
}

/** @param volume a volume for which {@link isOurVolume} holds. */
export function volumeListingRead(volume: DockerVolume): VolumeListing {
  const labels: Record<string, string> = volume.Labels ?? {};
  return {
    ref: volume.Name,
    id: Number(labels[LABELS.volume]),
    uid: labels[LABELS.uid] ?? '',
    tenantId: Number(labels[LABELS.tenant]),
    // Docker creates a volume at once, wherever it will be mounted.
    phase: 'bound',
  };
}
