// The containers' part of ReconcileStore; reconciler/store.ts says what each does.
import type { ContainerEnd, VolumeMount } from '@dollarbox/engines/contract';
import { type Updateable, sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Database, Mount } from '../db/types.ts';
import type { Trx } from '../http/write.ts';
import type { SecretBox } from '../secrets.ts';
import {
  type Claim,
  type ContainerWork,
  FenceLost,
  type NextTurn,
  type SweepRow,
} from '../reconciler/store.ts';
import { wakeColumns, workReleaseRequire, workWakeInOrder } from '../reconciler/work-store.ts';
import { endTell } from './outcomes.ts';
import type { Applied, ContainerState } from './state.ts';
import { envOpen } from './store.ts';
import type { KnownVolume } from './volume-block.ts';

const APPLIED_PURPOSE = 'containers.applied';

/** A volume as a turn reads it beside its container. */
interface VolumeOfRow extends Omit<KnownVolume, 'mounter'> {
  containerId: number | null;
}

const VOLUME_JSON = sql`jsonb_build_object(
  'id', v.id, 'uid', v.uid, 'name', v.name, 'status', v.status, 'statusReason', v.status_reason, 'containerId', v.container_id
)`;

export async function containerWorkRead(
  db: Db,
  secrets: SecretBox,
  id: number,
): Promise<ContainerWork | null> {
  const row = await db
    .selectFrom('containers as c')
    .innerJoin('orgs as o', 'o.id', 'c.org_id')
    .selectAll('c')
    .select([
      'o.ipv4_subnet',
      'o.ipv6_subnet',
      sql<boolean>`exists (
        select from containers as other
        where other.org_id = c.org_id and other.name = c.name and other.deleted_at is not null and other.id <> c.id
      )`.as('name_held'),
      sql<VolumeOfRow[] | null>`case when c.volumes <> '[]' then (
        select jsonb_agg(${VOLUME_JSON}) from volumes as v where v.container_id = c.id
      ) end`.as('mounted'),
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
    volumes: mountsOf(row.volumes, row.mounted ?? []),
  };
  const applied = appliedOpen(secrets, row.applied_sealed);
  const known = [...(row.mounted ?? []), ...(await volumesLetGo(db, row.volumes, applied))];
  return {
    isUnreadable: env === null,
    org: { id: row.org_id, ipv4Subnet: row.ipv4_subnet, ipv6Subnet: row.ipv6_subnet },
    state: {
      id: row.id,
      tenantId: row.org_id,
      deletedAt: row.deleted_at,
      generation: row.generation,
      desired: version,
      applied,
      appliedRef: row.applied_ref,
      status: row.status,
      statusReason: row.status_reason,
      statusMessage: row.status_message,
      restartCount: row.restart_count,
      attemptAt: row.attempt_at,
      pullStartedAt: row.pull_started_at,
      pullRetries: row.pull_retries,
      stopRef: row.stop_ref,
      stopRequestedAt: row.stop_requested_at,
      exitTimes: row.exit_times,
      exitRef: row.exit_ref,
      exitFinishedAt: row.exit_finished_at,
      restartAt: row.restart_at,
      nameHeld: row.name_held,
      volumes: known.map((volume) => knownVolume(id, volume)),
    },
  };
}

function knownVolume(id: number, { containerId, ...volume }: VolumeOfRow): KnownVolume {
  if (containerId === null) return { ...volume, mounter: null };
  return { ...volume, mounter: containerId === id ? 'own' : 'other' };
}

/** What a version that wants these mounts is made from. One whose row is not there has no data: no uid is empty. */
function mountsOf(mounts: readonly Mount[], mounted: readonly VolumeOfRow[]): VolumeMount[] {
  const uids = new Map(mounted.map((volume) => [volume.id, volume.uid]));
  return mounts.map(({ volume: id, mount_path: mountPath }) => ({
    volume: { id, uid: uids.get(id) ?? '' },
    mountPath,
  }));
}

/** The live volumes that the applied version has, and the container no more. */
async function volumesLetGo(
  db: Db,
  mounts: readonly Mount[],
  applied: Applied | null,
): Promise<VolumeOfRow[]> {
  const kept = new Set(mounts.map((mount) => mount.volume));
  const ids = (applied?.version.volumes ?? []).map(({ volume }) => volume.id);
  const letGo = ids.filter((id) => !kept.has(id));
  if (letGo.length === 0) return [];
  const { rows } = await sql<{ volume: VolumeOfRow }>`
    select ${VOLUME_JSON} as volume from volumes as v where v.id = any(${letGo}::bigint[]) and v.deleted_at is null
  `.execute(db);
  return rows.map(({ volume }) => volume);
}

/** @returns null where nothing was applied, or what was can't be read any more: it is then found out anew. */
function appliedOpen(secrets: SecretBox, sealed: Buffer | null): Applied | null {
  if (sealed === null) return null;
  try {
    const applied = JSON.parse(secrets.open(APPLIED_PURPOSE, sealed)) as Applied;
    // What was recorded before there were volumes tells of none.
    return { ...applied, version: { ...applied.version, volumes: applied.version.volumes ?? [] } };
  } catch {
    return null;
  }
}

/** The columns of a state. A changed spec's own columns are the API's to write. */
function stateColumns(state: ContainerState): Updateable<Database['containers']> {
  return {
    applied_ref: state.appliedRef,
    observed_generation: state.applied?.generation ?? 0,
    status: state.status,
    status_reason: state.statusReason,
    status_message: state.statusMessage,
    restart_count: state.restartCount,
    attempt_at: state.attemptAt,
    pull_started_at: state.pullStartedAt,
    pull_retries: state.pullRetries,
    stop_ref: state.stopRef,
    stop_requested_at: state.stopRequestedAt,
    exit_times: [...state.exitTimes],
    exit_ref: state.exitRef,
    exit_finished_at: state.exitFinishedAt,
    restart_at: state.restartAt,
  };
}

/** Columns of which a change shows in the API. */
const SHOWING = new Set([
  'status',
  'status_reason',
  'status_message',
  'restart_count',
  'observed_generation',
]);

/** Columns that a PATCH resets: what an older generation found out about them counts no more. */
const OF_GENERATION = new Set([
  'status_reason',
  'status_message',
  'restart_count',
  'attempt_at',
  'pull_started_at',
  'pull_retries',
  'restart_at',
]);

export async function containerRecord(
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
  // Most turns find all as it should be.
  if (columns.length === 0 && released.length === 0) {
    return workReleaseRequire(db, claim, now, next);
  }
  await db.transaction().execute(async (trx) => {
    if (columns.length > 0) await containerWrite(trx, claim.id, before.generation, changes);
    if (released.length > 0) await workWakeInOrder(trx, { claim, volumes: released }, now);
    await workReleaseRequire(trx, claim, now, next);
  });
}

async function containerWrite(
  trx: Trx,
  id: number,
  generation: number,
  changes: Record<string, unknown>,
): Promise<void> {
  const shows = Object.keys(changes).some((column) => SHOWING.has(column));
  await trx
    .updateTable('containers')
    .set((eb) => ({
      ...Object.fromEntries(
        Object.entries(changes).map(([column, value]) => [
          column,
          OF_GENERATION.has(column)
            ? eb
                .case()
                .when('generation', '=', generation)
                .then(eb.val(value))
                .else(eb.ref(column as 'status_reason'))
                .end()
            : eb.val(value),
        ]),
      ),
      ...(shows ? { revision: eb('revision', '+', 1) } : {}),
    }))
    .where('id', '=', id)
    .execute();
}

export async function containerForget(
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
      const heirs = await trx
        .selectFrom('containers')
        .select('id')
        .where('org_id', '=', gone.org_id)
        .where('name', '=', gone.name)
        .where('deleted_at', 'is', null)
        .execute();
      const containers = heirs.map(({ id }) => id);
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

export async function containerSweepRows(db: Db): Promise<SweepRow[]> {
  return db
    .selectFrom('containers as c')
    .leftJoin('work as w', (join) =>
      join.onRef('w.object_id', '=', 'c.id').on('w.kind', '=', 'container'),
    )
    .select([
      'c.id',
      'c.applied_ref as appliedRef',
      'c.status',
      sql<boolean>`c.deleted_at is not null`.as('isDeleted'),
      'w.due_at as dueAt',
      sql<boolean>`w.lease_owner is not null`.as('isHeld'),
      sql<boolean>`c.status_reason is not distinct from 'engine_error'`.as('isUnknown'),
    ])
    .execute();
}

export async function containerImages(db: Db, secrets: SecretBox): Promise<Set<string>> {
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

export async function containerMarkEnded(
  db: Db,
  id: number,
  ended: ContainerEnd,
  now: Date,
): Promise<void> {
  await db
    .with('marked', (cte) =>
      cte
        .updateTable('containers')
        .set((eb) => ({ ...endTell(ended), revision: eb('revision', '+', 1) }))
        .where('id', '=', id)
        .where('deleted_at', 'is', null)
        .where('applied_ref', '=', ended.ref)
        .where('status', '=', 'running')
        // One that is asked to end for a change, or whose change is told of, is told of by its turn.
        .where(sql<boolean>`stop_ref is distinct from ${ended.ref}`)
        .whereRef('observed_generation', '=', 'generation')
        .returning('id'),
    )
    .updateTable('work')
    .set(wakeColumns(now))
    .where('kind', '=', 'container')
    .where('object_id', '=', id)
    .execute();
}

export async function containersMarkUnknown(db: Db, message: string): Promise<void> {
  await db
    .updateTable('containers')
    .set((eb) => ({
      status_reason: 'engine_error',
      status_message: message,
      revision: eb('revision', '+', 1),
    }))
    .where('deleted_at', 'is', null)
    .where('status', '=', 'running')
    .where(sql<boolean>`status_reason is distinct from 'engine_error'`)
    // A change that nothing is told of yet has its turn within seconds.
    .where(sql<boolean>`(observed_generation = generation or status_reason is not null)`)
    .execute();
}

export async function containersWakeUnknown(db: Db, now: Date): Promise<void> {
  await sql`
    update work set wake_seq = wake_seq + 1,
      due_at = case when lease_until > ${now} then due_at else least(due_at, ${now}) end
    where kind = 'container' and (failures > 0 or object_id in (
      select id from containers where deleted_at is null and status_reason = 'engine_error'
    ))`.execute(db);
}

export async function orgIds(db: Db): Promise<Set<number>> {
  const rows = await db.selectFrom('orgs').select('id').execute();
  return new Set(rows.map((row) => row.id));
}
