/**
 * Which users of the machine the users of containers are. Where Docker runs containers in a user namespace
 * (`userns-remap`), root of a container is an unprivileged user of the machine, and all other users are shifted with it.
 */
import type { DockerApi } from './api.ts';

/** What is added to the ids of a container's users and groups. */
export interface UserShift {
  uid: number;
  gid: number;
}

/** No user namespace: root of a container is root of the machine. */
export const NO_SHIFT: UserShift = { uid: 0, gid: 0 };

/** How many users of a container are shifted: as many as tools give to an account in `/etc/subuid`. */
export const SHIFTED_IDS = 65_536;

/** Docker may be restarted with other settings, and with other containers. */
const READ_EVERY_MS = 60_000;

interface DockerInfo {
  DockerRootDir: string;
  SecurityOptions?: string[] | null;
}

/** @returns null if Docker has a user namespace for containers, but does not say which users are in it. */
export function userShiftOf({ DockerRootDir, SecurityOptions }: DockerInfo): UserShift | null {
  const options = SecurityOptions ?? [];
  if (!options.some((option) => option.split(',').includes('name=userns'))) return NO_SHIFT;
  // Docker keeps the data of each mapping in a folder of its own, which it names after the containers' root.
  const [, uid, gid] = /\/(\d+)\.(\d+)$/.exec(DockerRootDir) ?? [];
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) };
}

export function userShiftsEqual(one: UserShift, other: UserShift): boolean {
  return one.uid === other.uid && one.gid === other.gid;
}

/** @returns a function that returns the daemon's; null if it is not known. */
export function userShiftReader(
  api: DockerApi,
  now: () => Date,
): (signal: AbortSignal) => Promise<UserShift | null> {
  let found: UserShift | null = null;
  let readAtMs = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    if (Math.abs(now().getTime() - readAtMs) < READ_EVERY_MS) return found;
    found = userShiftOf(await api.call<DockerInfo>({ method: 'GET', path: '/info', signal }));
    readAtMs = now().getTime();
    return found;
  };
}
