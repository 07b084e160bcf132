import type { Kysely } from 'kysely';
import { type Migration, Migrator } from 'kysely/migration';
import { OperatorError } from '../base/errors.ts';
import { failpoint } from '../base/failpoints.ts';
import * as first from './migrations/0001-first.ts';
import * as volumes from './migrations/0002-volumes.ts';
import * as accounts from './migrations/0003-accounts.ts';
import * as ipv6Prefix from './migrations/0004-ipv6-prefix.ts';
import * as queueTurns from './migrations/0005-queue-turns.ts';
import * as keptReplies from './migrations/0006-kept-replies.ts';
import * as pullPolicy from './migrations/0007-pull-policy.ts';
import * as stopAndInit from './migrations/0008-stop-and-init.ts';
import * as orgSlugs from './migrations/0009-org-slugs.ts';
import * as members from './migrations/0010-members.ts';
import * as volumeStorage from './migrations/0011-volume-storage.ts';
import * as imageRights from './migrations/0012-image-rights.ts';
import * as events from './migrations/0013-events.ts';
import * as exitCount from './migrations/0014-exit-count.ts';
import * as invitations from './migrations/0015-invitations.ts';
import * as registries from './migrations/0016-registries.ts';
import * as assignedAddresses from './migrations/0017-assigned-addresses.ts';
import * as warnings from './migrations/0018-warnings.ts';
import * as volumesOfImages from './migrations/0019-volumes-of-images.ts';
import * as stopStart from './migrations/0020-stop-start.ts';
import * as audit from './migrations/0021-audit.ts';
import * as hangs from './migrations/0022-hangs.ts';
import * as removals from './migrations/0023-removals.ts';
import * as orgState from './migrations/0024-org-state.ts';
import * as auditPurge from './migrations/0025-audit-purge.ts';
import * as containerInstances from './migrations/0026-container-instances.ts';
import * as keptLines from './migrations/0027-kept-lines.ts';
import * as clientLogins from './migrations/0028-client-logins.ts';
import * as nextRetry from './migrations/0029-next-retry.ts';
import * as kubectlCredentials from './migrations/0030-kubectl-credentials.ts';
import * as desiredStatus from './migrations/0031-desired-status.ts';

/** Every migration in order, listed by hand. Released migrations are never changed. */
const MIGRATIONS = {
  '0001-first': first,
  '0002-volumes': volumes,
  '0003-accounts': accounts,
  '0004-ipv6-prefix': ipv6Prefix,
  '0005-queue-turns': queueTurns,
  '0006-kept-replies': keptReplies,
  '0007-pull-policy': pullPolicy,
  '0008-stop-and-init': stopAndInit,
  '0009-org-slugs': orgSlugs,
  '0010-members': members,
  '0011-volume-storage': volumeStorage,
  '0012-image-rights': imageRights,
  '0013-events': events,
  '0014-exit-count': exitCount,
  '0015-invitations': invitations,
  '0016-registries': registries,
  '0017-assigned-addresses': assignedAddresses,
  '0018-warnings': warnings,
  '0019-volumes-of-images': volumesOfImages,
  '0020-stop-start': stopStart,
  '0021-audit': audit,
  '0022-hangs': hangs,
  '0023-removals': removals,
  '0024-org-state': orgState,
  '0025-audit-purge': auditPurge,
  '0026-container-instances': containerInstances,
  '0027-kept-lines': keptLines,
  '0028-client-logins': clientLogins,
  '0029-next-retry': nextRetry,
  '0030-kubectl-credentials': kubectlCredentials,
  '0031-desired-status': desiredStatus,
};

/**
 * Migrates the database to the tables of this version. Processes that start together take turns (advisory lock).
 * @param to the last migration to apply; all if not given.
 * @throws OperatorError if the database was created by a newer version.
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

/** The given migrations that this version does not know. */
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

/** The names of the migrations applied to the database, oldest first. Empty for a new database. */
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

/** Whether every migration of this version has been applied. */
export async function databaseIsCurrent<T>(db: Kysely<T>): Promise<boolean> {
  const applied = new Set(await migrationsApplied(db));
  return Object.keys(MIGRATIONS).every((name) => applied.has(name));
}
