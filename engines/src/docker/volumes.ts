/** The volume verbs. */
import { statfs } from 'node:fs/promises';
import { EngineError } from '../contract.ts';
import type { VolumeKey, VolumeListing, VolumeObservation, VolumeSpec } from '../contract.ts';
import type { DockerApi } from './api.ts';
import { HostCommandError } from './host-command.ts';
import { parseVolumeName, volumeDockerName } from './names.ts';
import { volumeHolders } from './volume-holders.ts';
import type { VolumeJobs } from './volume-jobs.ts';
import type { VolumeStore } from './volume-store.ts';

const GB_BYTES = 1024 ** 3;

export interface Volumes {
  apply(spec: VolumeSpec, signal: AbortSignal): Promise<VolumeObservation>;
  observe(key: VolumeKey, signal: AbortSignal): Promise<VolumeObservation | null>;
  remove(ref: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<VolumeListing[]>;
}

export interface VolumesParts {
  installationId: string;
  api: DockerApi;
  store: VolumeStore;
  jobs: Pick<VolumeJobs, 'closeAll'>;
  /** The folder where a new volume gets a file system of its own; null: it does not. */
  loopFolder(signal: AbortSignal): Promise<string | null>;
  /** Bytes free where Docker keeps its data; null when it can't be told. */
  storageFree(signal: AbortSignal): Promise<number | null>;
  /** What is left free. */
  storageReserveBytes: number;
  /** Whether a new file system's room is taken at once. */
  isReserved: boolean;
}

function unschedulable(message: string, cause?: unknown): EngineError {
  return new EngineError('permanent', 'unschedulable', message, { cause });
}

/** @returns an EngineError where the host can't have the volume; else what it is given. */
function makeFailure(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  const said = error instanceof HostCommandError ? error.said : '';
  if (code === 'EFBIG' || code === 'EINVAL') {
    return unschedulable('The host can not have a volume of this size.', error);
  }
  if (code === 'ENOSPC' || /no space left/i.test(said)) {
    return unschedulable('The host has no room for another volume.', error);
  }
  if (/not supported/i.test(said)) {
    return unschedulable("The host's file system can not keep room for a volume.", error);
  }
  if (/loop device/i.test(said)) {
    return unschedulable('The host can not mount another volume.', error);
  }
  return error;
}

export function createVolumes(parts: VolumesParts): Volumes {
  const { installationId, api, store, jobs } = parts;

  async function observe(key: VolumeKey, signal: AbortSignal): Promise<VolumeObservation | null> {
    const name = volumeDockerName(installationId, key);
    const volume = await store.open(name, signal);
    if (volume === null) return null;
    const holders = await volumeHolders(api, [name], signal);
    return {
      id: key.id,
      uid: key.uid,
      ref: volume.ref,
      tenantId: volume.tenantId,
      storageClass: volume.isLoop ? 'docker-loop' : 'docker-local',
      isSizeEnforced: volume.isLoop,
      heldBy: holders
        .filter(({ installation }) => installation === installationId)
        .flatMap(({ containerId }) => containerId ?? []),
    };
  }

  async function requireRoom(spec: VolumeSpec, folder: string | null, signal: AbortSignal) {
    const sizeBytes = spec.sizeGb * GB_BYTES;
    let freeBytes = await (folder === null ? parts.storageFree(signal) : null);
    if (folder !== null) {
      const disk = await statfs(folder);
      freeBytes = disk.bavail * disk.bsize;
      if (sizeBytes > disk.blocks * disk.bsize) {
        throw unschedulable(`A volume of ${spec.sizeGb} GB is larger than the host's disk.`);
      }
    }
    const neededBytes = folder !== null && parts.isReserved ? sizeBytes : 0;
    if (freeBytes !== null && freeBytes - neededBytes < parts.storageReserveBytes) {
      throw unschedulable('The host has no room for another volume.');
    }
  }

  return {
    observe,

    async apply(spec, signal) {
      const found = await observe(spec, signal);
      if (found !== null) return found;
      const folder = await parts.loopFolder(signal);
      await requireRoom(spec, folder, signal);
      let made: VolumeObservation | null;
      try {
        await store.make(spec, folder !== null, signal);
        made = await observe(spec, signal);
      } catch (error) {
        throw makeFailure(error);
      }
      if (made !== null) return made;
      const message = 'The container engine holds a foreign object.';
      throw new EngineError('conflict', 'name_taken', message);
    },

    async remove(ref, signal) {
      if (parseVolumeName(installationId, ref) === null) return;
      // What copies the data for a backup does not hold up its end.
      await jobs.closeAll(ref, signal);
      await store.destroy(ref, signal);
    },

    list: (signal) => store.list(signal),
  };
}
