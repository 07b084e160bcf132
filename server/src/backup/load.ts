import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { accountsRestored } from '../accounts/restored.ts';
import { containersMarkUnknown } from '../containers/reconcile-store.ts';
import type { Db } from '../db/database.ts';
import { OperatorError } from '../errors.ts';
import { backupFileRead } from './files.ts';
import { volumesMarkUnknown } from '../volumes/reconcile-store.ts';
import type { Manifest } from './manifest.ts';
import { sequencesSet, tableFill, tablesInOrder } from './tables.ts';

/** More than were made since the last backup of anyone's who makes them. */
const ID_GAP = 1000;
/** Before it there were no sessions. */
const ACCOUNTS_MIGRATION = '0003-accounts';

/** @throws OperatorError when there is something that a restore would mix with. */
export async function databaseEmptyRequire(db: Db): Promise<void> {
  const { rows } = await sql<{ is_used: boolean }>`
    select exists (select from users) or exists (select from orgs) as is_used`.execute(db);
  if (rows[0]?.is_used !== true) return;
  throw new OperatorError(
    'This database has accounts in it already, and a backup is restored into an empty one only: give another DATA_DIR or DATABASE_URL.',
  );
}

/**
 * Fills tables that have just been made by the backup's own migrations, all or none. Nothing of it is known to be
 * still so: everything is due, and says until it was looked at that it is not known.
 */
export async function databaseLoad(
  db: Db,
  folder: string,
  manifest: Manifest,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await databaseEmptyRequire(trx);
    await sql`delete from installation`.execute(trx);
    for (const table of await tablesInOrder(trx)) {
      signal.throwIfAborted();
      const file = manifest.tables.find((candidate) => candidate.table === table);
      if (file === undefined) throw new OperatorError(`The backup lacks the table ${table}.`);
      const lines = createInterface({ input: Readable.from(backupFileRead(folder, file)) });
      const count = await tableFill(trx, table, lines);
      if (count !== file.rows) {
        throw new OperatorError(
          `The backup is damaged: ${file.path} has ${count} rows, not ${file.rows}.`,
        );
      }
    }
    await sequencesSet(trx, manifest.sequences, ID_GAP);
    await sql`
      update work set due_at = ${now}, wake_seq = wake_seq + 1, lease_owner = null, lease_until = null, failures = 0
    `.execute(trx);
    const message = `This was so in the backup of ${manifest.createdAt}; the engine has not been looked at since.`;
    await containersMarkUnknown(trx, message);
    await volumesMarkUnknown(trx, message);
    // With the rows, not after them: whoever starts the server on what a killed restore left finds nobody signed in.
    if (manifest.migrations.includes(ACCOUNTS_MIGRATION)) await accountsRestored(trx, now);
  });
}
