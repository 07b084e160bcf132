import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { accountsRestored } from '../accounts/restored.ts';
import type { Config } from '../config.ts';
import { databaseMigrate, migrationsUnknown } from '../db/migrate.ts';
import type { Db } from '../db/database.ts';
import type { Clock } from '../deps.ts';
import { OperatorError } from '../errors.ts';
import { secretKeyOpens } from '../installation/key-check.ts';
import { secretBoxCreate, secretKeyLoad } from '../secrets.ts';
import { backupFileCheck } from './files.ts';
import { databaseEmptyRequire, databaseLoad } from './load.ts';
import { type Manifest, manifestRead } from './manifest.ts';

/**
 * Makes sure, before anything is begun, that a backup is whole, is not newer than this version, and that its key is here.
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

/**
 * Fills an empty database from a backup that was checked, and brings its tables to this version.
 * @throws OperatorError when there is something in it already.
 */
export async function backupRestore(
  db: Db,
  folder: string,
  manifest: Manifest,
  clock: Clock,
): Promise<void> {
  await databaseMigrate(db, manifest.migrations.at(-1));
  await databaseEmptyRequire(db);
  await databaseLoad(db, folder, manifest, clock.now());
  await databaseMigrate(db);
  await accountsRestored(db, clock.now());
}
