import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Engine, EngineError } from '@dollarbox/engines/contract';
import type { Config } from '../base/config.ts';
import { databaseIsCurrent, databaseMigrate, migrationsUnknown } from '../db/migrate.ts';
import type { Db } from '../db/database.ts';
import type { Clock } from '../base/system.ts';
import { OperatorError } from '../base/errors.ts';
import { eventFeedRestart } from '../feed/store.ts';
import { secretKeyOpens } from '../installation/key-check.ts';
import { secretBoxCreate, secretKeyLoad } from '../base/secrets.ts';
import { backupFileCheck } from './files.ts';
import type { NewEngine } from './engine-change.ts';
import { type EngineFound, databaseEmptyRequire, databaseLoad } from './load.ts';
import { type Manifest, manifestRead } from './manifest.ts';
import type { Supervision } from './supervision.ts';
import { engineAway, restoreFinish, volumesImport } from './volume-data.ts';

/**
 * Checks, before anything starts, that a backup is complete and not newer than this version, and that its key is
 * available.
 * @throws OperatorError
 */
export async function backupCheck(config: Config, folder: string): Promise<Manifest> {
  const manifest = await manifestRead(folder);
  const [newer] = migrationsUnknown(manifest.migrations);
  if (newer !== undefined) {
    throw new OperatorError(
      `The backup was made by a newer version of DollarBox (it has the migration ${newer}): restore it with that version.`,
    );
  }
  secretKeyRequire(config, manifest);
  for (const file of [...manifest.tables, ...(manifest.volumes ?? [])]) {
    await backupFileCheck(folder, file);
  }
  return manifest;
}

function secretKeyRequire(config: Config, manifest: Manifest): void {
  const path = join(config.dataDir, 'secret-key');
  if (config.secretKey === null && !existsSync(path)) {
    throw new OperatorError(
      `The secret key is not in the backup, and without it nothing that is encrypted can be read: put it back first, as ${path} or in SECRET_KEY.`,
    );
  }
  const secrets = secretBoxCreate(secretKeyLoad(config));
  const check = manifest.keyCheck === null ? null : Buffer.from(manifest.keyCheck, 'hex');
  if (check === null || secretKeyOpens(secrets, check)) return;
  throw new OperatorError(
    'The secret key that is here is not the one of this backup: put back the SECRET_KEY, or the file secret-key in the data folder, that belongs to it.',
  );
}

export interface BackupRestoreOptions extends Supervision {
  db: Db;
  config: Config;
  clock: Clock;
  folder: string;
  /** The backup, as checked by {@link backupCheck}. */
  manifest: Manifest;
  /** Whether to restore the data of volumes, if the backup has it. */
  withVolumeData: boolean;
  /** Opens the engine on which the volumes are created. null: there is none. */
  engineOpen(): Promise<Engine | null>;
}

/**
 * Restores volumes that the engine does not have, fills an empty database, and migrates the tables to this version.
 * Volume data comes first: if the restore is interrupted, the database is still empty, and the same command continues.
 * @returns the names of volumes that already existed and keep their data.
 * @throws OperatorError if the database is not empty, or a volume can't be filled.
 */
export async function backupRestore(options: BackupRestoreOptions): Promise<string[]> {
  const { db, config, clock, folder, manifest } = options;
  await databaseMigrate(db, manifest.migrations.at(-1));
  await databaseEmptyRequire(db);
  const isChanged = isEngineChanged(config, manifest);
  if (isChanged && !(await databaseIsCurrent(db))) {
    throw new OperatorError(
      `The backup was made with ENGINE=${manifest.engine?.kind} by an older version of DollarBox, and is to be restored with ENGINE=${config.engine}: upgrade where it was made, and take another backup there.`,
    );
  }
  const { kept, ...found } = await engineFill(options, isChanged);
  await databaseLoad(db, folder, manifest, found, clock.now(), options.signal);
  await databaseMigrate(db);
  await eventFeedRestart(db);
  restoreFinish(config.dataDir);
  return kept;
}

/** Whether the engine is of another kind than that of the backup. A backup tells it unless its engine did not answer. */
export function isEngineChanged(
  { engine }: Pick<Config, 'engine'>,
  manifest: Pick<Manifest, 'engine'>,
): boolean {
  return manifest.engine !== null && manifest.engine.kind !== engine;
}

/** Fills the volumes on the engine, and asks it what rows have to say of it. */
async function engineFill(
  options: BackupRestoreOptions,
  isChanged: boolean,
): Promise<EngineFound & { kept: string[] }> {
  const { manifest, folder, config } = options;
  const volumes = options.withVolumeData ? (manifest.volumes ?? []) : [];
  if (volumes.length === 0 && !isChanged) return { kept: [], refs: new Map(), changed: null };
  const engine = await options.engineOpen();
  if (engine === null) {
    throw isChanged
      ? newEngineAway(options, `ENGINE=${config.engine} runs inside a server only.`)
      : engineAway(volumes.length);
  }
  try {
    const changed = isChanged ? await newEngineAsk(engine, options) : null;
    const wanted = { ...manifest, volumes };
    return { ...(await volumesImport(engine, folder, config.dataDir, wanted, options)), changed };
  } finally {
    await engine.close();
  }
}

/** @throws OperatorError if the engine does not answer. */
async function newEngineAsk(
  { addressing, volumes }: Engine,
  options: BackupRestoreOptions,
): Promise<NewEngine> {
  try {
    return { addressing, storage: await volumes.storage() };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw newEngineAway(options, error.message, error);
  }
}

/** The message if an installation can't be moved because the new engine can't be asked. */
function newEngineAway(
  { manifest, config }: Pick<BackupRestoreOptions, 'manifest' | 'config'>,
  why: string,
  cause?: unknown,
): OperatorError {
  const was = manifest.engine?.kind;
  return new OperatorError(
    `The backup was made with ENGINE=${was}, so a restore with ENGINE=${config.engine} has to ask the new engine how it stores volumes and gives addresses. That failed: ${why} Run this where ENGINE and DOCKER_HOST or KUBECONFIG lead to the new engine, or set ENGINE=${was} to restore the installation without moving it.`,
    { cause },
  );
}
