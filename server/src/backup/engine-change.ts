import type { Engine, VolumeStorage } from '@dollarbox/engines/contract';
import { sql } from 'kysely';
import { ADDRESS_OFFSET } from '../containers/insert.ts';
import type { Trx } from '../db/database.ts';

/** The engine that a restore brings everything to, if it is of another kind than that of the backup. */
export interface NewEngine {
  addressing: Engine['addressing'];
  storage: VolumeStorage;
}

/**
 * Makes the rows fit an engine that has none of the containers: each is started as it is desired, as if it had just been
 * created, and gets an address there. Volumes keep their data's identity, and are stored as the engine stores new ones.
 */
export async function engineChange(
  trx: Trx,
  { addressing, storage }: NewEngine,
  now: Date,
): Promise<void> {
  const isGiven = addressing === 'given';
  await sql`
    update containers set
      ipv6_address = (
        select host(ipv6_subnet)::inet + containers.id + ${ADDRESS_OFFSET}::bigint from orgs
        where orgs.id = org_id and ${isGiven}::boolean
      ),
      observed_generation = 0, applied_sealed = null, applied_ref = null, attempt_at = ${now},
      status = case when status = 'stopped' then status else 'pending' end,
      status_reason = case when status = 'stopped' then status_reason end,
      status_message = case when status = 'stopped' then status_message end,
      status_since = ${now}, warnings = '[]', next_retry_at = null,
      pull_started_at = null, pull_retries = 0, pull_again_at = null, restart_at = null, restart_ref = null,
      stop_ref = null, stop_requested_at = null,
      exit_times = '{}', exit_ref = null, exit_count = 0, exit_finished_at = null,
      revision = revision + 1
  `.execute(trx);
  await trx
    .updateTable('volumes')
    .set((eb) => ({
      storage_class: storage.storageClass,
      size_enforced: storage.isSizeEnforced,
      used_bytes: null,
      attempt_at: now,
      revision: eb('revision', '+', 1),
    }))
    .execute();
  await trx
    .updateTable('installation')
    .set({
      addresses_given: isGiven,
      isolation: null,
      volume_storage_class: storage.storageClass,
      volume_size_enforced: storage.isSizeEnforced,
    })
    .execute();
}

/** The objects that hold the data of volumes now, by the volumes' uids. */
export async function volumesPlace(trx: Trx, refs: ReadonlyMap<string, string>): Promise<void> {
  for (const [uid, ref] of refs) {
    await trx.updateTable('volumes').set({ ref }).where('uid', '=', uid).execute();
  }
}
