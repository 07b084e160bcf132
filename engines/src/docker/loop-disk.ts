/**
 * A volume with a file system of its own: a sparse file with ext4 in it, mounted by way of a loop
 * device. All of it lies in one folder, which appears under its name when it is complete and vanishes
 * from it when it is to go, each in one step: whoever dies in between leaves nothing half made.
 */
import {
  chmod,
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
import { HostCommandError, runHostCommand } from './host-command.ts';
import type { DockerEngineOptions } from './options.ts';

/** Beginnings of the names of folders that are being made, and of those that are to go. */
const MAKING = 'making-';
const TRASH = 'trash-';
/** Longer than any verb: who makes it is dead. */
const ABANDONED_AFTER_MS = 600_000;
const TRIAL_BYTES = 8 * 1024 ** 2;
const TRIAL_END_MS = 10_000;

/** In the root of the file system, with the volume's name in it: tells that it is mounted, and the right one. */
const MARKER = 'dollarbox-volume';

const MKFS_OPTIONS = [
  // What is not written to stays a hole, and the rest is made when the file system is first used.
  ...['-E', 'lazy_itable_init=1,lazy_journal_init=1,nodiscard,root_owner=0:0'],
  // No share for root: all of it is the tenant's.
  ...['-m', '0'],
  // Writing on after an error would make it worse.
  ...['-e', 'remount-ro'],
];

/**
 * A container that is being started has a copy of the host's mounts for a moment: what is unmounted meanwhile stays in
 * use until then, and can't be mounted in another way.
 */
const BUSY = /already mounted or mount point busy/;
const BUSY_MS = 5000;
const BUSY_POLL_MS = 50;

const MOUNT_OPTIONS = 'loop,nosuid,nodev';

const imageOf = (folder: string) => join(folder, 'disk.ext4');
const detailsOf = (folder: string) => join(folder, 'volume.json');
const stateOf = (folder: string) => join(folder, 'state');
const mountPointOf = (folder: string) => join(folder, 'mount');

/** The data's own folder. It is not the file system's root: while that is not mounted, it is not there. */
export function loopDataFolder(folder: string): string {
  return join(mountPointOf(folder), 'data');
}

/** @param dataFolder as {@link loopDataFolder} gives it. */
export function loopFolderOf(dataFolder: string): string {
  return dirname(dirname(dataFolder));
}

/** The device that a path lies on, null when it is not there. */
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
 * `new`: nobody was told of it yet. `kept`: somebody's data. `going`: its removal is decided. The first
 * and the last count only for as long as Docker has no object that points to it.
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

/** Notes what becomes of a disk. One that another worker has taken away needs no note. */
export async function loopDiskMark(folder: string, state: 'kept' | 'going'): Promise<void> {
  try {
    if (state === 'kept') await rm(stateOf(folder), { force: true });
    else await writeFile(stateOf(folder), state);
    await syncPath(folder);
  } catch (error) {
    if (await exists(folder)) throw error;
  }
}

/** Whether whoever made it, and told nobody, must be dead. */
export async function loopDiskIsAbandoned(folder: string, now: Date): Promise<boolean> {
  return now.getTime() - (await stat(folder)).mtimeMs > ABANDONED_AFTER_MS;
}

/** What was said of the volume when it was made. */
export async function loopDiskDetails<T>(folder: string): Promise<T> {
  return JSON.parse(await readFile(detailsOf(folder), 'utf8')) as T;
}

export interface LoopDisk {
  folder: string;
  /** A word of its own, by which the file system is known again. */
  name: string;
}

export interface LoopDiskShape {
  sizeBytes: number;
  /** Whether all of it is taken from the machine's disk at once, and kept; else as it is written to. */
  isReserved: boolean;
}

/** Puts an empty disk into a folder that is there. */
async function fillFolder(
  { folder, name }: LoopDisk,
  { sizeBytes, isReserved }: LoopDiskShape,
  details: object,
  signal: AbortSignal,
): Promise<void> {
  const skeleton = join(folder, 'skeleton');
  await mkdir(join(skeleton, 'data'), { recursive: true });
  await chmod(join(skeleton, 'data'), 0o755);
  await writeFile(join(skeleton, MARKER), name);
  const image = await open(imageOf(folder), 'wx', 0o600);
  try {
    await image.truncate(sizeBytes);
  } finally {
    await image.close();
  }
  if (isReserved) {
    await runHostCommand('fallocate', ['--length', String(sizeBytes), imageOf(folder)], signal);
  }
  const words = ['-q', '-F', ...MKFS_OPTIONS, '-d', skeleton, imageOf(folder)];
  await runHostCommand('mkfs.ext4', words, signal);
  await rm(skeleton, { recursive: true });
  await writeFile(detailsOf(folder), JSON.stringify(details));
  await writeFile(stateOf(folder), 'new');
  await mkdir(mountPointOf(folder));
  for (const path of [imageOf, detailsOf, stateOf]) await syncPath(path(folder));
  await syncPath(folder);
}

/**
 * Makes an empty disk, unless another worker was faster.
 * @param details to be had back from {@link loopDiskDetails}.
 */
export async function loopDiskMake(
  disk: LoopDisk,
  shape: LoopDiskShape,
  details: object,
  onStep: NonNullable<DockerEngineOptions['onStep']>,
  signal: AbortSignal,
): Promise<void> {
  const parent = dirname(disk.folder);
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const making = await mkdtemp(join(parent, MAKING));
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

/** @throws Error when something else is mounted there. */
async function isMounted({ folder, name }: LoopDisk): Promise<boolean> {
  const mountPoint = mountPointOf(folder);
  const [inside, outside] = await Promise.all([stat(mountPoint), stat(folder)]);
  if (inside.dev === outside.dev) return false;
  const found = await readFile(join(mountPoint, MARKER), 'utf8').catch(() => '');
  if (found !== name) throw new Error(`${mountPoint} has another file system than that of ${name}`);
  return true;
}

/**
 * Mounts what may be mounted already.
 * @param givesBack whether what is deleted inside is given back to the machine's disk.
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
        // One at a time: two loop devices on the same file would destroy what is in it.
        await runHostCommand('flock', ['--exclusive', folder, ...mount], signal);
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

/** Nothing mounted is success. @throws HostCommandError while something uses it. */
export async function loopDiskUnmount(folder: string, signal: AbortSignal): Promise<void> {
  const mountPoint = mountPointOf(folder);
  const isThere = async () => {
    const [inside, outside] = [await deviceOf(mountPoint), await deviceOf(folder)];
    // Another worker may have taken the folder away between any two looks.
    return inside !== null && outside !== null && inside !== outside;
  };
  if (!(await isThere())) return;
  try {
    await runHostCommand('flock', ['--exclusive', folder, 'umount', mountPoint], signal);
  } catch (error) {
    if (!(error instanceof HostCommandError) || (await isThere())) throw error;
  }
}

/** Whether its file system takes nothing any more, as it does after an error. It must be mounted. */
export async function loopDiskIsReadOnly(folder: string): Promise<boolean> {
  try {
    await (await open(join(mountPointOf(folder), MARKER), 'r+')).close();
    return false;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EROFS') return true;
    throw error;
  }
}

/** Unmounts and deletes it. Its loop device is let go by the kernel. Gone already is success. */
export async function loopDiskDestroy(
  { folder, name }: LoopDisk,
  onStep: NonNullable<DockerEngineOptions['onStep']>,
  signal: AbortSignal,
): Promise<void> {
  if (!(await exists(folder))) return;
  await loopDiskUnmount(folder, signal);
  await onStep('volume-unmounted');
  const trash = join(await mkdtemp(join(dirname(folder), TRASH)), name);
  try {
    await rename(folder, trash);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
  await syncPath(dirname(folder));
  await onStep('volume-trashed');
  await emptyTrash(dirname(trash), signal);
}

/** @param trash a folder with the folder of one disk in it; another process may be emptying it. */
async function emptyTrash(trash: string, signal: AbortSignal): Promise<void> {
  const names = await readdir(trash).catch(() => []);
  // One that was mounted again, as it went, by a worker that did not know.
  for (const name of names) await loopDiskUnmount(join(trash, name), signal);
  await rm(trash, { recursive: true, force: true });
}

/**
 * Makes a small disk, mounts it, has it looked at and deletes it.
 * @param look told the folder of its data.
 * @throws what of it does not work here.
 */
export async function loopDiskTry(
  parent: string,
  look: (dataFolder: string) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  await mkdir(parent, { recursive: true, mode: 0o700 });
  const disk = { folder: await mkdtemp(join(parent, MAKING)), name: 'trial' };
  try {
    await fillFolder(disk, { sizeBytes: TRIAL_BYTES, isReserved: false }, {}, signal);
    await look(await loopDiskMount(disk, true, signal));
  } finally {
    // Also when there is no time left for the trial itself.
    await loopDiskUnmount(disk.folder, AbortSignal.timeout(TRIAL_END_MS));
    await rm(disk.folder, { recursive: true, force: true });
  }
}

/** Deletes what dead processes left half made and half removed. */
export async function loopDisksTidy(parent: string, now: Date, signal: AbortSignal): Promise<void> {
  for (const name of await readdir(parent)) {
    const path = join(parent, name);
    if (name.startsWith(TRASH)) await emptyTrash(path, signal);
    if (!name.startsWith(MAKING)) continue;
    if (!(await loopDiskIsAbandoned(path, now))) continue;
    await loopDiskUnmount(path, signal);
    await rm(path, { recursive: true, force: true });
  }
}
