import type { Trx } from '../db/database.ts';
import type { VolumeSpec } from '@dollarbox/engines/contract';
import { sql } from 'kysely';
import { migrationsApplied } from '../db/migrate.ts';
import { backupFileWrite } from './files.ts';
import type { Manifest, TableBackup } from './manifest.ts';
import { sequencesRead, tableRows, tablesInOrder } from './tables.ts';
import { tableContents } from './verify.ts';

/** The database's part of a manifest, and the volumes that have data. */
export interface DatabaseBackup extends Pick<
  Manifest,
  'installationId' | 'keyCheck' | 'migrations' | 'tables' | 'sequences'
> {
  volumes: VolumeSpec[];
  /** The content of each table; null: not requested. */
  contents: Awaited<ReturnType<typeof tableContents>> | null;
}

/**
 * Writes all rows as of one moment, while the server keeps running.
 * @param trx a transaction in which nothing has been read yet.
 */
export async function databaseDump(
  trx: Trx,
  folder: string,
  signal: AbortSignal,
  withContents: boolean,
): Promise<DatabaseBackup> {
  await sql`set transaction isolation level repeatable read, read only`.execute(trx);
  await sql`set local statement_timeout = 0`.execute(trx);
  // Only the tables that every version has.
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
    contents: withContents ? await tableContents(trx) : null,
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
