// What reconciling volumes reads and writes, in PostgreSQL. kind-store.ts documents each function.
import { type Updateable, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Database } from '../db/types.ts';
import { type Claim, FenceLost, type NextTurn } from '../reconciler/store.ts';
import { workReleaseRequire, workWakeBack, workWakeInOrder } from '../reconciler/work-store.ts';
import type { VolumeKindStore, VolumeSweepRow } from './kind-store.ts';
import type { VolumeState } from './plan.ts';
import { isStartable } from './startable.ts';

export async function volumeWorkRead(db: Db, id: number): Promise<VolumeState | null> {
  const row = await db.selectFrom('volumes').selectAll().where('id', '=', id).executeTakeFirst();
  if (row === undefined) return null;
  return {
    id: row.id,
    uid: row.uid,
    tenantId: row.org_id,
    name: row.name,
    sizeGb: row.size_gb,
    deletedAt: row.deleted_at,
    status: row.status,
    statusReason: row.status_reason,
    statusMessage: row.status_message,
    storageClass: row.storage_class,
    isSizeEnforced: row.size_enforced,
    usedBytes: row.used_bytes,
    attemptAt: row.attempt_at,
    ref: row.ref,
    ...(row.of_image &&
      row.container_id !== null &&
      row.mount_path !== null && {
        imageVolume: { containerId: row.container_id, path: row.mount_path },
      }),
  };
}

/** The columns of a state that a turn may write. The API shows all but `ref`. */
function stateColumns(state: VolumeState) {
  return {
    status: state.status,
    status_reason: state.statusReason,
    status_message: state.statusMessage,
    storage_class: state.storageClass,
    size_enforced: state.isSizeEnforced,
    ref: state.ref,
  } satisfies Updateable<Database['volumes']>;
}

async function volumeRecord(
  db: Db,
  claim: Claim,
  before: VolumeState,
  after: VolumeState,
  now: Date,
  next: NextTurn,
): Promise<void> {
  const was: Record<string, unknown> = stateColumns(before);
  const is = Object.entries(stateColumns(after)).filter(([column, value]) => value !== was[column]);
  // Most turns find nothing to change.
  if (is.length === 0) return workReleaseRequire(db, claim, now, next);
  await db.transaction().execute(async (trx) => {
    const row = await trx
      .updateTable('volumes')
      .set((eb) => ({ ...Object.fromEntries(is), revision: eb('revision', '+', 1) }))
      .where('id', '=', claim.id)
      .returning('container_id')
      .executeTakeFirst();
    const mounter = row?.container_id ?? null;
    const isNews = after.status !== before.status || isStartable(after) !== isStartable(before);
    if (mounter !== null && isNews) {
      await workWakeInOrder(trx, { claim, containers: [mounter] }, now);
    }
    await workReleaseRequire(trx, claim, now, next);
  });
}

async function volumeForget(db: Db, claim: Claim): Promise<void> {
  await db.transaction().execute(async (trx) => {
    await trx
      .deleteFrom('volumes')
      .where('id', '=', claim.id)
      .where('deleted_at', 'is not', null)
      .execute();
    const released = await trx
      .deleteFrom('work')
      .where('kind', '=', claim.kind)
      .where('object_id', '=', claim.id)
      .where('fence', '=', claim.fence)
      .executeTakeFirst();
    if (released.numDeletedRows === 0n) throw new FenceLost();
  });
}

async function volumeSweepRows(db: Db): Promise<VolumeSweepRow[]> {
  return db
    .selectFrom('volumes as v')
    .leftJoin('work as w', (join) =>
      join.onRef('w.object_id', '=', 'v.id').on('w.kind', '=', 'volume'),
    )
    .select([
      'v.id',
      'v.uid',
      'v.ref',
      sql<boolean>`v.status_reason is not distinct from 'data_lost'`.as('isLost'),
      sql<boolean>`v.status = 'bound'`.as('isBound'),
      sql<boolean>`v.deleted_at is not null`.as('isDeleted'),
      sql<boolean>`w.due_at is null`.as('isAtRest'),
      sql<boolean>`v.status = 'bound' and v.status_reason is not distinct from 'engine_error'`.as(
        'isUnknown',
      ),
    ])
    .execute();
}

export async function volumesMarkUnknown(db: Db, message: string): Promise<void> {
  await sql`
    with held as materialized (
      select id from volumes
      where deleted_at is null and status = 'bound' and status_reason is null
      order by id
      for update
    )
    update volumes set status_reason = 'engine_error', status_message = ${message}, revision = revision + 1
    from held
    where volumes.id = held.id
  `.execute(db);
}

async function volumesWakeUnknown(db: Db, since: Date, now: Date): Promise<void> {
  const unknown = sql`
    select id from volumes where deleted_at is null and status = 'bound' and status_reason = 'engine_error'`;
  await workWakeBack(db, 'volume', unknown, since, now);
}

export function volumeKindStoreCreate(db: Db): VolumeKindStore {
  return {
    volumeWorkRead: (id) => volumeWorkRead(db, id),
    volumeRecord: (...args) => volumeRecord(db, ...args),
    volumeForget: (claim) => volumeForget(db, claim),
    volumeSweepRows: () => volumeSweepRows(db),
    volumesMarkUnknown: (message) => volumesMarkUnknown(db, message),
    volumesWakeUnknown: (since, now) => volumesWakeUnknown(db, since, now),
  };
}
