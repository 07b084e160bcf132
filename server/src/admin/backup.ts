import { resolve } from 'node:path';
import { backupCreate } from '../backup/create.ts';
import { backupCheck, backupRestore } from '../backup/restore.ts';
import type { Manifest } from '../backup/manifest.ts';
import { databaseOpenBeside } from '../db/open-beside.ts';
import { databaseOpenEmpty } from '../db/open-empty.ts';
import { engineReach } from '../engine-open.ts';
import { installationRead } from '../installation/store.ts';
import type { LoneCommand } from './command.ts';
import { valueOf } from './values.ts';

const backupCreateCommand: LoneCommand = {
  name: 'backup-create',
  summary: 'Back up the database',
  details: `The server may go on meanwhile: all rows are as they were at one moment, and what the engine held then is listed.
The secret key is NOT in it: keep that apart (the file secret-key in the data folder, or SECRET_KEY). Without the
key the encrypted parts of a backup can't be read, by you neither.`,
  options: {
    to: { value: 'folder', description: 'the folder to make', required: true },
  },
  async runAlone({ config, clock, progress, begun }, values) {
    const database = await databaseOpenBeside(config, { waiting: progress, begun });
    try {
      const { db } = database;
      const { id } = await installationRead(db);
      const engine = await engineReach(config, id, { db, clock });
      const to = resolve(valueOf(values, 'to'));
      const manifest = await backupCreate({ db, engine, clock, to, progress }).finally(() =>
        engine?.close(),
      );
      return {
        data: { folder: to, ...summaryOf(manifest) },
        text: `Made the backup ${to}: ${rowsOf(manifest)} rows of ${manifest.tables.length} tables.`,
        talk: 'Keep the secret key apart from it, and not only here.',
      };
    } finally {
      await database.close();
    }
  },
};

const backupRestoreCommand: LoneCommand = {
  name: 'backup-restore',
  summary: 'Restore a backup into an empty data folder or database',
  details: `Put the secret key in place first. Then start the server: it compares everything with the engine, and makes it so.
Containers made since the backup are removed from the engine, those deleted since come back. What was revoked
since is good again: revoke it again.`,
  options: {
    from: {
      value: 'folder',
      description: 'the folder that backup-create made',
      required: true,
    },
  },
  async runAlone({ config, clock, progress, begun }, values) {
    const from = resolve(valueOf(values, 'from'));
    progress('Checking the backup …');
    const manifest = await backupCheck(config, from);
    const database = await databaseOpenEmpty(config, begun);
    try {
      await backupRestore(database.db, from, manifest, clock);
    } finally {
      await database.close();
    }
    return {
      data: { folder: from, ...summaryOf(manifest) },
      text: `Restored the backup of ${manifest.createdAt}: ${rowsOf(manifest)} rows of ${manifest.tables.length} tables.`,
      talk: 'Tokens that were revoked since that time are good again: see dollarbox-admin token-list. Now start the server.',
    };
  },
};

export const backupCommands: readonly LoneCommand[] = [backupCreateCommand, backupRestoreCommand];

function summaryOf(manifest: Manifest) {
  return {
    created_at: manifest.createdAt,
    installation: manifest.installationId,
    tables: Object.fromEntries(manifest.tables.map(({ table, rows }) => [table, rows])),
    engine: manifest.engine,
  };
}

function rowsOf({ tables }: Manifest): number {
  return tables.reduce((sum, { rows }) => sum + rows, 0);
}
