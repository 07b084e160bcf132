/**
 * Where volumes are: Docker's object of each, and for those with a file system of their own the folder
 * that it lies in. There the folder is what counts: Docker's object only points to it, and is made
 * again when someone removed it.
 */
import type Docker from 'dockerode';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../contract.ts';
import type { VolumeKey, VolumeListing, VolumeSpec } from '../contract.ts';
import type { DockerApi } from './api.ts';
import { isDockerStatus, unlessMissing } from './errors.ts';
import {
  loopDataFolder,
  loopDiskDestroy,
  loopDiskDetails,
  loopDiskIsAbandoned,
  loopDiskIsReadOnly,
  loopDiskMake,
  loopDiskMark,
  loopDiskMount,
  loopDiskState,
  loopDiskUnmount,
  loopDisksTidy,
  loopFolderOf,
} from './loop-disk.ts';
import type { LoopDiskShape } from './loop-disk.ts';
import { LABELS, labelFilters, parseVolumeName, volumeDockerName } from './names.ts';
import type { DockerEngineOptions } from './options.ts';
import { isOurVolume, listVolume } from './volume-observation.ts';
import type { DockerVolume } from './volume-observation.ts';

/** A size of 1 GB gets as much room, after what the file system needs for itself. */
const GB_BYTES = 1024 ** 3;

export interface StoredVolume extends VolumeListing {
  /** Whether it has a file system of its own. */
  isLoop: boolean;
  /** Where its data is, as Docker's machine has it. */
  dataFolder: string;
}

export interface VolumeStore {
  /**
   * Ready to be mounted by a container; null when it is not there, or is not ours.
   * @param name Docker's.
   */
  open(name: string, signal: AbortSignal): Promise<StoredVolume | null>;
  /** @param isLoop whether it gets a file system of its own. */
  make(spec: VolumeSpec, isLoop: boolean, signal: AbortSignal): Promise<void>;
  /**
   * Mounts it again if an error made it read-only, which ends no process that has it: nothing may run with it.
   */
  revive(volume: StoredVolume, signal: AbortSignal): Promise<void>;
  /** @throws EngineError `volume_busy`. */
  destroy(name: string, signal: AbortSignal): Promise<void>;
  /** Removes what Docker made, as it makes any volume that a container is to mount and that is not there. */
  removeMadeByMounting(name: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<VolumeListing[]>;
  /** Deletes what dead processes left of volumes that nobody knows of yet, and of removed ones. */
  tidy(now: Date, signal: AbortSignal): Promise<void>;
}

export interface VolumeStoreParts {
  installationId: string;
  api: DockerApi;
  /** Where file systems are kept; null: nowhere. */
  volumesDir: string | null;
  /** Whether a new file system's room is taken at once. */
  isReserved: boolean;
  onStep: NonNullable<DockerEngineOptions['onStep']>;
}

type Details = Pick<VolumeSpec, 'tenantId' | 'sizeGb'> & Pick<LoopDiskShape, 'isReserved'>;

export function createVolumeStore(parts: VolumeStoreParts): VolumeStore {
  const { installationId, api, volumesDir, isReserved, onStep } = parts;

  const inspect = (name: string, signal: AbortSignal) =>
    unlessMissing(api.call<DockerVolume>({ method: 'GET', path: `/volumes/${name}`, signal }));

  /** Where Docker's object says that the file system's data is; null when it is a plain volume. */
  function pointedTo(volume: DockerVolume): string | null {
    return (volume.Options as Record<string, string> | null)?.['device'] ?? null;
  }

  /** Where its disk may be: where Docker's object points, and in the folder for volumes. */
  function placesOf(name: string, pointer: string | null): string[] {
    const places = pointer === null ? [] : [loopFolderOf(pointer)];
    if (volumesDir !== null) places.push(join(volumesDir, name));
    return [...new Set(places)];
  }

  /** The folder of its disk; null when there is none, or none but what is going. */
  async function findFolder(name: string, pointer: string | null): Promise<string | null> {
    for (const folder of placesOf(name, pointer)) {
      const state = await loopDiskState(folder);
      const isPointedTo = pointer !== null && loopFolderOf(pointer) === folder;
      if (state !== 'none' && (state !== 'going' || isPointedTo)) return folder;
    }
    return null;
  }

  /** Makes Docker's object. Docker gives what is there when the name is taken. */
  async function createObject(
    key: VolumeKey,
    details: Details,
    dataFolder: string | null,
    signal: AbortSignal,
  ): Promise<void> {
    const body = {
      Name: volumeDockerName(installationId, key),
      Driver: 'local',
      ...(dataFolder !== null && {
        DriverOpts: { type: 'none', o: 'bind', device: dataFolder },
      }),
      Labels: {
        [LABELS.installation]: installationId,
        [LABELS.volume]: String(key.id),
        [LABELS.uid]: key.uid,
        [LABELS.tenant]: String(details.tenantId),
        [LABELS.sizeGb]: String(details.sizeGb),
      },
    };
    await api.call({ method: 'POST', path: '/volumes/create', body, signal });
  }

  async function removeObject(name: string, signal: AbortSignal): Promise<void> {
    try {
      await unlessMissing(api.call({ method: 'DELETE', path: `/volumes/${name}`, signal }));
    } catch (error) {
      if (!isDockerStatus(error, 409)) throw error;
      const message = 'A container still has this volume.';
      throw new EngineError('conflict', 'volume_busy', message, { cause: error });
    }
  }

  /**
   * Mounts the disk, and has Docker's object point to it.
   * @returns null when Docker's object is another's meanwhile.
   */
  async function openLoop(
    key: VolumeKey,
    folder: string,
    found: DockerVolume | undefined,
    signal: AbortSignal,
  ): Promise<StoredVolume | null> {
    const name = volumeDockerName(installationId, key);
    const details = await loopDiskDetails<Details>(folder);
    const dataFolder = await loopDiskMount({ folder, name }, !details.isReserved, signal);
    if (found === undefined || pointedTo(found) !== dataFolder) {
      await onStep('volume-mounted');
      // One that points to where it was before.
      if (found !== undefined) await removeObject(name, signal);
      await createObject(key, details, dataFolder, signal);
      const made = await inspect(name, signal);
      if (made === undefined || pointedTo(made) !== dataFolder) return null;
    }
    if ((await loopDiskState(folder)) === 'new') await loopDiskMark(folder, 'kept');
    const { id, uid } = key;
    return { id, uid, ref: name, tenantId: details.tenantId, isLoop: true, dataFolder };
  }

  async function openVolume(name: string, signal: AbortSignal): Promise<StoredVolume | null> {
    const key = parseVolumeName(installationId, name);
    if (key === null) return null;
    const found = await inspect(name, signal);
    if (found !== undefined && !isOurVolume(found, installationId)) return null;
    const pointer = found === undefined ? null : pointedTo(found);
    const folder = await findFolder(name, pointer);
    if (folder !== null) {
      const opened = await openLoop(key, folder, found, signal);
      if (opened === null && (await loopDiskState(folder)) !== 'new') return null;
      // Another worker made the same volume elsewhere, and was faster: then nobody knows of this one.
      for (const place of placesOf(name, pointer)) {
        const isOther = opened === null || loopDataFolder(place) !== opened.dataFolder;
        if (!isOther || (await loopDiskState(place)) !== 'new') continue;
        await loopDiskDestroy({ folder: place, name }, onStep, signal);
      }
      return opened ?? openVolume(name, signal);
    }
    if (found === undefined || pointer !== null) return null;
    return { ...listVolume(found), isLoop: false, dataFolder: found.Mountpoint };
  }

  return {
    open: openVolume,

    async make(spec, isLoop, signal) {
      const { tenantId, sizeGb } = spec;
      const details: Details = { tenantId, sizeGb, isReserved };
      if (!isLoop || volumesDir === null) return createObject(spec, details, null, signal);
      const name = volumeDockerName(installationId, spec);
      const disk = { folder: join(volumesDir, name), name };
      const shape = { sizeBytes: sizeGb * GB_BYTES, isReserved };
      await loopDiskMake(disk, shape, details, onStep, signal);
    },

    async revive({ isLoop, dataFolder, ref }, signal) {
      const folder = loopFolderOf(dataFolder);
      if (!isLoop || !(await loopDiskIsReadOnly(folder))) return;
      await loopDiskUnmount(folder, signal);
      await openVolume(ref, signal);
    },

    async destroy(name, signal) {
      if (parseVolumeName(installationId, name) === null) return;
      const found = await inspect(name, signal);
      if (found !== undefined && !isOurVolume(found, installationId)) return;
      const places = placesOf(name, found === undefined ? null : pointedTo(found));
      const folders: string[] = [];
      for (const folder of places) {
        if ((await loopDiskState(folder)) === 'none') continue;
        await loopDiskMark(folder, 'going');
        folders.push(folder);
      }
      try {
        if (found !== undefined) await removeObject(name, signal);
      } catch (error) {
        for (const folder of folders) await loopDiskMark(folder, 'kept');
        throw error;
      }
      await onStep('volume-released');
      for (const folder of folders) await loopDiskDestroy({ folder, name }, onStep, signal);
    },

    async removeMadeByMounting(name, signal) {
      const volume = await inspect(name, signal);
      if (volume === undefined || Object.keys(volume.Labels ?? {}).length > 0) return;
      try {
        await removeObject(name, signal);
      } catch (error) {
        // Somebody has it: then it is not what was made just now.
        if (!(error instanceof EngineError) || error.reason !== 'volume_busy') throw error;
      }
    },

    async tidy(now, signal) {
      if (volumesDir === null) return;
      for (const name of await readdir(volumesDir).catch(() => [])) {
        if (parseVolumeName(installationId, name) === null) continue;
        const folder = join(volumesDir, name);
        const state = await loopDiskState(folder);
        if (state !== 'going' && state !== 'new') continue;
        const found = await inspect(name, signal);
        if (found !== undefined && pointedTo(found) === loopDataFolder(folder)) continue;
        if (state === 'new' && !(await loopDiskIsAbandoned(folder, now))) continue;
        await loopDiskDestroy({ folder, name }, onStep, signal);
      }
      await loopDisksTidy(volumesDir, now, signal);
    },

    async list(signal) {
      const { Volumes } = await api.call<{ Volumes: Docker.VolumeInspectInfo[] | null }>({
        method: 'GET',
        path: '/volumes',
        query: { filters: labelFilters(installationId, LABELS.volume) },
        signal,
      });
      const listed = new Map<string, VolumeListing>();
      for (const volume of (Volumes ?? []).filter((each) => isOurVolume(each, installationId))) {
        const pointer = pointedTo(volume);
        const isThere = pointer === null || (await findFolder(volume.Name, pointer)) !== null;
        if (isThere) listed.set(volume.Name, listVolume(volume));
      }
      const names = volumesDir === null ? [] : await readdir(volumesDir).catch(() => []);
      for (const name of names) {
        const key = parseVolumeName(installationId, name);
        if (key === null || listed.has(name)) continue;
        const folder = await findFolder(name, null);
        if (folder === null) continue;
        const { tenantId } = await loopDiskDetails<Details>(folder);
        listed.set(name, { ...key, ref: name, tenantId });
      }
      return [...listed.values()];
    },
  };
}
