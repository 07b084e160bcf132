import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import { sql } from 'kysely';
import { accountsRestored, invitationsRestored } from '../accounts/restored.ts';
import { containersMarkUnknown } from '../containers/reconcile-outage.ts';
import type { Db, Trx } from '../db/database.ts';
import { OperatorError } from '../base/errors.ts';
import { type NewEngine, engineChange, volumesPlace } from './engine-change.ts';
import { backupFileRead } from './files.ts';
import { volumesMarkUnknown } from '../volumes/reconcile-store.ts';
import type { Manifest, TableBackup } from './manifest.ts';
import { sequencesSet, tableFill, tablesInOrder } from './tables.ts';

/** More than the number of objects created since the last backup, for anyone who takes backups. */
const ID_GAP = 1000;
/** Before this migration there were no sessions. */
const ACCOUNTS_MIGRATION = '0003-accounts';
const INVITATIONS_MIGRATION = '0015-invitations';

/** @throws OperatorError if there is anything that a restore would mix with. */
export async function databaseEmptyRequire(db: Db): Promise<void> {
  const { rows } = await sql<{ is_used: boolean }>`
    select exists (select from users) or exists (select from orgs) as is_used`.execute(db);
  if (rows[0]?.is_used !== true) return;
  throw new OperatorError(
    'This database has accounts in it already, and a backup is restored into an empty one only: give another DATA_DIR or DATABASE_URL.',
  );
}

/**
 * Fills tables that the backup's own migrations have just created.
 * @throws OperatorError if a table is missing or has a different number of rows.
 */
export async function tablesLoad(
  trx: Trx,
  folder: string,
  tables: readonly TableBackup[],
  signal: AbortSignal,
): Promise<void> {
  await sql`delete from installation`.execute(trx);
  for (const table of await tablesInOrder(trx)) {
    signal.throwIfAborted();
    const file = tables.find((candidate) => candidate.table === table);
    if (file === undefined) throw new OperatorError(`The backup lacks the table ${table}.`);
    const lines = createInterface({ input: Readable.from(backupFileRead(folder, file)) });
    const count = await tableFill(trx, table, lines);
    if (count !== file.rows) {
      throw new OperatorError(
        `The backup is damaged: ${file.path} has ${count} rows, not ${file.rows}.`,
      );
    }
  }
}

/** What the engine of a restore has, and the backup does not tell. */
export interface EngineFound {
  /** The objects that volumes were restored to, by the volumes' uids. */
  refs: ReadonlyMap<string, string>;
  /** null: the engine is of the kind that the backup was made on. */
  changed: NewEngine | null;
}

/**
 * Fills all tables or none. The restored state may be outdated, so every object is made due, and its state is unknown
 * until it has been looked at.
 */
export async function databaseLoad(
  db: Db,
  folder: string,
  manifest: Manifest,
  { refs, changed }: EngineFound,
  now: Date,
  signal: AbortSignal,
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await databaseEmptyRequire(trx);
    await tablesLoad(trx, folder, manifest.tables, signal);
    await sequencesSet(trx, manifest.sequences, ID_GAP);
    await sql`
      update work set due_at = ${now}, wake_seq = wake_seq + 1, lease_owner = null, lease_until = null, failures = 0
    `.execute(trx);
    const message = `This was so in the backup of ${manifest.createdAt}; the engine has not been looked at since.`;
    await containersMarkUnknown(trx, message);
    await volumesMarkUnknown(trx, message);
    await volumesPlace(trx, refs);
    if (changed !== null) await engineChange(trx, changed, now);
    // In the same transaction as the rows: if the restore is killed and the server is then started, nobody is signed
    // in.
    if (manifest.migrations.includes(ACCOUNTS_MIGRATION)) await accountsRestored(trx, now);
    if (manifest.migrations.includes(INVITATIONS_MIGRATION)) await invitationsRestored(trx, now);
  });
}
