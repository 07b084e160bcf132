import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { processIsAlive, processStartTime } from '@dollarbox/testbed/process-lock';

/** A PostgreSQL server process, whoever started it. */
export interface Postmaster {
  pid: number;
  /** Tells it apart from a later process with its pid. */
  startTime: string | null;
}

export function postmasterIsAlive({ pid, startTime }: Postmaster): boolean {
  return processIsAlive(pid, startTime);
}

/**
 * The server that runs on this data folder, by the postmaster.pid in it; null when there is none.
 * A postmaster.pid whose pid has gone to another process is removed: PostgreSQL would refuse to start if that
 * process is of the same user (its own check of shared memory still guards the data).
 */
export async function postmasterFind(dataFolder: string): Promise<Postmaster | null> {
  const path = join(dataFolder, 'postmaster.pid');
  const text = await readFile(path, 'utf8').catch(() => null);
  const pid = Number(text?.split('\n')[0]);
  if (!Number.isInteger(pid) || pid <= 0) return null;
  const postmaster = { pid, startTime: processStartTime(pid) };
  if (!postmasterIsAlive(postmaster)) return null;
  const works = await worksIn(pid, dataFolder);
  if (works === false) await rm(path, { force: true });
  return works === false ? null : postmaster;
}

/** A server's working folder is its data folder, and this link is followed inside the mounts that it sees. */
async function worksIn(pid: number, dataFolder: string): Promise<boolean | 'unknown'> {
  try {
    const [theirs, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(dataFolder)]);
    return theirs.ino === ours.ino && theirs.dev === ours.dev;
  } catch {
    // No /proc, or a container without the right to look: PostgreSQL's own check decides.
    return 'unknown';
  }
}
