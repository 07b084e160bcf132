import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { processLockAcquire, processLockWait } from '@dollarbox/testbed/process-lock';
import type { Config } from '../config.ts';
import { OperatorError } from '../errors.ts';
import { embeddedPostgresFind } from './embedded.ts';
import { QUIET_LOG } from './embedded-log.ts';
import { databaseIsCurrent } from './migrate.ts';
import { type OpenDatabase, databaseConnect, databaseStart } from './open.ts';

const OPTIONS = { poolSize: 1, applicationName: 'dollarbox-admin' };
const SERVER_WAIT_MS = 30_000;
const LOOK_EVERY_MS = 50;

/** What happens on the way to an open database. */
export interface OpenBesideEvents {
  /** There is something to wait for: a sentence that says what. */
  waiting(text: string): void;
  /** From here to `close`, an end of the process would leave something behind. */
  begun(): void;
}

/**
 * Opens the database for an operator's command. The embedded one is reached through the server that runs on the data
 * folder, which keeps it; if none runs, it is started and, at `close`, stopped.
 * @throws OperatorError when there is no database, it can't be reached, or its tables are not this version's.
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
  // One command at a time: who finds the server's lock taken then knows that a server has it, not another command.
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
    // It may be starting or stopping: then its database comes, or its lock goes.
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

/** Connects to the database of a live server, or tells why that can't be done just now. */
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
