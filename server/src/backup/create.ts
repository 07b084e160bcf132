import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Engine, EngineError } from '@dollarbox/engines/contract';
import type { DatabaseLocation, Db } from '../db/database.ts';
import type { Clock } from '../base/system.ts';
import { OperatorError } from '../base/errors.ts';
import { databaseDump } from './dump.ts';
import { folderFinish } from './files.ts';
import type { Supervision } from './supervision.ts';
import { backupVerify, verifyAllowedRequire } from './verify.ts';
import { volumesExport } from './volume-data.ts';
import { type EngineBackup, MANIFEST_FILE, type Manifest, manifestCreate } from './manifest.ts';

export interface BackupCreateOptions extends Supervision {
  db: Db;
  /** null: there is no engine that a command can reach. */
  engine: Engine | null;
  /** Whether to include the data of volumes. */
  withVolumeData: boolean;
  clock: Clock;
  /** The server on which the backup is verified, in a scratch database. null: the backup is not verified. */
  verifyOn: DatabaseLocation | null;
  /** The folder to create. */
  to: string;
}

/**
 * Writes a backup into a new folder. The folder gets its final name only after everything is on the disk and has been
 * restored into a scratch database, so a backup that can't be restored never looks like a valid one.
 * @throws OperatorError if the folder already exists or can't be created, or if the backup can't be restored.
 */
export async function backupCreate(options: BackupCreateOptions): Promise<Manifest> {
  const { db, engine, clock, progress, withVolumeData, verifyOn, signal } = options;
  const to = resolve(options.to);
  const partial = `${to}.partial`;
  if (verifyOn !== null) await verifyAllowedRequire(db);
  await partialCreate(to, partial);
  const createdAt = clock.now().toISOString();
  const { volumes, contents, ...database } = await db
    .transaction()
    .execute((trx) => databaseDump(trx, partial, signal, verifyOn !== null));
  if (verifyOn !== null && contents !== null) {
    const { installationId, migrations, tables } = database;
    await backupVerify({
      ...{ db, location: verifyOn, installationId, folder: partial, signal },
      ...{ migration: migrations.at(-1), tables, contents },
    });
  }
  const manifest = manifestCreate({
    createdAt,
    ...database,
    engine: engine === null ? null : await engineList(engine, progress),
    volumes: withVolumeData ? await volumesExport(engine, partial, volumes, options) : null,
  });
  await writeFile(join(partial, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`, {
    mode: 0o600,
    flush: true,
  });
  await folderFinish(partial, to);
  return manifest;
}

async function partialCreate(to: string, partial: string): Promise<void> {
  if (existsSync(to)) {
    throw new OperatorError(`${to} is there already: give --to a folder that is not.`);
  }
  try {
    await mkdir(dirname(to), { recursive: true });
    // Left by an interrupted backup.
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { mode: 0o700 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`The folder ${partial} can't be made (${why}).`, { cause: error });
  }
}

/** Lists what the engine holds. An engine that does not answer does not prevent the backup. */
async function engineList(
  engine: Engine,
  progress: (text: string) => void,
): Promise<EngineBackup | null> {
  try {
    const containers = await engine.containers.list();
    const volumes = await engine.volumes.list();
    return {
      kind: engine.kind,
      containers: containers.map(({ ref, id, state }) => ({ ref, id, state })),
      volumes: volumes.map(({ ref, id, uid }) => ({ ref, id, uid })),
    };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    progress(`What the engine holds is not listed in the backup: ${error.message}`);
    return null;
  }
}
