/**
 * A volume with its own file system: a sparse file that contains ext4, mounted through a loop device. Everything is
 * in one folder. It appears under its name when it is complete, and disappears from it when it is to be removed, each
 * in one atomic step. So a process that dies in between leaves nothing half created.
 */
import {
  chmod,
  chown,
  mkdir,
  mkdtemp,
  open,
  readFile,
  readdir,
  rename,
  rm,
  stat,
  writeFile,
} from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { HostCommandError, hostCommandRun } from '../daemon/host-command.ts';
import type { UserShift } from '../daemon/user-shift.ts';
import { NO_SHIFT } from '../daemon/user-shift.ts';
import type { DockerEngineOptions } from '../base/options.ts';
import { lockedRun } from './locked-run.ts';
import { isMakingFolder, makingFolderCreate, makingFolderIsDead } from './making-folder.ts';

/** The prefix of the names of folders that are to be removed. */
const TRASH = 'trash-';
const TRIAL_BYTES = 8 * 1024 ** 2;
const TRIAL_END_MS = 10_000;

/**
 * A file in the root of the file system that contains the volume's name: it proves that the right file system is
 * mounted.
 */
const MARKER = 'dollarbox-volume';

const MKFS_OPTIONS = [
  // Blocks that are never written stay holes. The remaining structures are created when the file system is first
  // used.
  ...['-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0'],
  // No blocks reserved for root: all of the space is the tenant's.
  ...['-m', '0'],
  // Continuing to write after an error would cause more damage.
  ...['-e', 'remount-ro'],
];

/**
 * A container that is being started briefly has a copy of the host's mounts. A file system that is unmounted in that
 * time stays in use until the copy is gone, and can't be mounted with other options. On a busy machine that takes
 * seconds; the deadline of the verb usually ends the wait.
 */
const BUSY = /already mounted or mount point busy/;
const BUSY_MS = 60_000;
const BUSY_POLL_MS = 50;

const MOUNT_OPTIONS = 'loop,nosuid,nodev';

const imageOf = (folder: string) => join(folder, 'disk.ext4');
const detailsOf = (folder: string) => join(folder, 'volume.json');
const stateOf = (folder: string) => join(folder, 'state');
const mountPointOf = (folder: string) => join(folder, 'mount');

/**
 * The folder of the data. It is not the root of the file system, so it does not exist while the file system is not
 * mounted.
 */
export function loopDataFolder(folder: string): string {
  return join(mountPointOf(folder), 'data');
}

/** @param dataFolder as returned by {@link loopDataFolder}. */
export function loopFolderOf(dataFolder: string): string {
  return dirname(dirname(dataFolder));
}

/** The device that a path is on; null if it does not exist. */
async function deviceOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ dev }) => dev,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null;
      throw error;
    },
  );
}

async function exists(path: string): Promise<boolean> {
  return (await deviceOf(path)) !== null;
}

async function syncPath(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * `new`: not reported to anybody yet. `kept`: contains a tenant's data. `going`: its removal is decided. The first
 * and the last count only while Docker has no object that points to it.
 */
export type LoopDiskState = 'none' | 'new' | 'kept' | 'going';

export async function loopDiskState(folder: string): Promise<LoopDiskState> {
  if (!(await exists(imageOf(folder)))) return 'none';
  const text = await readFile(stateOf(folder), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return 'kept';
    throw error;
  });
  return text as LoopDiskState;
}

/** Records the state of a disk. A disk that another worker has removed needs no record. */
export async function loopDiskMark(folder: string, state: 'kept' | 'going'): Promise<void> {
  try {
    if (state === 'kept') await rm(stateOf(folder), { force: true });
    else await writeFile(stateOf(folder), state);
    await syncPath(folder);
  } catch (error) {
    if (await exists(folder)) throw error;
  }
}

/** The details that were recorded when the volume was created. */
export async function loopDiskDetails<T>(folder: string): Promise<T> {
  return JSON.parse(await readFile(detailsOf(folder), 'utf8')) as T;
}

export interface LoopDisk {
  folder: string;
  /** A unique word that identifies the file system. */
  name: string;
}

export interface LoopDiskShape {
  sizeBytes: number;
  /**
   * Whether all of its space is allocated on the machine's disk at once and kept. Otherwise it is allocated as it is
   * written.
   */
  isReserved: boolean;
  /** Whose the folder of the data is: root of containers. */
  root: UserShift;
}

/** Puts an empty disk into an existing folder. */
async function fillFolder(
  { folder, name }: LoopDisk,
  { sizeBytes, isReserved, root }: LoopDiskShape,
  details: object,
  signal: AbortSignal,
): Promise<void> {
  const skeleton = join(folder, 'skeleton');
  await mkdir(join(skeleton, 'data'), { recursive: true });
  await chmod(join(skeleton, 'data'), 0o755);
  await chown(join(skeleton, 'data'), root.uid, root.gid);
  await writeFile(join(skeleton, MARKER), name);
  const image = await open(imageOf(folder), 'wx', 0o600);
  try {
    await image.truncate(sizeBytes);
  } finally {
    await image.close();
  }
  if (isReserved) {
    await hostCommandRun('fallocate', ['--length', String(sizeBytes), imageOf(folder)], signal);
  }
  const words = ['-q', '-F', ...MKFS_OPTIONS, '-d', skeleton, imageOf(folder)];
  await hostCommandRun('mkfs.ext4', words, signal);
  await rm(skeleton, { recursive: true });
  await writeFile(detailsOf(folder), JSON.stringify(details));
  await writeFile(stateOf(folder), 'new');
  await mkdir(mountPointOf(folder));
  for (const path of [imageOf, detailsOf, stateOf]) await syncPath(path(folder));
  await syncPath(folder);
}

/**
 * Creates an empty disk, unless another worker was faster.
 * @param details returned later by {@link loopDiskDetails}.
 */
export async function loopDiskCreate(
  disk: LoopDisk,
  shape: LoopDiskShape,
  details: object,
  onStep: NonNullable<DockerEngineOptions['onStep']>,
  signal: AbortSignal,
): Promise<void> {
  const parent = dirname(disk.folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const making = await makingFolderCreate(parent);
  try {
    await fillFolder({ ...disk, folder: making }, shape, details, signal);
    await onStep('volume-filled');
    await rename(making, disk.folder);
    await syncPath(parent);
    await onStep('volume-placed');
  } catch (error) {
    await rm(making, { recursive: true, force: true });
    const { code } = error as NodeJS.ErrnoException;
    if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
  }
}

/** @throws Error if something else is mounted there. */
async function isMounted({ folder, name }: LoopDisk): Promise<boolean> {
  const mountPoint = mountPointOf(folder);
  const [inside, outside] = await Promise.all([stat(mountPoint), stat(folder)]);
  if (inside.dev === outside.dev) return false;
  const found = await readFile(join(mountPoint, MARKER), 'utf8').catch(() => '');
  if (found !== name) throw new Error(`${mountPoint} has another file system than that of ${name}`);
  return true;
}

/**
 * Mounts a disk that may be mounted already.
 * @param givesBack whether space freed inside is returned to the machine's disk.
 * @returns the folder of the data.
 */
export async function loopDiskMount(
  disk: LoopDisk,
  givesBack: boolean,
  signal: AbortSignal,
): Promise<string> {
  const { folder } = disk;
  if (!(await isMounted(disk))) {
    const places = [imageOf(folder), mountPointOf(folder)];
    const options = givesBack ? `${MOUNT_OPTIONS},discard` : MOUNT_OPTIONS;
    const mount = ['mount', ...['-t', 'ext4'], ...['-o', options], ...places];
    const busyUntil = performance.now() + BUSY_MS;
    for (;;) {
      try {
        // One at a time: two loop devices on the same file would destroy its contents.
        await lockedRun(folder, mount, signal);
        break;
      } catch (error) {
        if (!(error instanceof HostCommandError)) throw error;
        // Another worker was faster.
        if (await isMounted(disk)) break;
        if (!BUSY.test(error.said) || performance.now() > busyUntil) throw error;
        await delay(BUSY_POLL_MS, undefined, { signal });
      }
    }
    if (!(await isMounted(disk))) throw new Error(`${folder} can not be mounted`);
  }
  return loopDataFolder(folder);
}

/** Succeeds if nothing is mounted. @throws HostCommandError while it is in use. */
export async function loopDiskUnmount(folder: string, signal: AbortSignal): Promise<void> {
  const mountPoint = mountPointOf(folder);
  const isThere = async () => {
    const [inside, outside] = [await deviceOf(mountPoint), await deviceOf(folder)];
    // Another worker may have removed the folder between any two checks.
    return inside !== null && outside !== null && inside !== outside;
  };
  if (!(await isThere())) return;
  try {
    await lockedRun(folder, ['umount', mountPoint], signal);
  } catch (error) {
    if (!(error instanceof HostCommandError) || (await isThere())) throw error;
  }
}

/** Whether its file system is read-only, as it is after an error. It must be mounted. */
export async function loopDiskIsReadOnly(folder: string): Promise<boolean> {
  try {
    await (await open(join(mountPointOf(folder), MARKER), 'r+')).close();
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return true;
    throw error;
  }
}

/** Unmounts and deletes it. The kernel releases its loop device. Succeeds if it is already gone. */
export async function loopDiskDestroy(
  { folder, name }: LoopDisk,
  onStep: NonNullable<DockerEngineOptions['onStep']>,
  signal: AbortSignal,
): Promise<void> {
  if (!(await exists(folder))) return;
  await loopDiskUnmount(folder, signal);
  await onStep('volume-unmounted');
  const trash = await moveToTrash({ folder, name });
  await syncPath(dirname(folder));
  await onStep('volume-trashed');
  await emptyTrash(dirname(trash), signal);
}

/** @returns its new place. If another process was faster, there is nothing. */
async function moveToTrash({ folder, name }: LoopDisk): Promise<string> {
  for (;;) {
    const trash = await mkdtemp(join(dirname(folder), TRASH));
    try {
      await rename(folder, join(trash, name));
      return join(trash, name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      // Another process may have emptied the new, still empty trash.
      if (!(await exists(folder))) return join(trash, name);
      await rm(trash, { recursive: true, force: true });
    }
  }
}

/** @param trash a folder that contains the folder of one disk. Another process may be emptying it. */
async function emptyTrash(trash: string, signal: AbortSignal): Promise<void> {
  const names = await readdir(trash).catch(() => []);
  // It may have been mounted again while it was being removed, by a worker that did not know.
  for (const name of names) await loopDiskUnmount(join(trash, name), signal);
  await rm(trash, { recursive: true, force: true });
}

/**
 * Creates a small disk, mounts it, inspects it and deletes it.
 * @param look called with the folder of its data.
 * @throws the error of the step that does not work here.
 */
export async function loopDiskTry(
  parent: string,
  look: (dataFolder: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const disk = { folder: await makingFolderCreate(parent), name: 'trial' };
  try {
    await fillFolder(
      disk,
      { sizeBytes: TRIAL_BYTES, isReserved: false, root: NO_SHIFT },
      {},
      signal,
    );
    await look(await loopDiskMount(disk, true, signal));
  } finally {
    // Runs even if no time is left for the trial itself.
    await loopDiskUnmount(disk.folder, AbortSignal.timeout(TRIAL_END_MS));
    await rm(disk.folder, { recursive: true, force: true });
  }
}

/** Deletes what dead processes left half created and half removed. */
export async function loopDisksTidy(parent: string, now: Date, signal: AbortSignal): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name.startsWith(TRASH)) await emptyTrash(path, signal);
    if (!isMakingFolder(name) || !(await makingFolderIsDead(parent, name, now))) continue;
    await loopDiskUnmount(path, signal);
    await rm(path, { recursive: true, force: true });
  }
}
