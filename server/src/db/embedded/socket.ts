import { createHash } from 'node:crypto';
import { chmod, chown, lstat, mkdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EmbeddedAccount } from './account.ts';

/** The kernel's limit for the path of a socket, including the closing NUL, is 108 on Linux and 104 elsewhere. */
const SOCKET_PATH_BYTES_MAX = 103;

/**
 * Where the socket of a data folder lives. It is in the same place at each start, so that a server left running is
 * found. Not in XDG_RUNTIME_DIR: that is deleted when the user logs out, even if a server was left running.
 * @param realDataDir the path of the data folder without symbolic links.
 * @param candidates folders for the socket, best first.
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
 * Creates the folder for the account only, or checks an existing one.
 * @throws Error if somebody else owns it: anyone who can create a socket there could impersonate our database.
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
    // Left by a start that was killed between creating the folder and changing its owner.
    await chown(folder, account.uid, account.gid);
  }
  if ((found.mode & 0o777) !== 0o700) await chmod(folder, 0o700);
}
