import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { processLockAcquire } from '@dollarbox/host/process-lock';
import type { Config } from '../base/config.ts';
import { OperatorError } from '../base/errors.ts';
import { QUIET_LOG } from './embedded/log.ts';
import { type OpenDatabase, databaseConnect, databaseStart } from './open.ts';

const OPTIONS = { poolSize: 2, applicationName: 'dollarbox-admin' };

/**
 * Opens the database to be filled, creating the embedded one if it does not exist, and prevents a server from starting
 * in the meantime.
 * @throws OperatorError if a server is using the data folder, or the database can't be reached.
 */
export async function databaseOpenEmpty(config: Config, begun: () => void): Promise<OpenDatabase> {
  if (config.databaseUrl !== null) {
    const database = await databaseConnect({ connectionString: config.databaseUrl }, OPTIONS);
    begun();
    return database;
  }
  mkdirSync(config.dataDir, { recursive: true, mode: 0o700 });
  const lock = processLockAcquire(join(config.dataDir, 'server.lock'));
  if ('holder' in lock) {
    throw new OperatorError(
      `A server (pid ${lock.holder.pid}) works on ${config.dataDir}: stop it, or give another DATA_DIR.`,
    );
  }
  begun();
  try {
    const database = await databaseStart(config, QUIET_LOG, OPTIONS);
    return {
      ...database,
      async close() {
        await database.close();
        lock.release();
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
