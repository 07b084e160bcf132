import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { type Engine, EngineError } from '@dollarbox/engines/contract';
import type { Db } from '../db/database.ts';
import type { Clock } from '../deps.ts';
import { OperatorError } from '../errors.ts';
import { databaseDump } from './dump.ts';
import { folderFinish } from './files.ts';
import type { Supervision } from './supervision.ts';
import { volumesExport } from './volume-data.ts';
import { type EngineBackup, MANIFEST_FILE, type Manifest, manifestMake } from './manifest.ts';

export interface BackupCreateOptions extends Supervision {
  db: Db;
  /** null: there is none that a command can ask. */
  engine: Engine | null;
  /** Whether the data of volumes is to be in it. */
  withVolumeData: boolean;
  clock: Clock;
  /** The folder to make. */
  to: string;
}

/**
 * Writes a backup into a folder that it makes. The folder has its name only when all of it is on the disk.
 * @throws OperatorError when the folder is there already, or can't be made.
 */
export async function backupCreate(options: BackupCreateOptions): Promise<Manifest> {
  const { db, engine, clock, progress, withVolumeData } = options;
  const to = resolve(options.to);
  const partial = `${to}.partial`;
  await partialMake(to, partial);
  const createdAt = clock.now().toISOString();
  const { volumes, ...database } = await db
    .transaction()
    .execute((trx) => databaseDump(trx, partial, options.signal));
  const manifest = manifestMake({
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

async function partialMake(to: string, partial: string): Promise<void> {
  if (existsSync(to)) {
    throw new OperatorError(`${to} is there already: give --to a folder that is not.`);
  }
  try {
    await mkdir(dirname(to), { recursive: true });
    // Of a backup that was broken off.
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial, { mode: 0o700 });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`The folder ${partial} can't be made (${why}).`, { cause: error });
  }
}

/** What the engine holds. One that does not answer is no reason to have no backup. */
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
