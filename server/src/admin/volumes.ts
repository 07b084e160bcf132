import type { Engine } from '@dollarbox/engines/contract';
import { databaseOpenBeside } from '../db/open-beside.ts';
import type { Db } from '../db/database.ts';
import { databaseClockOnce } from '../db/database-clock.ts';
import { engineReach } from '../engine/engine-open.ts';
import { DomainError } from '../base/domain-error.ts';
import { OperatorError } from '../base/errors.ts';
import type { Clock } from '../base/system.ts';
import { installationRead } from '../installation/store.ts';
import { orphanTell, volumeOrphanRemove, volumeOrphansFind } from '../volumes/orphans.ts';
import type { LoneCommand, LoneContext } from './command.ts';
import { tableFormat } from './table.ts';
import { valueOf } from './values.ts';

const volumeOrphansCommand: LoneCommand = {
  name: 'volume-orphans',
  summary: 'List volumes on the engine that no row tells of',
  details: `They are left when the database is older than they are, after a restore. The server counts them
(dollarbox_volumes_without_row) and never removes one: it may be all that is left of somebody's data.`,
  options: {},
  async runAlone(context) {
    const orphans = await engineUse(context, ({ db, engine }) => volumeOrphansFind(db, engine));
    return {
      data: orphans,
      text: tableFormat(
        orphans,
        {
          REF: ({ ref }) => ref,
          ID: ({ id }) => id,
          ORG: ({ org, org_id: orgId }) => org ?? `${orgId} (gone)`,
          'USED BYTES': ({ used_bytes: used }) => used ?? 'unknown',
        },
        'Every volume on the engine has its row.',
      ),
    };
  },
};

const volumeOrphanRemoveCommand: LoneCommand = {
  name: 'volume-orphan-remove',
  summary: 'Destroy a volume that no row tells of, and its data',
  details: 'The data is gone for good. Only what volume-orphans lists can be removed so.',
  options: {
    ref: { value: 'ref', description: 'as volume-orphans lists it', required: true },
    yes: {
      value: null,
      description: 'do it: without this, it is only said what would be destroyed',
    },
  },
  async runAlone(context, values) {
    const isConfirmed = values['yes'] !== undefined;
    const orphan = await engineUse(context, ({ db, engine, clock }) =>
      volumeOrphanRemove({ db, engine, clock }, valueOf(values, 'ref'), isConfirmed),
    ).catch(confirmationExplain);
    return { data: orphan, text: `Destroyed ${orphanTell(orphan)}.` };
  },
};

export const volumeCommands: readonly LoneCommand[] = [
  volumeOrphansCommand,
  volumeOrphanRemoveCommand,
];

/** @throws OperatorError that says how to confirm, if that is what was missing. */
export function confirmationExplain(error: unknown): never {
  if (!(error instanceof DomainError) || error.reason !== 'not_confirmed') throw error;
  throw new OperatorError(`${error.message} Repeat it with --yes if that is what you want.`);
}

/** Opens the database and the engine for one task. @throws OperatorError if the engine can't be reached. */
async function engineUse<T>(
  { config, progress, begun }: LoneContext,
  use: (on: { db: Db; engine: Engine; clock: Clock }) => Promise<T>,
): Promise<T> {
  const database = await databaseOpenBeside(config, { waiting: progress, begun });
  try {
    const { db } = database;
    const clock = await databaseClockOnce(db);
    const { id } = await installationRead(db);
    const engine = await engineReach(config, id, { db, clock });
    if (engine === null) {
      throw new OperatorError(
        'The fake engine is within the server: set ENGINE and DOCKER_HOST to those of an engine that holds volumes.',
      );
    }
    return await use({ db, engine, clock }).finally(() => engine.close());
  } finally {
    await database.close();
  }
}
