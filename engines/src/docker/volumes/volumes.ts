/** The volume verbs. */
import { statfs } from 'node:fs/promises';
import { EngineError } from '../../contract.ts';
import type {
  VolumeKey,
  VolumeListing,
  VolumeObservation,
  VolumeSpec,
  VolumeStorage,
} from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { HostCommandError } from '../daemon/host-command.ts';
import { volumeNameParse, volumeDockerName } from '../base/names.ts';
import { volumeHolders } from './volume-holders.ts';
import type { VolumeAdopt } from './volume-adoption.ts';
import type { VolumeJobs } from './volume-jobs.ts';
import type { VolumeStore } from './volume-store.ts';

const GB_BYTES = 1024 ** 3;

/** A volume with a file system of its own. */
const LOOP: VolumeStorage = { storageClass: 'docker-loop', isSizeEnforced: true };
/** One of Docker's own. */
const LOCAL: VolumeStorage = { storageClass: 'docker-local', isSizeEnforced: false };

export interface Volumes {
  storage(signal: AbortSignal): Promise<VolumeStorage>;
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
  adopt: VolumeAdopt;
  /** The folder where a new volume gets its own file system; null: it gets none. */
  loopFolder(signal: AbortSignal): Promise<string | null>;
  /** Bytes free where Docker stores its data; null if unknown. */
  storageFree(signal: AbortSignal): Promise<number | null>;
  /** How many bytes must remain free. */
  storageReserveBytes: number;
  /** Whether the space of a new file system is allocated at once. */
  isReserved: boolean;
}

function unschedulable(message: string, cause?: unknown): EngineError {
  return new EngineError('permanent', 'unschedulable', message, { cause });
}

/** @returns an EngineError if the host can't create the volume; otherwise the given error. */
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

export function dockerVolumesCreate(parts: VolumesParts): Volumes {
  const { installationId, api, store, jobs, adopt } = parts;

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
      phase: volume.phase,
      isStartable: volume.phase === 'bound',
      ...(volume.isLoop ? LOOP : LOCAL),
      heldBy: holders
        .filter(({ installation }) => installation === installationId)
        .flatMap(({ containerId }) => containerId ?? []),
    };
  }

  const storage = async (signal: AbortSignal) =>
    (await parts.loopFolder(signal)) === null ? LOCAL : LOOP;

  /** @returns the folder for its file system; null if it gets none. @throws EngineError `unschedulable`. */
  async function folderFor(spec: VolumeSpec, signal: AbortSignal): Promise<string | null> {
    const folder = await parts.loopFolder(signal);
    const wanted = spec.storageClass ?? (folder === null ? LOCAL : LOOP).storageClass;
    if (wanted === LOCAL.storageClass) return null;
    if (wanted === LOOP.storageClass && folder !== null) return folder;
    throw unschedulable(
      wanted === LOOP.storageClass
        ? 'The host can not give volumes file systems of their own any more.'
        : `The host has no volumes of the class "${wanted}".`,
    );
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
    storage,
    observe,

    async apply(spec, signal) {
      // First of all: an adoption that was interrupted has left a volume without its data.
      await adopt(spec, signal);
      const found = await observe(spec, signal);
      if (found !== null) return found;
      const folder = await folderFor(spec, signal);
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
      if (volumeNameParse(installationId, ref) === null) return;
      // A job that copies the data for a backup must not delay the removal.
      await jobs.closeAll(ref, signal);
      await store.destroy(ref, signal);
    },

    list: (signal) => store.list(signal),
  };
}
