import {
  type VolumeMount,
  type VolumeStorage,
  volumePathsUncovered,
} from '@dollarbox/engines/contract';
import { sql } from 'kysely';
import { OPERATOR } from '../changes/actor.ts';
import { createdRecord } from '../changes/record.ts';
import type { Db } from '../db/database.ts';
import type { KnownVolume } from './volume-block.ts';

/** The size of a volume that holds what an image declares as a `VOLUME`, in GB. */
export const IMAGE_VOLUME_GB = 1;

/** A volume for a `VOLUME` of an image. */
export interface ImageVolumeAsk {
  path: string;
  /** 16 letters a-z and digits, never used before. */
  uid: string;
}

/** What `imageVolumesAdd` did: the container's volumes, or why there are none. */
export type ImageVolumesAdded =
  | { outcome: 'added'; volumes: (KnownVolume & { mountPath: string })[] }
  | { outcome: 'no_room'; limit: number; current: number }
  /** There is no such container any more. */
  | { outcome: 'gone' };

export function imageVolumeName(uid: string): string {
  return `image-volume-${uid}`;
}

/** The message for a container whose image needs more room than the plan has. */
export function noRoomMessage(
  paths: readonly string[],
  { limit, current }: { limit: number; current: number },
): string {
  const [first = '', ...others] = paths;
  const also = others.length > 0 ? ` and ${others.length} more` : '';
  const gb = paths.length * IMAGE_VOLUME_GB;
  return `The image keeps data at ${first}${also} (VOLUME), which takes ${gb} GB of volumes. This would exceed your plan's limit of ${limit} GB of volumes. You are using ${current} GB. Delete a volume, or mount one of yours there.`;
}

/**
 * The mounts of a version on an image.
 * @param volumes the version's mounts.
 * @param paths the image's `VOLUME`s.
 * @param imageVolumes the volumes that the container has for such.
 * @returns `missing`: the paths for which there is no volume yet.
 */
export function mountsOnImage(
  volumes: readonly VolumeMount[],
  paths: readonly string[],
  imageVolumes: readonly VolumeMount[],
): { mounts: VolumeMount[]; missing: string[] } {
  const ofImages = new Set(imageVolumes.map(({ volume }) => volume.id));
  const own = volumes.filter(({ volume }) => !ofImages.has(volume.id));
  const uncovered = volumePathsUncovered(paths, own);
  const found = new Map(imageVolumes.map((mount) => [mount.mountPath, mount]));
  return {
    mounts: [...own, ...uncovered.flatMap((path) => found.get(path) ?? [])],
    missing: uncovered.filter((path) => !found.has(path)),
  };
}

/** `ContainerKindStore.imageVolumesAdd` in PostgreSQL. */
export async function imageVolumesAdd(
  db: Db,
  containerId: number,
  asks: readonly ImageVolumeAsk[],
  { storageClass, isSizeEnforced }: VolumeStorage,
  now: Date,
): Promise<ImageVolumesAdded> {
  return db.transaction().execute(async (trx) => {
    // In the order of all writes: the org, then the container.
    const { rows: orgs } = await sql<{ id: number; limit: number; current: number }>`
      select o.id, o.volume_gb_limit as limit, o.volume_gb_count as current
      from orgs as o join containers as c on c.org_id = o.id where c.id = ${containerId}
      for no key update of o`.execute(trx);
    const held = await trx
      .selectFrom('containers')
      .select('id')
      .where('id', '=', containerId)
      .where('deleted_at', 'is', null)
      .forNoKeyUpdate()
      .executeTakeFirst();
    const [org] = orgs;
    if (org === undefined || held === undefined) return { outcome: 'gone' };
    const there = await trx
      .selectFrom('volumes')
      .select('mount_path')
      .where('container_id', '=', containerId)
      .where('of_image', '=', true)
      .execute();
    const known = new Set(there.map((volume) => volume.mount_path));
    const missing = asks.filter(({ path }) => !known.has(path));
    const gb = missing.length * IMAGE_VOLUME_GB;
    if (org.current + gb > org.limit) {
      return { outcome: 'no_room', limit: org.limit, current: org.current };
    }
    await sql`
      with asked as (
        select ${now}::timestamptz as at, ${OPERATOR.userId}::bigint as user_id, ${OPERATOR.tokenId}::bigint as token_id,
          ${OPERATOR.requestId}::text as request_id, null::bigint as session_id, null::text as ip_address
      ),
      made as (
        insert into volumes (
          uid, org_id, name, size_gb, storage_class, size_enforced, container_id, mount_path, of_image,
          created_at, updated_at, attempt_at
        )
        select uid, ${org.id}, name, ${IMAGE_VOLUME_GB}, ${storageClass}, ${isSizeEnforced}::boolean, ${containerId}, path,
          true, at, at, at
        from asked cross join unnest(
          ${missing.map(({ uid }) => uid)}::text[], ${missing.map(({ path }) => path)}::text[],
          ${missing.map(({ uid }) => imageVolumeName(uid))}::text[]
        ) as wanted(uid, path, name)
        returning *
      ),
      counted as (
        update orgs set volume_gb_count = volume_gb_count + ${gb}::bigint where id = ${org.id}
      ),
      ${createdRecord('volume', sql`made cross join asked`)}
      select 1`.execute(trx);
    const volumes = await trx
      .selectFrom('volumes')
      .select(['id', 'uid', 'name', 'status', 'status_reason as statusReason', 'mount_path'])
      .where('container_id', '=', containerId)
      .where('of_image', '=', true)
      .orderBy('mount_path')
      .execute();
    return {
      outcome: 'added',
      volumes: volumes.map(({ id, uid, name, status, statusReason, mount_path: path }) => {
        const mountPath = path ?? '';
        return { id, uid, name, status, statusReason, mounter: 'own', mountPath };
      }),
    };
  });
}
