import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessLock, processLockAcquire } from '@dollarbox/testbed/process-lock';

/**
 * Makes sure that one server at a time works on a data folder (made if missing): takes `server.lock` in it,
 * until `release` or the process's end, however it comes.
 * @throws Error naming the process that has it.
 */
export function dataDirLock(dataDir: string): ProcessLock {
  mkdirSync(dataDir, { recursive: true });
  const lock = processLockAcquire(join(dataDir, 'server.lock'));
  if ('holder' in lock) {
    throw new Error(
      `another server (pid ${lock.holder.pid}) works on ${dataDir}: stop it, or set DATA_DIR and PORT for a second one`,
    );
  }
  return lock;
}
