import type { VolumeSpec } from '@dollarbox/engines/contract';
import { sql } from 'kysely';
import { migrationsApplied } from '../db/migrate.ts';
import type { Trx } from '../http/write.ts';
import { backupFileWrite } from './files.ts';
import type { Manifest, TableBackup } from './manifest.ts';
import { sequencesRead, tableRows, tablesInOrder } from './tables.ts';

/** What of a manifest is the database's, and the volumes that have data. */
export interface DatabaseBackup extends Pick<
  Manifest,
  'installationId' | 'keyCheck' | 'migrations' | 'tables' | 'sequences'
> {
  volumes: VolumeSpec[];
}

/**
 * Writes all rows as they are at one moment, while the server goes on.
 * @param trx in which nothing was read yet.
 */
export async function databaseDump(
  trx: Trx,
  folder: string,
  signal: AbortSignal,
): Promise<DatabaseBackup> {
  await sql`set transaction isolation level repeatable read, read only`.execute(trx);
  // No more than every version's tables have.
  const { id, key_check: keyCheck } = await trx
    .selectFrom('installation')
    .select(['id', 'key_check'])
    .executeTakeFirstOrThrow();
  const tables: TableBackup[] = [];
  for (const table of await tablesInOrder(trx)) {
    let rows = 0;
    const content = tableRows(trx, table, (count) => (rows += count));
    const file = await backupFileWrite(folder, `database/${table}.jsonl.gz`, content, signal);
    tables.push({ ...file, table, rows });
  }
  return {
    installationId: id,
    keyCheck: keyCheck?.toString('hex') ?? null,
    migrations: await migrationsApplied(trx),
    tables,
    sequences: await sequencesRead(trx),
    volumes: await volumesWithData(trx),
  };
}

async function volumesWithData(trx: Trx): Promise<VolumeSpec[]> {
  return trx
    .selectFrom('volumes')
    .select(['id', 'uid', 'org_id as tenantId', 'name', 'size_gb as sizeGb'])
    .where('deleted_at', 'is', null)
    .where('ref', 'is not', null)
    .orderBy('id')
    .execute();
}
