import { sql } from 'kysely';
import { type DatabaseLocation, type Db, type Trx, databaseOpen } from '../db/database.ts';
import { databaseMigrate } from '../db/migrate.ts';
import { OperatorError } from '../base/errors.ts';
import { tablesLoad } from './load.ts';
import type { TableBackup } from './manifest.ts';
import { tablesInOrder } from './tables.ts';

/** The content of a table, independent of the order of its rows. */
interface TableContent {
  table: string;
  rows: number;
  checksum: string;
}

/** Reads each table once. Times are formatted in the session's time zone, so it is set here. */
export async function tableContents(trx: Trx): Promise<TableContent[]> {
  await sql`set local timezone = 'UTC'`.execute(trx);
  const contents: TableContent[] = [];
  for (const table of await tablesInOrder(trx)) {
    const { rows } = await sql<Omit<TableContent, 'table'>>`
      select count(*)::int as rows, coalesce(sum(hashtextextended(to_jsonb(t)::text, 0)::numeric), 0)::text as checksum
      from ${sql.table(table)} as t`.execute(trx);
    const [content] = rows;
    if (content !== undefined) contents.push({ table, ...content });
  }
  return contents;
}

/** @throws OperatorError if the scratch database can't be created, before anything is written. */
export async function verifyAllowedRequire(db: Db): Promise<void> {
  const { rows } = await sql<{ role: string; allowed: boolean }>`
    select rolname as role, rolcreatedb or rolsuper as allowed from pg_roles where rolname = current_user`.execute(
    db,
  );
  const [row] = rows;
  if (row === undefined || row.allowed) return;
  throw new OperatorError(
    `A backup is restored into a scratch database to prove it, and the role "${row.role}" may not create one: run "alter role ${row.role} createdb" as a superuser, or give --verify no.`,
  );
}

export interface BackupVerifyOptions {
  db: Db;
  location: DatabaseLocation;
  installationId: string;
  folder: string;
  /** The last migration that was applied to the backup's tables. */
  migration: string | undefined;
  tables: readonly TableBackup[];
  /** The content of the tables at the moment of the backup. */
  contents: readonly TableContent[];
  signal: AbortSignal;
}

/**
 * Restores the rows of a backup into a scratch database and compares each table with the original.
 * @throws OperatorError if a table can't be restored or differs.
 */
export async function backupVerify(options: BackupVerifyOptions): Promise<void> {
  await options.db.connection().execute(async (connection) => {
    // The name is fixed, so that the next run removes what a killed one left. It has the database's own number, since the
    // server may hold a copy of the installation's database as well.
    const { rows } = await sql<{ oid: number }>`
      select oid from pg_database where datname = current_database()`.execute(connection);
    const name = `dollarbox_verify_${options.installationId}_${rows[0]?.oid}`;
    // One verification at a time.
    await sql`set statement_timeout = 0`.execute(connection);
    await sql`select pg_advisory_lock(hashtext(${name}))`.execute(connection);
    const drop = () =>
      sql`drop database if exists ${sql.id(name)} with (force)`.execute(connection);
    try {
      await drop();
      await sql`create database ${sql.id(name)} template template0`.execute(connection);
      await scratchCompare(
        databaseOpen(databaseNamed(options.location, name), { poolSize: 1 }),
        options,
      );
    } finally {
      await drop();
      await sql`select pg_advisory_unlock(hashtext(${name}))`.execute(connection);
    }
  });
}

async function scratchCompare(scratch: Db, options: BackupVerifyOptions): Promise<void> {
  const { folder, migration, tables, contents, signal } = options;
  try {
    await databaseMigrate(scratch, migration);
    const restored = await scratch.transaction().execute(async (trx) => {
      await sql`set local statement_timeout = 0`.execute(trx);
      await tablesLoad(trx, folder, tables, signal);
      return tableContents(trx);
    });
    for (const { table, rows, checksum } of contents) {
      const found = restored.find((candidate) => candidate.table === table);
      if (found?.rows === rows && found.checksum === checksum) continue;
      throw new OperatorError(
        `The backup does not restore what the database holds: the table ${table} had ${rows} rows (checksum ${checksum}) and is restored with ${found?.rows ?? 'none'} (${found?.checksum ?? 'none'}).`,
      );
    }
  } catch (error) {
    if (error instanceof OperatorError || signal.aborted) throw error;
    const why = error instanceof Error ? error.message : String(error);
    throw new OperatorError(`The backup can't be restored (${why}).`, { cause: error });
  } finally {
    await scratch.destroy();
  }
}

/** The location of another database on the same server. */
function databaseNamed(location: DatabaseLocation, database: string): DatabaseLocation {
  if (!('connectionString' in location)) return { ...location, database };
  const url = new URL(location.connectionString);
  url.pathname = `/${database}`;
  return { connectionString: url.href };
}
