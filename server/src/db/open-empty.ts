import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { processLockAcquire } from '@dollarbox/testbed/process-lock';
import type { Config } from '../config.ts';
import { OperatorError } from '../errors.ts';
import { QUIET_LOG } from './embedded-log.ts';
import { type OpenDatabase, databaseConnect, databaseStart } from './open.ts';

const OPTIONS = { poolSize: 2, applicationName: 'dollarbox-admin' };

/**
 * Opens the database that is to be filled, making the embedded one where there is none, and keeps a server out meanwhile.
 * @throws OperatorError when a server works on the data folder, or the database can't be reached.
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
