/**
 * Checks the files that the host's root opens and mounts for a container, before each start.
 *
 * At every start dockerd, as root of the host, opens `/etc/passwd` and `/etc/group` of the container's root file
 * system (moby `daemon/oci_linux.go`, `getUser`), and runc opens them again inside the container. Neither checks what
 * it opens: a FIFO blocks the start and keeps the container locked, a device is really opened, and a huge file is
 * read into dockerd's memory until the kernel kills it. A volume over `/dev`, or one that a link leads there, exposes
 * what runc hides in `/proc` and `/sys` (CVE-2025-31133).
 *
 * The container's process does not run between this check and the start, and no other container has its volumes, so
 * the files that are checked here are the files that will be opened. A volume may cover files, and dockerd opens the
 * covered ones: if there are volumes, the image is also checked without them, and so are the files that the container
 * has changed since.
 */
import type { IncomingMessage } from 'node:http';
import { lstat } from 'node:fs/promises';
import { join, posix } from 'node:path';
import type Docker from 'dockerode';
import { EngineError } from '../../contract.ts';
import type { ContainerSpec } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { isDockerStatus, unlessMissing } from '../daemon/errors.ts';
import { LABELS } from '../base/names.ts';
import type { ImageVolumes } from './image-volumes.ts';
import type { DockerContainer } from './observation.ts';
import { containerRemove } from '../daemon/removal.ts';

const ACCOUNT_FILES = ['/etc/passwd', '/etc/group'] as const;
const FILE_MAX_BYTES = 1024 * 1024;
/** How many images that passed the check are cached. An image never changes. */
const KNOWN_MAX = 10_000;
/** Go's `fs.ModeType` and two of its bits, which mark anything that is not a regular file. */
const MODE_TYPE = 0x8f280000;
const MODE_DIR = 0x80000000;
const MODE_LINK = 0x08000000;
/** A mount on or below one of these would cover the kernel's own files. */
const KERNEL_FOLDERS = ['/dev', '/proc', '/sys'];

/** The reply of Docker's archive endpoint about a path, without following its last part. */
interface PathStat {
  size: number;
  /** Go's `fs.FileMode`. */
  mode: number;
  /** The target of a link, with all links on the way resolved inside the container; otherwise empty. */
  linkTarget: string;
}

export interface StartCheck {
  /**
   * @param ref the container's object, which is not running.
   * @param hasNeverRun whether its files are still those of its image.
   * @throws EngineError `permanent` `start_error` that names the file.
   */
  requireSound(
    ref: string,
    hasNeverRun: boolean,
    spec: ContainerSpec,
    signal: AbortSignal,
  ): Promise<void>;
}

function refusal(path: string, why: string): EngineError {
  return new EngineError(
    'permanent',
    'start_error',
    `The process could not be started: ${path} ${why}. It must be absent or a regular file of at most 1 MiB.`,
  );
}

function requireRegular(path: string, isRegular: boolean, sizeBytes: number): void {
  if (!isRegular) throw refusal(path, 'is not a regular file');
  if (sizeBytes > FILE_MAX_BYTES) throw refusal(path, `has ${sizeBytes} bytes`);
}

/** Whether a path equals another or is below it. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`);
}

function mountRefusal(path: string, why: string): EngineError {
  const message = `The process could not be started: a volume can not be mounted at ${path}, ${why}.`;
  return new EngineError('permanent', 'start_error', message);
}

interface Mount {
  path: string;
  /** Whether the image has a `VOLUME` there. */
  isOfImage: boolean;
}

/** @param resolved the target of each mount, with links resolved. */
function requireHarmless(mounts: readonly Mount[], resolved: readonly string[]): void {
  for (const [index, { path, isOfImage }] of mounts.entries()) {
    const place = resolved[index] ?? path;
    const over = KERNEL_FOLDERS.find((folder) => isWithin(place, folder));
    if (place === '/' || over !== undefined) {
      throw mountRefusal(path, `which would lie over ${over ?? 'the root folder'}`);
    }
    if (!isOfImage) continue;
    const above = mounts.find(
      (other, at) => !other.isOfImage && isWithin(place, resolved[at] ?? other.path),
    );
    if (above === undefined) continue;
    throw mountRefusal(
      above.path,
      `as the image has a VOLUME inside it at ${path}, whose data would not be in it: mount it there`,
    );
  }
}

export function startCheckCreate(
  installationId: string,
  api: DockerApi,
  imageVolumes: Pick<ImageVolumes, 'paths'>,
  isLocal: boolean,
): StartCheck {
  const soundImages = new Set<string>();
  /** Keyed by image and mounts. */
  const soundMounts = new Set<string>();

  /** Only inspects the path: the file is not opened. */
  async function statIn(ref: string, path: string, signal: AbortSignal): Promise<PathStat | null> {
    const reply = await unlessMissing(
      api.stream({ method: 'HEAD', path: `/containers/${ref}/archive`, query: { path }, signal }),
    );
    if (reply === undefined) return null;
    reply.destroy();
    const header = (reply as IncomingMessage).headers['x-docker-container-path-stat'];
    return JSON.parse(Buffer.from(String(header), 'base64').toString()) as PathStat;
  }

  async function statAccountFile(
    ref: string,
    path: string,
    signal: AbortSignal,
  ): Promise<PathStat | null> {
    try {
      return await statIn(ref, path, signal);
    } catch (error) {
      if (!isDockerStatus(error, 500)) throw error;
      const folder = await statIn(ref, '/etc', signal);
      if (folder !== null && (folder.mode & MODE_DIR) === 0) {
        throw refusal(path, 'can not be reached, as /etc is not a folder');
      }
      throw error;
    }
  }

  /** As the container will see them, including its volumes. */
  async function requireSoundIn(ref: string, mayBeLinks: boolean, signal: AbortSignal) {
    for (const path of ACCOUNT_FILES) {
      let found = await statAccountFile(ref, path, signal);
      if (found === null) continue;
      if ((found.mode & MODE_LINK) !== 0) {
        if (!mayBeLinks) throw refusal(path, 'is a link, in a container or image with volumes');
        found = await statAccountFile(ref, found.linkTarget, signal);
      }
      if (found !== null) requireRegular(path, (found.mode & MODE_TYPE) === 0, found.size);
    }
  }

  /** The target of a path, with links resolved inside the container. */
  async function resolveIn(ref: string, path: string, signal: AbortSignal): Promise<string> {
    let place = '/';
    for (const name of posix.normalize(path).split('/')) {
      if (name === '') continue;
      const next = posix.join(place, name);
      const found = await statIn(ref, next, signal);
      place = found !== null && (found.mode & MODE_LINK) !== 0 ? found.linkTarget : next;
    }
    return place;
  }

  async function requireHarmlessIn(ref: string, mounts: readonly Mount[], signal: AbortSignal) {
    const resolved: string[] = [];
    for (const { path } of mounts) resolved.push(await resolveIn(ref, path, signal));
    requireHarmless(mounts, resolved);
  }

  /** As dockerd opens them: without the container's volumes, which may cover them. */
  async function requireSoundImage(
    imageId: string,
    mounts: readonly Mount[],
    signal: AbortSignal,
  ): Promise<void> {
    const key = JSON.stringify([imageId, ...mounts.map(({ path }) => path)]);
    if (soundMounts.has(key)) return;
    const body: Docker.ContainerCreateOptions = {
      Image: imageId,
      Entrypoint: ['none'],
      // Labeled like the containers through which volumes are read, so that the remains of a crash are removed with
      // those.
      Labels: { [LABELS.installation]: installationId, [LABELS.volumeJob]: 'account-files' },
      HostConfig: { NetworkMode: 'none' },
    };
    const path = '/containers/create';
    const { Id } = await api.call<{ Id: string }>({ method: 'POST', path, body, signal });
    try {
      await requireSoundIn(Id, false, signal);
      await requireHarmlessIn(Id, mounts, signal);
    } finally {
      await containerRemove(api, Id, signal);
    }
    remember(soundMounts, key);
  }

  /** The files below its volumes that the container itself has changed, if this machine can see them. */
  async function requireSoundChanges(
    ref: string,
    mounts: readonly Mount[],
    signal: AbortSignal,
  ): Promise<void> {
    const path = `/containers/${ref}/json`;
    const { GraphDriver } = await api.call<DockerContainer>({ method: 'GET', path, signal });
    const upper = (GraphDriver.Data as { UpperDir?: string } | null)?.UpperDir;
    if (GraphDriver.Name !== 'overlay2' || upper === undefined) return;
    for (const mount of mounts) {
      let folder = '';
      for (const name of mount.path.split('/').filter((each) => each !== '')) {
        folder += `/${name}`;
        if ((await lstatIfVisible(join(upper, folder)))?.isSymbolicLink() !== true) continue;
        throw mountRefusal(mount.path, `as the container has made ${folder} a link`);
      }
    }
    const etc = await lstatIfVisible(join(upper, 'etc'));
    if (etc === null) return;
    if (!etc.isDirectory()) throw refusal('/etc', 'was replaced, in a container with volumes');
    for (const file of ACCOUNT_FILES) {
      const found = await lstatIfVisible(join(upper, file));
      // Overlayfs marks a deleted file by a character device 0:0.
      if (found === null || (found.isCharacterDevice() && found.rdev === 0)) continue;
      requireRegular(file, found.isFile(), found.size);
    }
  }

  return {
    async requireSound(ref, hasNeverRun, spec, signal) {
      const ofImage = await imageVolumes.paths(spec.imageId, signal);
      const own = spec.volumes.flatMap(({ mountPath: path }) =>
        ofImage.includes(path) ? [] : [{ path, isOfImage: false }],
      );
      const mounts = [...own, ...ofImage.map((path) => ({ path, isOfImage: true }))];
      const isAsImage = hasNeverRun && mounts.length === 0;
      if (isAsImage && soundImages.has(spec.imageId)) return;
      await requireSoundIn(ref, mounts.length === 0, signal);
      if (isAsImage) remember(soundImages, spec.imageId);
      if (mounts.length === 0) return;
      await requireHarmlessIn(ref, mounts, signal);
      await requireSoundImage(spec.imageId, mounts, signal);
      if (!hasNeverRun && isLocal) await requireSoundChanges(ref, mounts, signal);
    },
  };
}

function remember(known: Set<string>, key: string): void {
  const [oldest] = known;
  if (known.size >= KNOWN_MAX && oldest !== undefined) known.delete(oldest);
  known.add(key);
}

/** Null if it does not exist or is not visible to this process. */
async function lstatIfVisible(path: string) {
  try {
    return await lstat(path);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'EACCES' || code === 'ENOTDIR') return null;
    throw error;
  }
}
