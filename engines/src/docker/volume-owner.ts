/** Gives a fresh volume to the user that an image runs as, since only root could write to it otherwise. */
import { lchown, lstat, readdir } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { ContainerSpec } from '../contract.ts';
import type { DockerApi } from './api.ts';
import type { ContainerFiles } from './container-files.ts';
import { parseUser, resolveUser } from './image-user.ts';
import type { ImageUser } from './image-user.ts';
import type { DockerContainer } from './observation.ts';
import { readTarEntries, tarOfFolder } from './tar.ts';
import type { TarOwner } from './tar.ts';
import type { StoredVolume } from './volume-store.ts';

/** Enough for a folder's entry and the beginning of the next. */
const FOLDER_HEAD_BYTES = 8192;
const USERS_BYTES = 1024 * 1024;
/** As a new volume has it. */
const FRESH_MODE = 0o755;
/** Images whose user is known: to find out takes two of Docker's slowest calls. */
const KNOWN_MAX = 1000;

export interface VolumeOwnership {
  /**
   * @param ref the container's object, which has not been started yet.
   * @param volumes what it mounts, in the order of its mounts.
   */
  giveToImageUser(
    ref: string,
    spec: ContainerSpec,
    volumes: readonly StoredVolume[],
    signal: AbortSignal,
  ): Promise<void>;
}

/** A volume that is empty and root's, as it was made. */
interface FreshVolume {
  give(owner: TarOwner): Promise<void>;
}

const isAsMade = ({ uid, gid, mode }: { uid: number; gid: number; mode: number }): boolean =>
  uid === 0 && gid === 0 && (mode & 0o7777) === FRESH_MODE;

export function createVolumeOwnership(api: DockerApi, files: ContainerFiles): VolumeOwnership {
  /** By image, user and what is mounted where; null: the image has no such user. */
  const owners = new Map<string, TarOwner | null>();

  async function readUsers(ref: string, path: string, signal: AbortSignal): Promise<string> {
    const found = await files.readArchive(ref, path, USERS_BYTES, signal);
    const [entry] = readTarEntries(found?.archive ?? Buffer.alloc(0));
    return entry?.content.toString('utf8') ?? '';
  }

  /**
   * As the container has it, in which nothing has run yet.
   * @param key of what else is the same where this is; null: its volumes hold files, which may be in place of the image's.
   */
  async function ownerOf(
    ref: string,
    key: string | null,
    user: ImageUser,
    signal: AbortSignal,
  ): Promise<TarOwner | null> {
    const known = key === null ? undefined : owners.get(key);
    if (known !== undefined) return known;
    const owner = resolveUser(
      user,
      await readUsers(ref, '/etc/passwd', signal),
      await readUsers(ref, '/etc/group', signal),
    );
    if (key === null) return owner;
    const [oldest] = owners.keys();
    if (owners.size >= KNOWN_MAX && oldest !== undefined) owners.delete(oldest);
    owners.set(key, owner);
    return owner;
  }

  /** By way of the container: its paths are Docker's to follow. */
  async function findFresh(
    ref: string,
    mountPath: string,
    signal: AbortSignal,
  ): Promise<FreshVolume | null> {
    const found = await files.readArchive(ref, mountPath, FOLDER_HEAD_BYTES, signal);
    const [root, ...inside] = readTarEntries(found?.archive ?? Buffer.alloc(0));
    if (found === undefined || root?.type !== '5' || inside.length > 0) return null;
    if (!isAsMade(root)) return null;
    const { path } = found;
    return {
      async give(owner) {
        const archive = tarOfFolder(posix.basename(path), { ...root, ...owner });
        await files.writeArchive(ref, posix.dirname(path), Readable.from([archive]), signal);
      },
    };
  }

  return {
    async giveToImageUser(ref, spec, volumes, signal) {
      const { Config, Image } = await api.call<DockerContainer>({
        method: 'GET',
        path: `/containers/${ref}/json`,
        signal,
      });
      const user = parseUser(Config.User);
      if (user === null) return;
      const found: (FreshVolume | null)[] = [];
      for (const [index, { mountPath }] of spec.volumes.entries()) {
        const volume = volumes[index];
        found.push(
          volume?.isLoop === true
            ? await findFreshOnHost(volume.dataFolder)
            : await findFresh(ref, mountPath, signal),
        );
      }
      const fresh = found.filter((each) => each !== null);
      if (fresh.length === 0) return;
      const paths = spec.volumes.map(({ mountPath }) => mountPath);
      const isBare = fresh.length === found.length;
      const key = isBare ? JSON.stringify([Image, user.user, user.group, ...paths]) : null;
      const owner = await ownerOf(ref, key, user, signal);
      // A user that the image does not have: the start fails, and says so.
      if (owner === null) return;
      for (const volume of fresh) await volume.give(owner);
    },
  };
}

/** A file system of its own is mounted on this machine: no need to trouble Docker. */
async function findFreshOnHost(dataFolder: string): Promise<FreshVolume | null> {
  if (!isAsMade(await lstat(dataFolder)) || (await readdir(dataFolder)).length > 0) return null;
  return { give: ({ uid, gid }) => lchown(dataFolder, uid, gid) };
}
