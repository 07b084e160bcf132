import type { OrgActor } from '../changes/actor.ts';
import { changeRecord } from '../changes/record.ts';
import type { Trx } from '../db/database.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { DomainError, contended, objectMissing } from '../base/domain-error.ts';
import { storageRequire, volumeStorageRequire } from '../installation/store.ts';
import { removalRoomRequire } from '../orgs/removals.ts';
import { orgVolumeRoomRequire } from '../orgs/store.ts';
import { mounterName } from './mounts.ts';
import { volumeUidCreate } from './uid.ts';
import type { VolumeCreate } from './schema.ts';
import * as store from './store.ts';

// The caller must hold the lock of the actor's org, because these operations count its GB. Each throws DomainError.

type Deps = Pick<ChangeDeps, 'clock' | 'random'>;

/** How often a create is tried if its conflict has disappeared when the operation looks for it. */
const CREATE_ATTEMPTS = 5;

/** Creates an empty volume. */
export async function volumeCreate(
  trx: Trx,
  actor: OrgActor,
  desired: VolumeCreate,
  { clock, random }: Deps,
): Promise<store.VolumeRow> {
  const uid = volumeUidCreate(random);
  for (let attempt = 1; attempt <= CREATE_ATTEMPTS; attempt += 1) {
    const row = await store.volumeInsert(trx, actor, desired, uid, clock.now());
    if (row !== null) return row;
    await roomRequire(trx, actor.org.id, desired);
  }
  throw contended();
}

/**
 * Deletes a volume that no container mounts. Deletion is a desired state: the row disappears from the API and the quota
 * now, and from the table when the engine has confirmed the removal.
 * @param input.precondition called with the current volume before anything is written; throws to refuse.
 */
export async function volumeDelete(
  trx: Trx,
  actor: OrgActor,
  input: { id: number; precondition?(row: store.VolumeRow): void },
  { clock }: Pick<Deps, 'clock'>,
): Promise<void> {
  const row = await store.volumeLock(trx, actor.org.id, input.id);
  if (row === null) throw objectMissing();
  input.precondition?.(row);
  if (row.container_id !== null) {
    const name = await mounterName(trx, row.container_id);
    const message = row.of_image
      ? `This volume holds the data of the container "${name}" at ${row.mount_path}, a VOLUME of its image: it is deleted with that container.`
      : `The container "${name}" mounts this volume: detach it there, or delete that container, first.`;
    throw new DomainError('volume_mounted', message, { container: row.container_id, name });
  }
  const at = clock.now();
  await store.volumeRowDelete(trx, row, at);
  await volumeDeletionRecord(trx, actor, row.id, row.name, at);
}

/** Records the deletion of a volume whose row is marked as deleted. */
export async function volumeDeletionRecord(
  trx: Trx,
  actor: OrgActor,
  id: number,
  name: string,
  at: Date,
): Promise<void> {
  await changeRecord(trx, actor, {
    at,
    orgId: actor.org.id,
    action: 'volume.delete',
    objectKind: 'volume',
    objectId: id,
    detail: { name },
    wakes: 'volume',
  });
}

/** Reports the conflict of a create, if it still exists: a taken name before a full quota. */
async function roomRequire(
  trx: Trx,
  orgId: number,
  { name, size_gb: sizeGb }: VolumeCreate,
): Promise<void> {
  if (await store.volumeNameIsTaken(trx, orgId, name)) {
    throw new DomainError(
      'name_taken',
      `This org has a volume named "${name}" already: choose another name or delete that one.`,
      { name },
    );
  }
  await orgVolumeRoomRequire(trx, orgId, sizeGb);
  await removalRoomRequire(trx, orgId, 'volumes');
  await storageRequire(trx, 'volumes');
  await volumeStorageRequire(trx);
}
