import { resolve } from 'node:path';
import { backupCreate } from '../backup/create.ts';
import { backupCheck, backupRestore, isEngineChanged } from '../backup/restore.ts';
import type { Manifest } from '../backup/manifest.ts';
import { databaseClockOnce } from '../db/database-clock.ts';
import { databaseOpenBeside } from '../db/open-beside.ts';
import { databaseOpenEmpty } from '../db/open-empty.ts';
import { engineOpen, engineReach } from '../engine/engine-open.ts';
import { installationRead } from '../installation/store.ts';
import { pino } from 'pino';
import type { CommandValues, LoneCommand } from './command.ts';
import { choiceOf, valueOf } from './values.ts';

/** Errors of the engine are reported as sentences. */
const QUIET = pino({ level: 'silent' });

const backupCreateCommand: LoneCommand = {
  name: 'backup-create',
  summary: 'Back up the database, and the data of volumes',
  details: `The server may go on meanwhile: all rows are as they were at one moment, and what the engine held then is listed.
The files of volumes are read after that, as they are while their containers go on: a database in one of them comes
out as after a power cut. Where that is not enough, delete or detach its container first, or have it dump its data.
The secret key is NOT in it: keep that apart (the file secret-key in the data folder, or SECRET_KEY). Without the
key the encrypted parts of a backup can't be read, by you neither.
The rows are restored into a scratch database on the same server and compared, table by table, before the folder gets
its name: that takes as much room again in the database for a while. A failure leaves every older backup as it is.`,
  options: {
    to: { value: 'folder', description: 'the folder to make', required: true },
    'volume-data': {
      value: 'yes|no',
      description: 'whether the data of volumes is in it; yes if not given',
    },
    verify: {
      value: 'yes|no',
      description: 'whether it is proved by restoring it; yes if not given',
    },
  },
  async runAlone({ config, progress, signal, begun }, values) {
    const database = await databaseOpenBeside(config, { waiting: progress, begun });
    try {
      const { db } = database;
      const clock = await databaseClockOnce(db);
      const { id } = await installationRead(db);
      const engine = await engineReach(config, id, { db, clock });
      const to = resolve(valueOf(values, 'to'));
      const withVolumeData = isChosen(values, 'volume-data');
      const verifyOn = isChosen(values, 'verify') ? database.location : null;
      const manifest = await backupCreate({
        ...{ db, engine, clock, to, progress, signal, withVolumeData, verifyOn },
      }).finally(() => engine?.close());
      return {
        data: { folder: to, ...summaryOf(manifest) },
        text: `Made the backup ${to}: ${contentOf(manifest)}.`,
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
since is good again: revoke it again.
With another ENGINE than that of the backup, the installation is moved: docs/operations.md says how.`,
  options: {
    from: {
      value: 'folder',
      description: 'the folder that backup-create made',
      required: true,
    },
    'volume-data': {
      value: 'yes|no',
      description: 'whether the data of volumes is restored; yes if not given',
    },
  },
  async runAlone({ config, progress, signal, begun }, values) {
    const from = resolve(valueOf(values, 'from'));
    progress('Checking the backup …');
    const manifest = await backupCheck(config, from);
    const withVolumeData = isChosen(values, 'volume-data');
    if (isEngineChanged(config, manifest)) {
      progress(
        `This moves the installation from ENGINE=${manifest.engine?.kind} to ENGINE=${config.engine}: volumes are copied, containers are started there anew and get other addresses.`,
      );
    }
    const database = await databaseOpenEmpty(config, begun);
    try {
      const { db } = database;
      const clock = await databaseClockOnce(db);
      const kept = await backupRestore({
        ...{ db, config, clock, folder: from, manifest, withVolumeData, progress, signal },
        engineOpen: async () =>
          config.engine === 'fake'
            ? null
            : engineOpen(config, manifest.installationId, { db, clock, log: QUIET }, progress),
      });
      if (kept.length > 0) {
        progress(`Were there, and keep the data that is in them: ${kept.join(', ')}.`);
      }
      return {
        data: { folder: from, ...summaryOf(manifest), volumes_kept: kept },
        text: `Restored the backup of ${manifest.createdAt}: ${contentOf(manifest)}.`,
        talk: 'Tokens that were revoked since that time are good again: see dollarbox-admin token-list. Now start the server.',
      };
    } finally {
      await database.close();
    }
  },
};

export const backupCommands: readonly LoneCommand[] = [backupCreateCommand, backupRestoreCommand];

function summaryOf(manifest: Manifest) {
  return {
    created_at: manifest.createdAt,
    installation: manifest.installationId,
    tables: Object.fromEntries(manifest.tables.map(({ table, rows }) => [table, rows])),
    engine: manifest.engine,
    volumes: manifest.volumes?.map(({ id, name, bytes }) => ({ id, name, bytes })) ?? null,
  };
}

function contentOf({ tables, volumes }: Manifest): string {
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const data = volumes === null ? 'no data of volumes' : `the data of ${volumes.length} volumes`;
  return `${rows} rows of ${tables.length} tables, ${data}`;
}

/** An option that is yes if not given. @throws OperatorError when it is neither yes nor no. */
function isChosen(values: CommandValues, option: 'volume-data' | 'verify'): boolean {
  if (values[option] === undefined) return true;
  return choiceOf(values, option, ['yes', 'no']) === 'yes';
}
