import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessLock, processLockAcquire } from '@dollarbox/host/process-lock';

/**
 * Makes sure that only one server at a time uses a data folder, which is created if missing. Takes `server.lock` in it
 * until `release` or the end of the process, whatever its cause.
 * @throws Error naming the process that holds the lock.
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
