import { execFile } from 'node:child_process';
import { userInfo } from 'node:os';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** The OS user that PostgreSQL runs as. */
export interface EmbeddedAccount {
  uid: number;
  gid: number;
  name: string;
  /** The user to switch to when starting a program, or null if it is our own. */
  switchTo: { uid: number; gid: number } | null;
}

const ROOT_RUNS_AS = 'postgres';

/**
 * Our own user. If that is root, which PostgreSQL refuses to run as, `postgres` instead, which is created if missing.
 * @throws Error with a sentence that says what to do.
 */
export async function embeddedAccount(): Promise<EmbeddedAccount> {
  const uid = process.getuid?.();
  const gid = process.getgid?.();
  if (uid === undefined || gid === undefined) {
    throw new Error('the embedded PostgreSQL needs Linux or macOS: set DATABASE_URL instead');
  }
  if (uid !== 0) return { uid, gid, name: ownName(uid), switchTo: null };
  const ids = (await idsOf(ROOT_RUNS_AS)) ?? (await createUser());
  return { ...ids, name: ROOT_RUNS_AS, switchTo: ids };
}

function ownName(uid: number): string {
  try {
    return userInfo().username;
  } catch {
    throw new Error(
      `user id ${uid} has no name in /etc/passwd, which PostgreSQL needs: ` +
        'run as a named user, or set DATABASE_URL',
    );
  }
}

async function idsOf(name: string): Promise<{ uid: number; gid: number } | null> {
  try {
    const uid = Number((await run('id', ['-u', name])).stdout);
    const gid = Number((await run('id', ['-g', name])).stdout);
    return Number.isInteger(uid) && Number.isInteger(gid) && uid !== 0 ? { uid, gid } : null;
  } catch {
    return null;
  }
}

async function createUser(): Promise<{ uid: number; gid: number }> {
  const hint =
    `PostgreSQL can't run as root, and its user "${ROOT_RUNS_AS}" could not be made: ` +
    'start as another user, or set DATABASE_URL';
  try {
    await run('useradd', [
      ...['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'],
      ...['--shell', '/usr/sbin/nologin', ROOT_RUNS_AS],
    ]);
  } catch (error) {
    // Another start may have created it in the meantime.
    const ids = await idsOf(ROOT_RUNS_AS);
    if (ids !== null) return ids;
    throw new Error(hint, { cause: error });
  }
  const ids = await idsOf(ROOT_RUNS_AS);
  if (ids === null) throw new Error(hint);
  return ids;
}
