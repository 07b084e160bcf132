import { sql } from 'kysely';
import type { Db } from '../db/database.ts';
import type { Mount } from '../db/types.ts';
import { ApiError, type FieldFaults, validationError } from '../errors.ts';
import type { Trx } from '../http/write.ts';
import { NO_SUCH_VOLUME } from './mount-rules.ts';

/** A live volume that a list of mounts names, or that the container has. */
export interface HeldVolume {
  id: number;
  name: string;
  container_id: number | null;
}

/** @throws ApiError 400 when a mount names a volume that the org does not have. */
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
 * Holds, until the transaction ends, the volumes that these mounts name and those that the container has. Always in
 * the same order, so that nobody who does the same waits for who waits for them.
 * @returns a fault for each mount that names a volume which the org does not have, too.
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
 * Gives a container that was just made its volumes. Holds them as `mountsLock` does.
 * @throws ApiError 400 when the org does not have one of them, 409 when another container has: what was written has to
 * be undone then.
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
 * Makes the mounts of a container just these: what it has no more is let go.
 * @param held by `mountsLock`.
 * @throws ApiError 409 when another container has one of them.
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
      mount_path = wanted.mount_path, updated_at = ${now}, revision = revision + 1
    from unnest(${held.map(({ id }) => id)}::bigint[]) as held(id)
    left join ${wantedRows(mounts)} on wanted.id = held.id
    where volumes.id = held.id and volumes.mount_path is distinct from wanted.mount_path
  `.execute(trx);
}

/** Lets go of all that a container has, whose row is held and is deleted in this transaction. */
export async function mountsRelease(trx: Trx, containerId: number, now: Date): Promise<void> {
  await sql`
    with held as materialized (
      select id from volumes where container_id = ${containerId} order by id for update
    )
    update volumes set container_id = null, mount_path = null, updated_at = ${now}, revision = revision + 1
    from held where volumes.id = held.id
  `.execute(trx);
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
  if (Object.keys(faults).length > 0) throw validationError(faults);
}

function unknownFaults(mounts: readonly Mount[], found: readonly { id: number }[]): FieldFaults {
  const known = new Set(found.map(({ id }) => id));
  const faults = mounts.flatMap((mount, index): [string, string[]][] =>
    known.has(mount.volume) ? [] : [[`volumes.${index}.volume`, [NO_SUCH_VOLUME]]],
  );
  return Object.fromEntries(faults);
}

async function mountedElsewhere(trx: Trx, volume: HeldVolume): Promise<ApiError> {
  const { id, name, container_id: container } = volume;
  const mounter = await mounterName(trx, container);
  return new ApiError(
    'conflict',
    `The volume "${name}" is mounted in the container "${mounter}": detach it there, or delete that container, first.`,
    { detail: { volume: id, container } },
  );
}

/** The name of the container that mounts a volume which is held. */
export async function mounterName(trx: Trx, containerId: number | null): Promise<string> {
  const { name } = await trx
    .selectFrom('containers')
    .select('name')
    .where('id', '=', containerId)
    .executeTakeFirstOrThrow();
  return name;
}
