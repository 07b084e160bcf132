/** Gives a new volume to the user that an image runs as. Otherwise only root could write to it. */
import type Docker from 'dockerode';
import { lchown, lstat, readdir } from 'node:fs/promises';
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { ContainerSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import type { ContainerFiles } from '../daemon/container-files.ts';
import { NO_SHIFT, SHIFTED_IDS, userShiftsEqual } from '../daemon/user-shift.ts';
import type { UserShift } from '../daemon/user-shift.ts';
import { imageUserParse, imageUserResolve } from '../../registry/image-user.ts';
import type { ImageUser } from '../../registry/image-user.ts';
import { tarEntriesRead, tarOfFolder } from '../images/tar.ts';
import type { TarOwner } from '../images/tar.ts';
import type { StoredVolume } from './volume-store.ts';

/** Enough for the entry of a folder and the beginning of the next entry. */
const FOLDER_HEAD_BYTES = 8192;
const USERS_BYTES = 1024 * 1024;
/** The mode of a new volume. */
const FRESH_MODE = 0o755;
/** How many images' users are cached: finding out takes two of Docker's slowest calls. */
const KNOWN_MAX = 1000;

export interface VolumeOwnership {
  /**
   * @param ref the container's object, which has not been started yet.
   * @param volumes the volumes that it mounts, in the order of its mounts.
   */
  giveToImageUser(
    ref: string,
    spec: ContainerSpec,
    volumes: readonly StoredVolume[],
    signal: AbortSignal,
  ): Promise<void>;
}

/** A volume that is empty and owned by root, as it was created. */
interface FreshVolume {
  give(owner: TarOwner): Promise<void>;
}

const isAsMade = (
  { uid, gid, mode }: { uid: number; gid: number; mode: number },
  root: UserShift = NO_SHIFT,
): boolean => uid === root.uid && gid === root.gid && (mode & 0o7777) === FRESH_MODE;

export function volumeOwnershipCreate(api: DockerApi, files: ContainerFiles): VolumeOwnership {
  /** Keyed by image, user and mount paths; null: the image has no such user. */
  const owners = new Map<string, TarOwner | null>();

  async function readUsers(ref: string, path: string, signal: AbortSignal): Promise<string> {
    const found = await files.readArchive(ref, path, USERS_BYTES, signal);
    const [entry] = await tarEntriesRead(found?.archive ?? Buffer.alloc(0));
    return entry?.content.toString('utf8') ?? '';
  }

  /**
   * The owner as the container sees it, before anything has run in it.
   * @param key identifies the cases that have the same owner; null: its volumes contain files, which may replace the
   *   image's.
   */
  async function ownerOf(
    ref: string,
    key: string | null,
    user: ImageUser,
    signal: AbortSignal,
  ): Promise<TarOwner | null> {
    const known = key === null ? undefined : owners.get(key);
    if (known !== undefined) return known;
    const owner = imageUserResolve(
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

  /** Looks through the container: Docker must resolve its paths. */
  async function findFresh(
    ref: string,
    mountPath: string,
    signal: AbortSignal,
  ): Promise<FreshVolume | null> {
    const found = await files.readArchive(ref, mountPath, FOLDER_HEAD_BYTES, signal);
    const [root, ...inside] = await tarEntriesRead(found?.archive ?? Buffer.alloc(0));
    if (found === undefined || root?.type !== 'directory' || inside.length > 0) return null;
    if (!isAsMade(root)) return null;
    const { path } = found;
    return {
      async give(owner) {
        const archive = tarOfFolder(posix.basename(path), { ...root, ...owner });
        await files.writeArchive(ref, posix.dirname(path), Readable.from(archive), signal);
      },
    };
  }

  return {
    async giveToImageUser(ref, spec, volumes, signal) {
      const { Config, Image } = await api.call<Docker.ContainerInspectInfo>({
        method: 'GET',
        path: `/containers/${ref}/json`,
        signal,
      });
      const user = imageUserParse(Config.User);
      if (user === null) return;
      const found: (FreshVolume | null)[] = [];
      for (const [index, { mountPath }] of spec.volumes.entries()) {
        const volume = volumes[index];
        found.push(
          volume?.isLoop === true
            ? await findFreshOnHost(volume.dataFolder, volume.shift)
            : await findFresh(ref, mountPath, signal),
        );
      }
      const fresh = found.filter((each) => each !== null);
      if (fresh.length === 0) return;
      const paths = spec.volumes.map(({ mountPath }) => mountPath);
      const isBare = fresh.length === found.length;
      const key = isBare ? JSON.stringify([Image, user.user, user.group, ...paths]) : null;
      const owner = await ownerOf(ref, key, user, signal);
      // The image does not have this user. The start will fail and report it.
      if (owner === null) return;
      for (const volume of fresh) await volume.give(owner);
    },
  };
}

/** Its own file system is mounted on this machine, so no request to Docker is needed. */
async function findFreshOnHost(dataFolder: string, shift: UserShift): Promise<FreshVolume | null> {
  if (!isAsMade(await lstat(dataFolder), shift)) return null;
  if ((await readdir(dataFolder)).length > 0) return null;
  return {
    async give({ uid, gid }) {
      // Beyond these, a user namespace has no such user, and the start will fail and report it.
      if (!userShiftsEqual(shift, NO_SHIFT) && Math.max(uid, gid) >= SHIFTED_IDS) return;
      await lchown(dataFolder, shift.uid + uid, shift.gid + gid);
    },
  };
}
