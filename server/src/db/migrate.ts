import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { OperatorError } from '../errors.ts';
import { failpoint } from '../failpoints.ts';
import * as first from './migrations/0001-first.ts';
import * as volumes from './migrations/0002-volumes.ts';
import * as accounts from './migrations/0003-accounts.ts';
import * as ipv6Prefix from './migrations/0004-ipv6-prefix.ts';

/** Every migration, in order, by hand. A released one is never changed. */
const MIGRATIONS = {
  '0001-first': first,
  '0002-volumes': volumes,
  '0003-accounts': accounts,
  '0004-ipv6-prefix': ipv6Prefix,
};

/**
 * Brings the database to this version's tables. Copies that start together take turns (advisory lock).
 * @param to the last migration to do; all of them if not given.
 * @throws OperatorError when the database was made by a newer version.
 */
export async function databaseMigrate<T>(db: Kysely<T>, to?: string): Promise<void> {
  const migrator = new Migrator({
    db,
    provider: { getMigrations: async () => migrationsWithFailpoint() },
  });
  const [newer] = migrationsUnknown(await migrationsApplied(db));
  if (newer !== undefined) {
    throw new OperatorError(
      `The database was made by a newer version of DollarBox (it has the migration ${newer}): start that version, or restore a backup of this one.`,
    );
  }
  failpoint('migrate.before');
  const { error } =
    to === undefined ? await migrator.migrateToLatest() : await migrator.migrateTo(to);
  if (error !== undefined) throw error;
  failpoint('migrate.after');
}

/** Those of them that this version does not have. */
export function migrationsUnknown(names: readonly string[]): string[] {
  return names.filter((name) => !(name in MIGRATIONS));
}

function migrationsWithFailpoint(): Record<string, Migration> {
  return Object.fromEntries(
    Object.entries(MIGRATIONS).map(([name, migration]) => [
      name,
      {
        async up(db) {
          await migration.up(db);
          failpoint('migrate.during');
        },
      } satisfies Migration,
    ]),
  );
}

/** Names of the migrations that the database has, oldest first; none when it is new. */
export async function migrationsApplied<T>(db: Kysely<T>): Promise<string[]> {
  const tables = await db.introspection.getTables({ withInternalKyselyTables: true });
  if (!tables.some((table) => table.name === 'kysely_migration')) return [];
  const rows = await (db as unknown as Kysely<{ kysely_migration: { name: string } }>)
    .selectFrom('kysely_migration')
    .select('name')
    .orderBy('name')
    .execute();
  return rows.map((row) => row.name);
}

/** Whether every migration of this version has been done. */
export async function databaseIsCurrent<T>(db: Kysely<T>): Promise<boolean> {
  const applied = new Set(await migrationsApplied(db));
  return Object.keys(MIGRATIONS).every((name) => applied.has(name));
}
