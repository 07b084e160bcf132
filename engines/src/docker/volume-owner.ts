/** Gives a fresh volume to the user that an image runs as, since only root could write to it otherwise. */
import { posix } from 'node:path';
import { Readable } from 'node:stream';
import type { ContainerSpec } from '../contract.ts';
import type { DockerApi } from './api.ts';
import type { ContainerFiles } from './container-files.ts';
import { parseUser, resolveUser } from './image-user.ts';
import type { DockerContainer } from './observation.ts';
import { readTarEntries, tarOfFolder } from './tar.ts';
import type { TarEntry, TarOwner } from './tar.ts';

/** Enough for a folder's entry and the beginning of the next. */
const FOLDER_HEAD_BYTES = 8192;
const USERS_BYTES = 1024 * 1024;
/** As a new volume has it. */
const FRESH_MODE = 0o755;

export interface VolumeOwnership {
  /** @param ref the container's object, which has not been started yet. */
  giveToImageUser(ref: string, spec: ContainerSpec, signal: AbortSignal): Promise<void>;
}

export function createVolumeOwnership(api: DockerApi, files: ContainerFiles): VolumeOwnership {
  async function readUsers(ref: string, path: string, signal: AbortSignal): Promise<string> {
    const found = await files.readArchive(ref, path, USERS_BYTES, signal);
    const [entry] = readTarEntries(found?.archive ?? Buffer.alloc(0));
    return entry?.content.toString('utf8') ?? '';
  }

  /** @returns where it lies, links followed, if it is empty and root's, as it was made; else null. */
  async function findFresh(
    ref: string,
    path: string,
    signal: AbortSignal,
  ): Promise<{ path: string; root: TarEntry } | null> {
    const found = await files.readArchive(ref, path, FOLDER_HEAD_BYTES, signal);
    const [root, ...inside] = readTarEntries(found?.archive ?? Buffer.alloc(0));
    if (found === undefined || root?.type !== '5' || inside.length > 0) return null;
    const isAsMade = root.uid === 0 && root.gid === 0 && (root.mode & 0o7777) === FRESH_MODE;
    return isAsMade ? { path: found.path, root } : null;
  }

  return {
    async giveToImageUser(ref, spec, signal) {
      if (spec.volumes.length === 0) return;
      const { Config } = await api.call<DockerContainer>({
        method: 'GET',
        path: `/containers/${ref}/json`,
        signal,
      });
      const user = parseUser(Config.User);
      if (user === null) return;
      let owner: TarOwner | null = null;
      for (const { mountPath } of spec.volumes) {
        const fresh = await findFresh(ref, mountPath, signal);
        if (fresh === null) continue;
        owner ??= resolveUser(
          user,
          await readUsers(ref, '/etc/passwd', signal),
          await readUsers(ref, '/etc/group', signal),
        );
        // A user that the image does not have: the start fails, and says so.
        if (owner === null) return;
        const { path, root } = fresh;
        const archive = tarOfFolder(posix.basename(path), { ...root, ...owner });
        await files.writeArchive(ref, posix.dirname(path), Readable.from([archive]), signal);
      }
    },
  };
}
