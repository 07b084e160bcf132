// What reconciling containers reads and writes, in PostgreSQL. kind-store.ts documents each function.
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { SecretBox } from '../base/secrets.ts';
import { type Claim, FenceLost } from '../reconciler/store.ts';
import { workWakeInOrder } from '../reconciler/work-store.ts';
import { appliedOpen } from './applied.ts';
import { imageVolumesAdd } from './image-volumes.ts';
import { instanceRecord, instancesRead, linesRecord } from './instances.ts';
import type { ContainerKindStore, ContainerSweepRow } from './kind-store.ts';
import {
  containerMarkEnded,
  containersMarkUnknown,
  containersWakeUnknown,
} from './reconcile-outage.ts';
import { containerWorkRead } from './reconcile-read.ts';
import { containerRecord } from './reconcile-record.ts';

async function containerForget(
  db: Db,
  claim: Claim,
  now: Date,
  released: readonly number[] = [],
): Promise<void> {
  await db.transaction().execute(async (trx) => {
    const gone = await trx
      .deleteFrom('containers')
      .where('id', '=', claim.id)
      .where('deleted_at', 'is not', null)
      .returning(['org_id', 'name'])
      .executeTakeFirst();
    if (gone !== undefined) {
      const successors = await trx
        .selectFrom('containers')
        .select('id')
        .where('org_id', '=', gone.org_id)
        .where('name', '=', gone.name)
        .where('deleted_at', 'is', null)
        .execute();
      const containers = successors.map(({ id }) => id);
      if (containers.length + released.length > 0) {
        await workWakeInOrder(trx, { claim, containers, volumes: released }, now);
      }
    }
    const left = await trx
      .deleteFrom('work')
      .where('kind', '=', claim.kind)
      .where('object_id', '=', claim.id)
      .where('fence', '=', claim.fence)
      .executeTakeFirst();
    if (left.numDeletedRows === 0n) throw new FenceLost();
  });
}

async function containerSweepRows(db: Db): Promise<ContainerSweepRow[]> {
  return db
    .selectFrom('containers as c')
    .leftJoin('work as w', (join) =>
      join.onRef('w.object_id', '=', 'c.id').on('w.kind', '=', 'container'),
    )
    .select([
      'c.id',
      'c.applied_ref as appliedRef',
      'c.ipv6_address as ipv6Address',
      'c.exit_ref as exitRef',
      'c.exit_count as exitCount',
      'c.status',
      sql<boolean>`c.deleted_at is not null`.as('isDeleted'),
      'w.due_at as dueAt',
      sql<boolean>`w.lease_owner is not null`.as('isHeld'),
      sql<boolean>`c.status_reason is not distinct from 'engine_error'`.as('isUnknown'),
    ])
    .execute();
}

async function containerImages(db: Db, secrets: SecretBox): Promise<Set<string>> {
  const rows = await db.selectFrom('containers').select('image').distinct().execute();
  const changing = await db
    .selectFrom('containers')
    .select('applied_sealed')
    .whereRef('observed_generation', '<>', 'generation')
    .where('applied_sealed', 'is not', null)
    .execute();
  const applied = changing.map((row) => appliedOpen(secrets, row.applied_sealed)?.version.image);
  return new Set([
    ...rows.map((row) => row.image),
    ...applied.filter((image) => image !== undefined),
  ]);
}

export function containerKindStoreCreate(db: Db, secrets: SecretBox): ContainerKindStore {
  return {
    containerWorkRead: (id) => containerWorkRead(db, secrets, id),
    containerRecord: (...args) => containerRecord(db, secrets, ...args),
    containerForget: (...args) => containerForget(db, ...args),
    instanceRecord: (...args) => instanceRecord(db, ...args),
    instancesRead: (id) => instancesRead(db, id),
    linesKeep: (...args) => linesRecord(db, secrets, ...args),
    containerSweepRows: () => containerSweepRows(db),
    containerImages: () => containerImages(db, secrets),
    imageVolumesAdd: (...args) => imageVolumesAdd(db, ...args),
    containerMarkEnded: (id, ended, now) => containerMarkEnded(db, id, ended, now),
    containersMarkUnknown: (message) => containersMarkUnknown(db, message),
    containersWakeUnknown: (since, now) => containersWakeUnknown(db, since, now),
  };
}
