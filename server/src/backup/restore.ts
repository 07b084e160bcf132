import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '@dollarbox/engines/contract';
import type { Config } from '../base/config.ts';
import { databaseMigrate, migrationsUnknown } from '../db/migrate.ts';
import type { Db } from '../db/database.ts';
import type { Clock } from '../base/system.ts';
import { OperatorError } from '../base/errors.ts';
import { eventFeedRestart } from '../feed/store.ts';
import { secretKeyOpens } from '../installation/key-check.ts';
import { secretBoxCreate, secretKeyLoad } from '../base/secrets.ts';
import { backupFileCheck } from './files.ts';
import { databaseEmptyRequire, databaseLoad } from './load.ts';
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
  const volumes = options.withVolumeData ? (manifest.volumes ?? []) : [];
  const kept: string[] = [];
  if (volumes.length > 0) {
    const engine = await options.engineOpen();
    if (engine === null) throw engineAway(volumes.length);
    try {
      kept.push(...(await volumesImport(engine, folder, config.dataDir, manifest, options)));
    } finally {
      await engine.close();
    }
  }
  await databaseLoad(db, folder, manifest, clock.now(), options.signal);
  await databaseMigrate(db);
  await eventFeedRestart(db);
  restoreFinish(config.dataDir);
  return kept;
}
