import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processLockAcquire, processLockWait } from '@dollarbox/host/process-lock';
import type { Config } from '../base/config.ts';
import { OperatorError } from '../base/errors.ts';
import { embeddedPostgresFind } from './embedded/embedded.ts';
import { QUIET_LOG } from './embedded/log.ts';
import { databaseIsCurrent } from './migrate.ts';
import { type OpenDatabase, databaseConnect, databaseStart } from './open.ts';

const OPTIONS = { poolSize: 1, applicationName: 'dollarbox-admin' };
const SERVER_WAIT_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** What happens while a database is opened. */
export interface OpenBesideEvents {
  /** Called with a sentence that says what the command is waiting for. */
  waiting(text: string): void;
  /** From this call until `close`, ending the process would leave something behind. */
  begun(): void;
}

/**
 * Opens the database for an operator's command. The embedded database is reached through the server that runs on the
 * data folder, and keeps running. If none is running, it is started, and stopped on `close`.
 * @throws OperatorError if there is no database, it can't be reached, or its tables are not those of this version.
 */
export async function databaseOpenBeside(
  config: Config,
  events: OpenBesideEvents,
): Promise<OpenDatabase> {
  const database =
    config.databaseUrl === null
      ? await embeddedOpenBeside(config, events)
      : await databaseConnect({ connectionString: config.databaseUrl }, OPTIONS);
  events.begun();
  if (await databaseIsCurrent(database.db)) return database;
  await database.close();
  throw new OperatorError(
    "The database does not have this version's tables: start the server once, which brings it there, then repeat this.",
  );
}

async function embeddedOpenBeside(config: Config, events: OpenBesideEvents): Promise<OpenDatabase> {
  const { dataDir } = config;
  if (!existsSync(join(dataDir, 'postgres'))) {
    throw new OperatorError(
      `There is no database in ${dataDir}: set DATA_DIR or DATABASE_URL to those of the server, or start it there first.`,
    );
  }
  // One command at a time: if the server's lock is taken, its holder is then a server, not another command.
  const turn = await processLockWait(join(dataDir, 'admin.lock'), (holder) =>
    events.waiting(`Waiting for another command (pid ${holder.pid}) …`),
  );
  try {
    const database = await embeddedReach(config, events);
    return {
      ...database,
      async close() {
        await database.close();
        turn.release();
      },
    };
  } catch (error) {
    turn.release();
    throw error;
  }
}

async function embeddedReach(config: Config, events: OpenBesideEvents): Promise<OpenDatabase> {
  const end = performance.now() + SERVER_WAIT_MS;
  for (;;) {
    const lock = processLockAcquire(join(config.dataDir, 'server.lock'));
    if (!('holder' in lock)) {
      events.begun();
      return embeddedOwn(config, lock.release);
    }
    // The server may be starting or stopping: its database then becomes available, or its lock is released.
    const found = await embeddedConnect(config.dataDir);
    if (!(found instanceof Error)) return found;
    if (performance.now() > end) {
      throw new OperatorError(
        `A server (pid ${lock.holder.pid}) works on ${config.dataDir}, but its database can't be reached (${found.message}): run this as the user that runs the server.`,
        { cause: found },
      );
    }
    await delay(LOOK_EVERY_MS);
  }
}

/** Connects to the database of a live server, or returns why that is not possible at the moment. */
async function embeddedConnect(dataDir: string): Promise<OpenDatabase | Error> {
  try {
    const location = await embeddedPostgresFind(dataDir);
    if (location === null) return new Error('nobody listens on its socket');
    return await databaseConnect(location, OPTIONS);
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function embeddedOwn(config: Config, release: () => void): Promise<OpenDatabase> {
  try {
    const database = await databaseStart(config, QUIET_LOG, OPTIONS);
    return {
      ...database,
      async close() {
        await database.close();
        release();
      },
    };
  } catch (error) {
    release();
    throw error;
  }
}
