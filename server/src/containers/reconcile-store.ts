// What reconciling containers reads and writes, in PostgreSQL. kind-store.ts documents each function.
import type { ContainerEnd, VolumeMount } from '@dollarbox/engines/contract';
import { type RawBuilder, type Updateable, sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import type { Database, Mount } from '../db/types.ts';
import type { SecretBox } from '../base/secrets.ts';
import { type Claim, FenceLost, type NextTurn } from '../reconciler/store.ts';
import {
  hintColumns,
  workReleaseRequire,
  workWakeBack,
  workWakeInOrder,
} from '../reconciler/work-store.ts';
import type { ContainerKindStore, ContainerSweepRow, ContainerWork } from './kind-store.ts';
import { endTell } from './outcomes.ts';
import type { Applied, ContainerState } from './state.ts';
import { envOpen } from './store.ts';
import { imageVolumesAdd } from './image-volumes.ts';
import { instanceRecord, instancesRead, linesRecord } from './instances.ts';
import type { KnownVolume } from './volume-block.ts';

const APPLIED_PURPOSE = 'containers.applied';

/** A volume as a turn reads it together with its container. */
interface VolumeOfRow extends Omit<KnownVolume, 'mounter'> {
  containerId: number | null;
  mountPath: string | null;
  isOfImage: boolean;
}

const VOLUME_JSON = sql`jsonb_build_object(
  'id', v.id, 'uid', v.uid, 'name', v.name, 'status', v.status, 'statusReason', v.status_reason, 'containerId', v.container_id,
  'mountPath', v.mount_path, 'isOfImage', v.of_image
)`;

export async function containerWorkRead(
  db: Db,
  secrets: SecretBox,
  id: number,
): Promise<ContainerWork | null> {
  const row = await db
    .selectFrom('containers as c')
    .leftJoinLateral(
      (eb) =>
        eb
          .selectFrom('container_instances as i')
          .select(['i.ref', 'i.started_at', 'i.kept_at'])
          .whereRef('i.container_id', '=', 'c.id')
          .orderBy('i.number', 'desc')
          .limit(1)
          .as('last'),
      (join) => join.onTrue(),
    )
    .selectAll('c')
    .select([
      sql<boolean>`exists (
        select from containers as other
        where other.org_id = c.org_id and other.name = c.name and other.deleted_at is not null and other.id <> c.id
      )`.as('name_held'),
      sql<boolean>`(select status = 'suspended' from orgs where orgs.id = c.org_id)`.as(
        'is_suspended',
      ),
      sql<VolumeOfRow[]>`(
        select coalesce(jsonb_agg(${VOLUME_JSON} order by v.mount_path collate "C"), '[]')
        from volumes as v where v.container_id = c.id
      )`.as('mounted'),
      'last.ref as last_ref',
      'last.started_at as last_started_at',
      'last.kept_at as last_kept_at',
    ])
    .where('c.id', '=', id)
    .executeTakeFirst();
  if (row === undefined) return null;
  const env = envOpen(secrets, row.env_sealed);
  const version = {
    id: row.id,
    tenantId: row.org_id,
    name: row.name,
    image: row.image,
    env: env ?? {},
    command: row.command,
    ports: row.ports,
    ipv6Address: row.ipv6_address,
    volumes: mountsOf(row.volumes, row.mounted),
    init: row.init,
  };
  const applied = appliedOpen(secrets, row.applied_sealed);
  const known = [...row.mounted, ...(await volumesReleased(db, row.mounted, applied))];
  return {
    isUnreadable: env === null,
    lastInstance: instanceOf(row),
    state: {
      id: row.id,
      tenantId: row.org_id,
      deletedAt: row.deleted_at,
      generation: row.generation,
      desired: version,
      pullPolicy: row.pull_policy,
      stopGraceSeconds: row.stop_grace_seconds,
      applied,
      appliedRef: row.applied_ref,
      ipv6Address: row.ipv6_address,
      status: row.status,
      statusReason: row.status_reason,
      statusMessage: row.status_message,
      restartCount: row.restart_count,
      warnings: row.warnings,
      attemptAt: row.attempt_at,
      pullStartedAt: row.pull_started_at,
      pullRetries: row.pull_retries,
      stopRef: row.stop_ref,
      stopRequestedAt: row.stop_requested_at,
      exitTimes: row.exit_times,
      exitRef: row.exit_ref,
      exitCount: row.exit_count,
      exitFinishedAt: row.exit_finished_at,
      restartAt: row.restart_at,
      isStopped: row.is_stopped,
      restartRef: row.restart_ref,
      pullAgainAt: row.pull_again_at,
      isSuspended: row.is_suspended,
      nameHeld: row.name_held,
      volumes: known.map((volume) => knownVolume(id, volume)),
      imageVolumes: row.mounted.flatMap(({ isOfImage, mountPath, ...volume }) =>
        isOfImage && mountPath !== null
          ? [{ volume: { id: volume.id, uid: volume.uid }, mountPath }]
          : [],
      ),
    },
  };
}

function instanceOf(row: {
  last_ref: string | null;
  last_started_at: Date | null;
  last_kept_at: Date | null;
}): ContainerWork['lastInstance'] {
  const { last_ref: ref, last_started_at: startedAt, last_kept_at: keptAt } = row;
  return ref === null || startedAt === null ? null : { ref, startedAt, isKept: keptAt !== null };
}

function knownVolume(
  containerId: number,
  { id, uid, name, status, statusReason, containerId: mounter }: VolumeOfRow,
): KnownVolume {
  const isOwn = mounter === containerId;
  return {
    ...{ id, uid, name, status, statusReason },
    mounter: mounter === null ? null : isOwn ? 'own' : 'other',
  };
}

/**
 * The volumes of a version with these mounts. A volume without a row has no data: its uid is the empty string, which no
 * volume has.
 */
function mountsOf(mounts: readonly Mount[], mounted: readonly VolumeOfRow[]): VolumeMount[] {
  const uids = new Map(mounted.map((volume) => [volume.id, volume.uid]));
  return mounts.map(({ volume: id, mount_path: mountPath }) => ({
    volume: { id, uid: uids.get(id) ?? '' },
    mountPath,
  }));
}

/** The live volumes that the applied version uses and the container no longer mounts. */
async function volumesReleased(
  db: Db,
  mounted: readonly VolumeOfRow[],
  applied: Applied | null,
): Promise<VolumeOfRow[]> {
  const kept = new Set(mounted.map((volume) => volume.id));
  const ids = (applied?.version.volumes ?? []).map(({ volume }) => volume.id);
  const released = ids.filter((id) => !kept.has(id));
  if (released.length === 0) return [];
  const { rows } = await sql<{ volume: VolumeOfRow }>`
    select ${VOLUME_JSON} as volume from volumes as v where v.id = any(${released}::bigint[]) and v.deleted_at is null
  `.execute(db);
  return rows.map(({ volume }) => volume);
}

/**
 * @returns null if nothing was applied, or if what was applied can't be read any more: the turn then determines it
 * again.
 */
function appliedOpen(secrets: SecretBox, sealed: Buffer | null): Applied | null {
  if (sealed === null) return null;
  try {
    const applied = JSON.parse(secrets.open(APPLIED_PURPOSE, sealed)) as Applied;
    const { version } = applied;
    // Versions that were recorded before these fields existed lack them.
    return {
      ...applied,
      version: { ...version, volumes: version.volumes ?? [], init: version.init ?? false },
    };
  } catch {
    return null;
  }
}

/** The columns of a state. The spec columns are written by the API only. */
function stateColumns(state: ContainerState): Updateable<Database['containers']> {
  return {
    applied_ref: state.appliedRef,
    ipv6_address: state.ipv6Address,
    observed_generation: state.applied?.generation ?? 0,
    status: state.status,
    status_reason: state.statusReason,
    status_message: state.statusMessage,
    restart_count: state.restartCount,
    warnings: JSON.stringify(state.warnings),
    attempt_at: state.attemptAt,
    pull_started_at: state.pullStartedAt,
    pull_retries: state.pullRetries,
    stop_ref: state.stopRef,
    stop_requested_at: state.stopRequestedAt,
    exit_times: [...state.exitTimes],
    exit_ref: state.exitRef,
    exit_count: state.exitCount,
    exit_finished_at: state.exitFinishedAt,
    restart_at: state.restartAt,
    pull_again_at: state.pullAgainAt,
  };
}

/** Columns whose changes show in the API. */
const SHOWING = new Set([
  'status',
  'status_reason',
  'status_message',
  'restart_count',
  'observed_generation',
  'ipv6_address',
  'warnings',
]);

/** Columns that a PATCH resets: what a turn for an older generation found out about them no longer applies. */
const OF_GENERATION = new Set([
  'status_reason',
  'status_message',
  'restart_count',
  'attempt_at',
  'pull_started_at',
  'pull_retries',
  'restart_at',
]);

async function containerRecord(
  db: Db,
  secrets: SecretBox,
  claim: Claim,
  before: ContainerState,
  after: ContainerState,
  now: Date,
  next: NextTurn,
  released: readonly number[] = [],
): Promise<void> {
  const was = stateColumns(before) as Record<string, unknown>;
  const is = Object.entries(stateColumns(after)).filter(
    ([column, value]) => JSON.stringify(value) !== JSON.stringify(was[column]),
  );
  const changes: Record<string, unknown> = Object.fromEntries(is);
  if (after.applied !== before.applied) {
    changes['applied_sealed'] =
      after.applied === null ? null : secrets.seal(APPLIED_PURPOSE, JSON.stringify(after.applied));
  }
  const columns = Object.keys(changes);
  // Most turns find nothing to change.
  if (columns.length === 0 && released.length === 0) {
    return workReleaseRequire(db, claim, now, next);
  }
  await db.transaction().execute(async (trx) => {
    if (columns.length > 0) await containerWrite(trx, claim.id, before, changes);
    if (released.length > 0) await workWakeInOrder(trx, { claim, volumes: released }, now);
    await workReleaseRequire(trx, claim, now, next);
  });
}

async function containerWrite(
  trx: Trx,
  id: number,
  before: ContainerState,
  changes: Record<string, unknown>,
): Promise<void> {
  const shows = Object.keys(changes).some((column) => SHOWING.has(column));
  await trx
    .updateTable('containers')
    .set((eb) => ({
      ...Object.fromEntries(
        Object.entries(changes).map(([column, value]) => {
          const condition = stillCounts(column, value, before);
          const written = eb.val(value);
          if (condition === null) return [column, written];
          const kept = eb.ref(column as 'status_reason');
          return [column, eb.case().when(condition).then(written).else(kept).end()];
        }),
      ),
      ...(shows ? { revision: eb('revision', '+', 1) } : {}),
    }))
    .where('id', '=', id)
    .execute();
}

/** When a finding still counts, although a client may have written since the turn began; null: always. */
function stillCounts(
  column: string,
  value: unknown,
  { generation, isStopped, pullAgainAt }: ContainerState,
): RawBuilder<boolean> | null {
  if (OF_GENERATION.has(column)) return sql<boolean>`generation = ${generation}`;
  if (column === 'status' && value === 'stopped') {
    return sql<boolean>`is_stopped = ${isStopped}`;
  }
  if (column === 'pull_again_at') {
    return sql<boolean>`pull_again_at is not distinct from ${pullAgainAt}::timestamptz`;
  }
  return null;
}

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

async function containerMarkEnded(
  db: Db,
  id: number,
  ended: ContainerEnd,
  now: Date,
): Promise<void> {
  await db
    // Locked before its row of the queue, as in every other transaction. PostgreSQL runs a part of a statement that
    // writes, and that nothing else refers to, last.
    .with(
      (cte) => cte('held').materialized(),
      (query) =>
        query
          .selectFrom('containers')
          .select(['id', sql<boolean>`not (${isAskedToEnd(ended.ref)})`.as('is_unexpected')])
          .where('id', '=', id)
          .where('deleted_at', 'is', null)
          .where('applied_ref', '=', ended.ref)
          .where('status', '=', 'running')
          .forUpdate(),
    )
    .with('marked', (cte) =>
      cte
        .updateTable('containers')
        .from('held')
        .set((eb) => ({
          ...endTell(ended),
          revision: eb('containers.revision', '+', 1),
        }))
        .whereRef('containers.id', '=', 'held.id')
        .where('held.is_unexpected', '=', true),
    )
    .updateTable('work')
    .set(hintColumns(now, sql<boolean>`exists (select from held)`))
    .where('kind', '=', 'container')
    .where('object_id', '=', id)
    .execute();
}

/** If it was asked to end for a change, or its change is being reported, its turn reports the end. */
function isAskedToEnd(ref: string): RawBuilder<boolean> {
  return sql<boolean>`
    stop_ref is not distinct from ${ref} or is_stopped or restart_ref is not distinct from ${ref}
    or observed_generation <> generation`;
}

export async function containersMarkUnknown(db: Db, message: string): Promise<void> {
  await sql`
    with held as materialized (
      select id from containers
      where deleted_at is null and status = 'running' and status_reason is distinct from 'engine_error'
        -- A change that has no reported result yet has its turn within seconds.
        and (observed_generation = generation or status_reason is not null)
      order by id
      for update
    )
    update containers set status_reason = 'engine_error', status_message = ${message}, revision = revision + 1
    from held
    where containers.id = held.id
  `.execute(db);
}

async function containersWakeUnknown(db: Db, since: Date, now: Date): Promise<void> {
  const unknown = sql`select id from containers where deleted_at is null and status_reason = 'engine_error'`;
  await workWakeBack(db, 'container', unknown, since, now);
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
