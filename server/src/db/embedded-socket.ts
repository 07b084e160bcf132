import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedAccount } from './embedded-account.ts';

/** The kernel's limit for a socket's path, its closing NUL included, is 108 on Linux and 104 elsewhere. */
const SOCKET_PATH_BYTES_MAX = 103;

/**
 * Where the socket of a data folder lives: the same place at each start, so that a server left running is found.
 * Not XDG_RUNTIME_DIR: that is deleted when the user logs out, under a server that was left running.
 * @param realDataDir the data folder's path without symbolic links.
 * @param candidates folders to put it in, best first.
 */
export function socketFolderFor(
  realDataDir: string,
  candidates: readonly string[] = process.getuid?.() === 0 ? ['/run', '/tmp'] : [tmpdir(), '/tmp'],
): string {
  const hash = createHash('sha256').update(realDataDir).digest('hex').slice(0, 8);
  for (const parent of candidates) {
    const folder = join(parent, `dollarbox-${hash}`);
    if (Buffer.byteLength(join(folder, '.s.PGSQL.5432.lock')) <= SOCKET_PATH_BYTES_MAX) {
      return folder;
    }
  }
  throw new Error(`no folder for PostgreSQL's socket has a path short enough (${candidates})`);
}

/**
 * Makes the folder, for the account only, or checks the one that is there.
 * @throws Error when somebody else owns it: whoever can put a socket there could pose as our database.
 */
export async function socketFolderSecure(folder: string, account: EmbeddedAccount): Promise<void> {
  try {
    await mkdir(folder, { mode: 0o700 });
    if (account.switchTo !== null) await chown(folder, account.uid, account.gid);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
  const found = await lstat(folder);
  const ours = found.uid === account.uid || found.uid === process.getuid?.();
  if (!found.isDirectory() || !ours) {
    throw new Error(
      `${folder} should be a folder of user ${account.name}, for PostgreSQL's socket, and is not: remove it`,
    );
  }
  if (account.switchTo !== null && found.uid !== account.uid) {
    // A start that was killed between making it and giving it away.
    await chown(folder, account.uid, account.gid);
  }
  if ((found.mode & 0o777) !== 0o700) await chmod(folder, 0o700);
}
