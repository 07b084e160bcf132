// What a turn of a container starts from, read from PostgreSQL.
import type { VolumeMount } from '@dollarbox/engines/contract';
import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Mount } from '../db/types.ts';
import type { SecretBox } from '../base/secrets.ts';
import { appliedOpen } from './applied.ts';
import type { ContainerWork } from './kind-store.ts';
import type { Applied, ContainerState, Version } from './state.ts';
import { envOpen } from './store.ts';
import type { KnownVolume } from './volume-block.ts';

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
  const row = await rowRead(db, id);
  if (row === undefined) return null;
  const env = envOpen(secrets, row.env_sealed);
  const applied = appliedOpen(secrets, row.applied_sealed);
  const known = [...row.mounted, ...(await volumesReleased(db, row.mounted, applied))];
  return {
    isUnreadable: env === null,
    lastInstance: instanceOf(row),
    state: {
      ...stateOf(row),
      desired: versionOf(row, env ?? {}),
      applied,
      volumes: known.map((volume) => knownVolume(id, volume)),
    },
  };
}

type Row = NonNullable<Awaited<ReturnType<typeof rowRead>>>;

function rowRead(db: Db, id: number) {
  return db
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
}

/** The version that a client wants. */
function versionOf(row: Row, env: Version['env']): Version {
  return {
    id: row.id,
    tenantId: row.org_id,
    name: row.name,
    image: row.image,
    env,
    command: row.command,
    ports: row.ports,
    ipv6Address: row.ipv6_address,
    volumes: mountsOf(row.volumes, row.mounted),
    init: row.init,
  };
}

/** What the columns say by themselves. */
function stateOf(row: Row): Omit<ContainerState, 'desired' | 'applied' | 'volumes'> {
  return {
    id: row.id,
    tenantId: row.org_id,
    deletedAt: row.deleted_at,
    generation: row.generation,
    pullPolicy: row.pull_policy,
    stopGraceSeconds: row.stop_grace_seconds,
    appliedRef: row.applied_ref,
    ipv6Address: row.ipv6_address,
    status: row.status,
    statusReason: row.status_reason,
    statusMessage: row.status_message,
    nextRetryAt: row.next_retry_at,
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
    imageVolumes: row.mounted.flatMap(({ isOfImage, mountPath, ...volume }) =>
      isOfImage && mountPath !== null
        ? [{ volume: { id: volume.id, uid: volume.uid }, mountPath }]
        : [],
    ),
  };
}

function instanceOf({
  last_ref: ref,
  last_started_at: startedAt,
  last_kept_at: keptAt,
}: Row): ContainerWork['lastInstance'] {
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
