/**
 * The PostgreSQL that is included in the product, so that a start needs nothing but Node. See
 * docs/decisions/0002-embedded-postgres.md for why and how.
 */
import { mkdir, realpath, rmdir } from 'node:fs/promises';
import { join } from 'node:path';
import { embeddedAccount } from './account.ts';
import { embeddedBinariesFolder } from './binaries.ts';
import { EMBEDDED_ROLE, accessFilesWrite, fixedSettings } from './config.ts';
import { dataFolderEnsure } from './init.ts';
import { launchPlan } from './launch.ts';
import { type EmbeddedLog, logRotate } from './log.ts';
import { postmasterFind } from './postmaster.ts';
import {
  type EmbeddedConnection,
  databaseEnsure,
  embeddedProbe,
  maintenanceConnection,
} from './probe.ts';
import { serverAdopt, serverSpawn } from './process.ts';
import { socketFolderFor, socketFolderSecure } from './socket.ts';
import { Supervisor } from './supervisor.ts';

export type { EmbeddedConnection } from './probe.ts';
export type { EmbeddedLog } from './log.ts';

export interface EmbeddedOptions {
  /**
   * The product's data folder. The database is created in its `postgres` folder, and logs to `postgres.log` next to it.
   */
  dataDir: string;
  log: EmbeddedLog;
  /** Set to false only in tests: faster, but a crash of the machine may lose or damage the data. Default true. */
  durable?: boolean;
}

export interface EmbeddedPostgres {
  connection: EmbeddedConnection;
  /** False if a server was taken over that an earlier, killed process had started. */
  owned: boolean;
  /** Stops the server, taken over or not, and waits until it has ended. May be called more than once. */
  stop(): Promise<void>;
}

/**
 * Starts the embedded PostgreSQL, creating its data folder the first time, and keeps it running until `stop`. If it
 * crashes, it is restarted, and clients see connection errors in the meantime. Only one caller at a time may use a data
 * folder: hold the lock of data-dir-lock.ts.
 * @throws Error with a message for people, which says what is wrong and what to do.
 */
export async function embeddedPostgresOpen(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  try {
    return await openPlain(options);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    const why = typeof code === 'string' ? FILE_ERRORS[code] : undefined;
    if (why === undefined) throw error;
    throw new Error(`${why} (data folder ${options.dataDir})`, { cause: error });
  }
}

const FILE_ERRORS: Readonly<Record<string, string>> = {
  ENOSPC: 'no space is left on the disk of the database: free some and start again',
  EDQUOT: 'the disk quota for the database is used up: free some and start again',
  EROFS: 'the disk of the database is read-only: make it writable and start again',
  EACCES: 'this user may not write the database: start as the one that made it',
  ENOTDIR: 'the data folder, or one above it, is a file: set DATA_DIR to a folder',
};

async function openPlain(options: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const { log, durable = true } = options;
  await mkdir(options.dataDir, { recursive: true });
  const dataDir = await realpath(options.dataDir);
  const dataFolder = join(dataDir, 'postgres');
  const logPath = join(dataDir, 'postgres.log');
  const [account, binariesFolder] = await Promise.all([
    embeddedAccount(),
    embeddedBinariesFolder(),
  ]);

  const init = { dataFolder, logPath, account, binariesFolder, durable };
  if (await dataFolderEnsure(init)) log.info(`made a new database in ${dataFolder}`);
  const host = socketFolderFor(dataDir);
  await accessFilesWrite(dataFolder, account);

  const supervisor = new Supervisor({
    connection: maintenanceConnection(host),
    dataFolder,
    logPath,
    log,
    async start() {
      await socketFolderSecure(host, account);
      const running = await postmasterFind(dataFolder);
      if (running !== null) {
        log.info(`took over the PostgreSQL left running (pid ${running.pid})`);
        return serverAdopt(running);
      }
      logRotate(logPath);
      const plan = await launchPlan({ program: 'postgres', account, binariesFolder, dataFolder });
      return serverSpawn(plan, fixedSettings(host, durable), logPath);
    },
  });
  const owned = await supervisor.open();
  try {
    await databaseEnsure(host, EMBEDDED_ROLE);
  } catch (error) {
    await supervisor.stop();
    throw error;
  }
  return {
    connection: { host, database: EMBEDDED_ROLE, user: EMBEDDED_ROLE },
    owned,
    async stop() {
      await supervisor.stop();
      await rmdir(host).catch(() => {});
    },
  };
}

/**
 * The connection to the embedded PostgreSQL that runs on this data folder, for an operator's command that runs
 * alongside a live server. null if none is running.
 */
export async function embeddedPostgresFind(dataDir: string): Promise<EmbeddedConnection | null> {
  const real = await realpath(dataDir).catch(() => null);
  if (real === null) return null;
  const host = socketFolderFor(real);
  const connection = { host, database: EMBEDDED_ROLE, user: EMBEDDED_ROLE };
  return (await embeddedProbe(connection)) === 'absent' ? null : connection;
}
