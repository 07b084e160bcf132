/** Resolves an image's `USER` with the image's own user lists: no calls, no state. */

/** Each is a name or a number. */
export interface ImageUser {
  user: string;
  group: string | null;
}

/** The numbers that a process of the image runs as. */
export interface UserIds {
  uid: number;
  gid: number;
}

/** @param text as in the image: `user` or `user:group`, each a name or a number. @returns null for root. */
export function imageUserParse(text: string): ImageUser | null {
  const [user = '', group = ''] = text.split(':');
  if (user === '' || user === 'root' || Number(user) === 0) return null;
  return { user, group: group === '' ? null : group };
}

function isNumber(text: string): boolean {
  return /^\d{1,10}$/.test(text);
}

/** The lines of `/etc/passwd` or `/etc/group`, as fields. */
function readTable(text: string): string[][] {
  return text.split('\n').map((line) => line.trim().split(':'));
}

/**
 * As runc does: a number is valid even if the list does not contain it, and its group is then 0.
 * @param passwd the content of `/etc/passwd`; `group`: of `/etc/group`.
 * @returns null if the image has no such user or group.
 */
export function imageUserResolve(
  { user, group }: ImageUser,
  passwd: string,
  groups: string,
): UserIds | null {
  const users = readTable(passwd).filter(
    ([, , uid = '', gid = '']) => isNumber(uid) && isNumber(gid),
  );
  const entry =
    users.find(([name]) => name === user) ??
    users.find(([, , uid]) => isNumber(user) && Number(uid) === Number(user));
  if (entry === undefined && !isNumber(user)) return null;
  const uid = Number(entry?.[2] ?? user);
  if (group === null) return { uid, gid: Number(entry?.[3] ?? 0) };
  const named = readTable(groups).find(([name, , gid = '']) => name === group && isNumber(gid));
  if (named === undefined && !isNumber(group)) return null;
  return { uid, gid: Number(named?.[2] ?? group) };
}
