import { sql } from 'kysely';
import type { Config } from '../base/config.ts';
import { OperatorError } from '../base/errors.ts';
import { type DatabaseLocation, type DatabaseOptions, type Db, databaseOpen } from './database.ts';
import { type EmbeddedLog, embeddedPostgresOpen } from './embedded/embedded.ts';
import { sessionsAreOwn } from './session-check.ts';

const MIN_VERSION = 15;

/** An open database, and how to close it. */
export interface OpenDatabase {
  db: Db;
  location: DatabaseLocation;
  close(): Promise<void>;
}

/**
 * Opens the database that the configuration names, starting the embedded one if none is named.
 * @throws OperatorError if it can't be reached or is too old.
 */
export async function databaseStart(
  config: Config,
  log: EmbeddedLog,
  options: DatabaseOptions,
): Promise<OpenDatabase> {
  if (config.databaseUrl !== null) {
    return databaseConnect({ connectionString: config.databaseUrl }, options);
  }
  const embedded = await embeddedStart(config.dataDir, log);
  try {
    const open = await databaseConnect(embedded.connection, options);
    return {
      ...open,
      async close() {
        await open.close();
        await embedded.stop();
      },
    };
  } catch (error) {
    await embedded.stop();
    throw error;
  }
}

/**
 * Connects to a running database.
 * @throws OperatorError if it can't be reached or is too old.
 */
export async function databaseConnect(
  location: DatabaseLocation,
  options: DatabaseOptions,
): Promise<OpenDatabase> {
  const db = databaseOpen(location, options);
  try {
    await databaseCheck(db, 'connectionString' in location ? location.connectionString : null);
  } catch (error) {
    await db.destroy();
    throw error;
  }
  return { db, location, close: () => db.destroy() };
}

async function embeddedStart(dataDir: string, log: EmbeddedLog) {
  try {
    return await embeddedPostgresOpen({ dataDir, log });
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

async function databaseCheck(db: Db, url: string | null): Promise<void> {
  let version: number;
  try {
    const { rows } = await sql<{ version: number }>`
      select current_setting('server_version_num')::int / 10000 as version`.execute(db);
    version = rows[0]?.version ?? 0;
  } catch (error) {
    const where = url === null ? 'The embedded database' : `The database at ${urlShow(url)}`;
    const why = error instanceof Error ? error.message || error.name : String(error);
    throw new OperatorError(
      `${where} can't be reached (${why}): check DATABASE_URL and that it runs.`,
      {
        cause: error,
      },
    );
  }
  if (url !== null && !(await sessionsAreOwn(url))) {
    throw new OperatorError(
      `The database at ${urlShow(url)} is behind a pool that shares connections between transactions. DollarBox needs connections of its own, for locks and notifications: point DATABASE_URL at PostgreSQL itself, or set pool_mode = session for it in PgBouncer.`,
    );
  }
  if (version < MIN_VERSION) {
    throw new OperatorError(
      `The database is PostgreSQL ${version}; DollarBox needs ${MIN_VERSION} or newer.`,
    );
  }
}

/** Host and database of a URL, without the password. */
function urlShow(url: string): string {
  const { host, pathname } = new URL(url);
  return `${host}${pathname}`;
}
