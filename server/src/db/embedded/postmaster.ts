import { readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { processIsAlive, processStartTime } from '@dollarbox/host/process-lock';

/** A PostgreSQL server process, whoever started it. */
export interface Postmaster {
  pid: number;
  /** Distinguishes it from a later process with the same pid. */
  startTime: string | null;
}

export function postmasterIsAlive({ pid, startTime }: Postmaster): boolean {
  return processIsAlive(pid, startTime);
}

/**
 * Finds the server that runs on this data folder through its postmaster.pid. Returns null if there is none. If the pid
 * now belongs to another process, postmaster.pid is removed: PostgreSQL would refuse to start if that process has the
 * same user. PostgreSQL's own check of shared memory still protects the data.
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

/**
 * A server's working directory is its data folder. The kernel resolves this link within the mounts that the server
 * sees.
 */
async function worksIn(pid: number, dataFolder: string): Promise<boolean | 'unknown'> {
  try {
    const [theirs, ours] = await Promise.all([stat(`/proc/${pid}/cwd`), stat(dataFolder)]);
    return theirs.ino === ours.ino && theirs.dev === ours.dev;
  } catch {
    // No /proc, or a container without permission to look: leave the decision to PostgreSQL's own check.
    return 'unknown';
  }
}
