import { sql } from 'kysely';
import type { Db, Trx } from '../db/database.ts';
import type { Mount } from '../db/types.ts';
import { DomainError, InvalidInput } from '../base/domain-error.ts';
import type { FieldFaults } from '../base/errors.ts';
import { NO_SUCH_VOLUME } from './mount-rules.ts';

/** A live volume that a list of mounts names, or that the container already mounts. */
export interface HeldVolume {
  id: number;
  name: string;
  container_id: number | null;
}

/** @throws InvalidInput if a mount names a volume that the org does not have. */
export async function mountsRequire(
  db: Db,
  orgId: number,
  mounts: readonly Mount[],
): Promise<void> {
  const found = await db
    .selectFrom('volumes')
    .select('id')
    .where('id', '=', sql<number>`any(${mountIds(mounts)}::bigint[])`)
    .where('org_id', '=', orgId)
    .where('deleted_at', 'is', null)
    .execute();
  unknownRefuse(mounts, found);
}

/**
 * Locks the volumes that these mounts name and those that the container already mounts, in the order of their ids.
 * @returns also a fault for each mount that names a volume which the org does not have.
 */
export async function mountsLock(
  trx: Trx,
  orgId: number,
  containerId: number,
  mounts: readonly Mount[],
): Promise<{ held: HeldVolume[]; faults: FieldFaults }> {
  const held = await trx
    .selectFrom('volumes')
    .select(['id', 'name', 'container_id'])
    .where((eb) =>
      eb.or([
        eb('id', '=', sql<number>`any(${mountIds(mounts)}::bigint[])`),
        eb('container_id', '=', containerId),
      ]),
    )
    .where('org_id', '=', orgId)
    .where('deleted_at', 'is', null)
    .orderBy('id')
    .forUpdate()
    .execute();
  return { held, faults: unknownFaults(mounts, held) };
}

/**
 * Attaches volumes to a new container, and locks them as `mountsLock` does.
 * @throws DomainError if the org does not have one of them, or another container mounts it. The caller must then undo
 * what was written.
 */
export async function mountsAttach(
  trx: Trx,
  orgId: number,
  containerId: number,
  mounts: readonly Mount[],
  now: Date,
): Promise<void> {
  const { rows } = await sql<HeldVolume>`
    with held as materialized (
      select id, name, container_id from volumes
      where id = any(${mountIds(mounts)}::bigint[]) and org_id = ${orgId} and deleted_at is null
      order by id for update
    ),
    written as (
      update volumes set container_id = ${containerId}, mount_path = wanted.mount_path, updated_at = ${now},
        revision = revision + 1
      from held join ${wantedRows(mounts)} on wanted.id = held.id
      where volumes.id = held.id and held.container_id is null
    )
    select * from held`.execute(trx);
  unknownRefuse(mounts, rows);
  const foreign = rows.find((volume) => volume.container_id !== null);
  if (foreign !== undefined) throw await mountedElsewhere(trx, foreign);
}

/**
 * Sets the mounts of a container to exactly these, and releases all other volumes but those of its images. If one of
 * those is named, it becomes a volume like any other, which outlives the container.
 * @param held locked by `mountsLock`.
 * @throws DomainError if another container mounts one of them.
 */
export async function mountsWrite(
  trx: Trx,
  held: readonly HeldVolume[],
  containerId: number,
  mounts: readonly Mount[],
  now: Date,
): Promise<void> {
  const foreign = held.find(
    (volume) => volume.container_id !== null && volume.container_id !== containerId,
  );
  if (foreign !== undefined) throw await mountedElsewhere(trx, foreign);
  await sql`
    update volumes set
      container_id = case when wanted.id is null then null else ${containerId}::bigint end,
      mount_path = wanted.mount_path, of_image = false, updated_at = ${now}, revision = revision + 1
    from unnest(${held.map(({ id }) => id)}::bigint[]) as held(id)
    left join ${wantedRows(mounts)} on wanted.id = held.id
    where volumes.id = held.id and case when volumes.of_image then wanted.id is not null
      else volumes.mount_path is distinct from wanted.mount_path end
  `.execute(trx);
}

/**
 * Releases every volume of a container whose row is locked and gets deleted in this transaction. Those of its images
 * are deleted, and subtracted from the count of the org, whose row is locked.
 * @returns the deleted ones, by id. The caller records their deletion.
 */
export async function mountsRelease(
  trx: Trx,
  containerId: number,
  now: Date,
): Promise<{ id: number; name: string }[]> {
  const { rows } = await sql<{ id: number; name: string }>`
    with held as materialized (
      select id, org_id, name, size_gb, of_image from volumes where container_id = ${containerId} order by id for update
    ),
    released as (
      update volumes set container_id = null, mount_path = null, updated_at = ${now}, revision = revision + 1,
        deleted_at = case when held.of_image then ${now}::timestamptz end
      from held where volumes.id = held.id
    ),
    counted as (
      update orgs set volume_gb_count = volume_gb_count - gone.gb
      from (select org_id, sum(size_gb) as gb from held where of_image group by org_id) as gone
      where orgs.id = gone.org_id
    )
    select id, name from held where of_image order by id
  `.execute(trx);
  return rows;
}

function wantedRows(mounts: readonly Mount[]) {
  const paths = mounts.map((mount) => mount.mount_path);
  return sql`unnest(${mountIds(mounts)}::bigint[], ${paths}::text[]) as wanted(id, mount_path)`;
}

function mountIds(mounts: readonly Mount[]): number[] {
  return mounts.map((mount) => mount.volume);
}

function unknownRefuse(mounts: readonly Mount[], found: readonly { id: number }[]): void {
  const faults = unknownFaults(mounts, found);
  if (Object.keys(faults).length > 0) throw new InvalidInput(faults);
}

function unknownFaults(mounts: readonly Mount[], found: readonly { id: number }[]): FieldFaults {
  const known = new Set(found.map(({ id }) => id));
  const faults = mounts.flatMap((mount, index): [string, string[]][] =>
    known.has(mount.volume) ? [] : [[`volumes.${index}.volume`, [NO_SUCH_VOLUME]]],
  );
  return Object.fromEntries(faults);
}

async function mountedElsewhere(trx: Trx, volume: HeldVolume): Promise<DomainError> {
  const { id, name, container_id: container } = volume;
  const mounter = await mounterName(trx, container);
  return new DomainError(
    'volume_mounted',
    `The volume "${name}" is mounted in the container "${mounter}": detach it there, or delete that container, first.`,
    { volume: id, container },
  );
}

/** The name of the container that mounts a locked volume. */
export async function mounterName(trx: Trx, containerId: number | null): Promise<string> {
  const { name } = await trx
    .selectFrom('containers')
    .select('name')
    .where('id', '=', containerId)
    .executeTakeFirstOrThrow();
  return name;
}
