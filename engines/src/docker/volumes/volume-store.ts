/**
 * Where volumes are stored: Docker's object of each volume, and the folder of each volume that has its own file
 * system. For those, the folder is authoritative: Docker's object only points to it, and is recreated if it was
 * removed.
 */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../contract.ts';
import type { VolumeKey, VolumeListing, VolumeSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import {
  loopDataFolder,
  loopDiskDestroy,
  loopDiskDetails,
  loopDiskIsReadOnly,
  loopDiskCreate,
  loopDiskMark,
  loopDiskMount,
  loopDiskState,
  loopDiskUnmount,
  loopDisksTidy,
  loopFolderOf,
} from './loop-disk.ts';
import { NO_SHIFT } from '../daemon/user-shift.ts';
import type { UserShift } from '../daemon/user-shift.ts';
import { volumeNameParse, volumeDockerName } from '../base/names.ts';
import type { DockerEngineOptions } from '../base/options.ts';
import { folderIsAbandoned } from './making-folder.ts';
import { volumePointerOf, volumeObjectsCreate } from './volume-objects.ts';
import { isOurVolume, volumeListingRead } from './volume-observation.ts';
import type { DockerVolume } from './volume-observation.ts';
import { volumeFolderFind, volumePlacesOf } from './volume-places.ts';

/** A volume of 1 GB has this much space, in addition to what the file system itself needs. */
const GB_BYTES = 1024 ** 3;

export interface StoredVolume extends VolumeListing {
  /** Whether it has its own file system. */
  isLoop: boolean;
  /** Where its data is, as a path on Docker's machine. */
  dataFolder: string;
  /** Of the owners of its files, if it has its own file system. It is that of the daemon that it was made for. */
  shift: UserShift;
}

export interface VolumeStore {
  /**
   * Prepares it for being mounted by a container; null if it does not exist or is not ours.
   * @param name Docker's name of the volume.
   */
  open(name: string, signal: AbortSignal): Promise<StoredVolume | null>;
  /** @param isLoop whether it gets its own file system. */
  make(spec: VolumeSpec, isLoop: boolean, signal: AbortSignal): Promise<void>;
  /**
   * Remounts it if an error made it read-only. Remounting does not end processes that use it, so nothing may be
   * running with it.
   */
  revive(volume: StoredVolume, signal: AbortSignal): Promise<void>;
  /** @throws EngineError `volume_busy`. */
  destroy(name: string, signal: AbortSignal): Promise<void>;
  /** Removes an object that Docker itself created: it creates any missing volume that a container mounts. */
  removeMadeByMounting(name: string, signal: AbortSignal): Promise<void>;
  list(signal: AbortSignal): Promise<VolumeListing[]>;
  /**
   * Deletes what dead processes left behind: volumes that were never reported to a caller, and removed ones. Only at a
   * start: a volume that was never reported may be about to be.
   */
  tidy(now: Date, signal: AbortSignal): Promise<void>;
  /** Deletes the folders in which dead processes were creating or removing volumes. */
  tidyFolders(now: Date, signal: AbortSignal): Promise<void>;
}

export interface VolumeStoreParts {
  installationId: string;
  api: DockerApi;
  /** Where file systems are stored; null: nowhere. */
  volumesDir: string | null;
  /** Whether the space of a new file system is allocated at once. */
  isReserved: boolean;
  /** The daemon's; null if it is not known. */
  userShift(signal: AbortSignal): Promise<UserShift | null>;
  onStep: NonNullable<DockerEngineOptions['onStep']>;
}

interface Details extends Pick<VolumeSpec, 'tenantId' | 'sizeGb'> {
  isReserved: boolean;
  /** Omitted: none. */
  shift?: UserShift;
}

export function volumeStoreCreate(parts: VolumeStoreParts): VolumeStore {
  const { installationId, api, volumesDir, isReserved, userShift, onStep } = parts;
  const objects = volumeObjectsCreate(installationId, api);

  /**
   * Mounts the disk, and makes Docker's object point to it.
   * @returns null if Docker's object meanwhile belongs to another volume.
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
    if (found === undefined || volumePointerOf(found) !== dataFolder) {
      await onStep('volume-mounted');
      // This object points to where the volume was before.
      if (found !== undefined) await objects.remove(name, signal);
      await objects.create(key, details, dataFolder, signal);
      const made = await objects.inspect(name, signal);
      if (made === undefined || volumePointerOf(made) !== dataFolder) return null;
    }
    if ((await loopDiskState(folder)) === 'new') await loopDiskMark(folder, 'kept');
    const { id, uid } = key;
    const { tenantId, shift = NO_SHIFT } = details;
    return { id, uid, ref: name, tenantId, phase: 'bound', isLoop: true, dataFolder, shift };
  }

  async function openVolume(name: string, signal: AbortSignal): Promise<StoredVolume | null> {
    const key = volumeNameParse(installationId, name);
    if (key === null) return null;
    const found = await objects.inspect(name, signal);
    if (found !== undefined && !isOurVolume(found, installationId)) return null;
    const pointer = found === undefined ? null : volumePointerOf(found);
    const folder = await volumeFolderFind(volumesDir, name, pointer);
    if (folder !== null) {
      const opened = await openLoop(key, folder, found, signal);
      if (opened === null && (await loopDiskState(folder)) !== 'new') return null;
      // Another worker created the same volume elsewhere first. Then this one was never reported to anybody.
      for (const place of volumePlacesOf(volumesDir, name, pointer)) {
        const isOther = opened === null || loopDataFolder(place) !== opened.dataFolder;
        if (!isOther || (await loopDiskState(place)) !== 'new') continue;
        await loopDiskDestroy({ folder: place, name }, onStep, signal);
      }
      return opened ?? openVolume(name, signal);
    }
    if (found === undefined || pointer !== null) return null;
    const listing = volumeListingRead(found);
    return { ...listing, isLoop: false, dataFolder: found.Mountpoint, shift: NO_SHIFT };
  }

  return {
    open: openVolume,

    async make(spec, isLoop, signal) {
      const { tenantId, sizeGb } = spec;
      if (!isLoop || volumesDir === null) return objects.create(spec, spec, null, signal);
      const shift = await userShift(signal);
      if (shift === null) throw new Error('Docker does not say which users containers have');
      const details: Details = { tenantId, sizeGb, isReserved, shift };
      const name = volumeDockerName(installationId, spec);
      const disk = { folder: join(volumesDir, name), name };
      const shape = { sizeBytes: sizeGb * GB_BYTES, isReserved, root: shift };
      await loopDiskCreate(disk, shape, details, onStep, signal);
    },

    async revive({ isLoop, dataFolder, ref }, signal) {
      const folder = loopFolderOf(dataFolder);
      if (!isLoop || !(await loopDiskIsReadOnly(folder))) return;
      await loopDiskUnmount(folder, signal);
      await openVolume(ref, signal);
    },

    async destroy(name, signal) {
      if (volumeNameParse(installationId, name) === null) return;
      const found = await objects.inspect(name, signal);
      if (found !== undefined && !isOurVolume(found, installationId)) return;
      const places = volumePlacesOf(
        volumesDir,
        name,
        found === undefined ? null : volumePointerOf(found),
      );
      const folders: string[] = [];
      for (const folder of places) {
        if ((await loopDiskState(folder)) === 'none') continue;
        await loopDiskMark(folder, 'going');
        folders.push(folder);
      }
      try {
        if (found !== undefined) await objects.remove(name, signal);
      } catch (error) {
        for (const folder of folders) await loopDiskMark(folder, 'kept');
        throw error;
      }
      await onStep('volume-released');
      for (const folder of folders) await loopDiskDestroy({ folder, name }, onStep, signal);
    },

    async removeMadeByMounting(name, signal) {
      const volume = await objects.inspect(name, signal);
      if (volume === undefined || Object.keys(volume.Labels ?? {}).length > 0) return;
      try {
        await objects.remove(name, signal);
      } catch (error) {
        // If a container holds it, it is not the object that was just created.
        if (!(error instanceof EngineError) || error.reason !== 'volume_busy') throw error;
      }
    },

    async tidy(now, signal) {
      if (volumesDir === null) return;
      for (const name of await readdir(volumesDir).catch(() => [])) {
        if (volumeNameParse(installationId, name) === null) continue;
        const folder = join(volumesDir, name);
        const state = await loopDiskState(folder);
        if (state !== 'going' && state !== 'new') continue;
        const found = await objects.inspect(name, signal);
        if (found !== undefined && volumePointerOf(found) === loopDataFolder(folder)) continue;
        if (state === 'new' && !(await folderIsAbandoned(folder, now))) continue;
        await loopDiskDestroy({ folder, name }, onStep, signal);
      }
      await loopDisksTidy(volumesDir, now, signal);
    },

    async tidyFolders(now, signal) {
      if (volumesDir !== null) await loopDisksTidy(volumesDir, now, signal);
    },

    async list(signal) {
      const listed = new Map<string, VolumeListing>();
      for (const volume of await objects.list(signal)) {
        const pointer = volumePointerOf(volume);
        const isThere =
          pointer === null || (await volumeFolderFind(volumesDir, volume.Name, pointer)) !== null;
        if (isThere) listed.set(volume.Name, volumeListingRead(volume));
      }
      const names = volumesDir === null ? [] : await readdir(volumesDir).catch(() => []);
      for (const name of names) {
        const key = volumeNameParse(installationId, name);
        if (key === null || listed.has(name)) continue;
        const folder = await volumeFolderFind(volumesDir, name, null);
        if (folder === null) continue;
        const { tenantId } = await loopDiskDetails<Details>(folder);
        listed.set(name, { ...key, ref: name, tenantId, phase: 'bound' });
      }
      return [...listed.values()];
    },
  };
}
