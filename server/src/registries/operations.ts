import { registryKey } from '@dollarbox/engines/image-reference';
import { DomainError, objectMissing } from '../base/domain-error.ts';
import type { OrgActor } from '../changes/actor.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import { changeRecord } from '../changes/record.ts';
import { containersRetryImages } from '../containers/retry-images.ts';
import type { Trx } from '../db/database.ts';
import { isForImage } from './rules.ts';
import type { RegistryCreate } from './schema.ts';
import * as store from './store.ts';

// The caller must hold the lock of the actor's org, because these operations count its credentials. Each throws
// DomainError.

type Deps = Pick<ChangeDeps, 'clock' | 'secrets'>;

const REGISTRIES_MAX = 20;

/** Creates a credential. Containers of the org whose images it is for, and could not be pulled, are tried again now. */
export async function registryCreate(
  trx: Trx,
  actor: OrgActor,
  input: RegistryCreate,
  { clock, secrets }: Deps,
): Promise<store.RegistryRow> {
  const orgId = actor.org.id;
  const { host, path_prefix: prefix = '' } = input;
  const at = clock.now();
  const row = await store.registryInsert(trx, secrets, orgId, input, at);
  if (row === null) {
    const where = prefix === '' ? `"${host}"` : `"${host}" and the path "${prefix}"`;
    throw new DomainError(
      'name_taken',
      `This org has a credential for ${where} already: delete that one first.`,
      { host, path_prefix: prefix },
    );
  }
  if (row.others >= REGISTRIES_MAX) {
    throw new DomainError(
      'quota_exceeded',
      `This would exceed your plan's limit of ${REGISTRIES_MAX} registries. You are using ${row.others}.`,
      { resource: 'registries', limit: REGISTRIES_MAX, current: row.others },
    );
  }
  await changeRecord(trx, actor, {
    at,
    orgId,
    action: 'registry.create',
    objectKind: 'registry',
    objectId: row.id,
    detail: { host, path_prefix: prefix, username: input.username, secret: '(changed)' },
  });
  const scope = { host_key: registryKey(host), path_prefix: prefix };
  await containersRetryImages(trx, orgId, (reference) => isForImage(scope, reference), at);
  return row;
}

/**
 * Deletes a credential. Images that pulls obtained with it may no longer be used for new versions of containers; what
 * runs keeps running.
 * @param input.precondition called with the credential's version before anything is written; throws to refuse.
 */
export async function registryDelete(
  trx: Trx,
  actor: OrgActor,
  input: { id: number; precondition?(version: typeof store.REGISTRY_VERSION): void },
  { clock }: Pick<Deps, 'clock'>,
): Promise<void> {
  const row = await store.registryLock(trx, actor.org.id, input.id);
  if (row === null) throw objectMissing();
  input.precondition?.(store.REGISTRY_VERSION);
  await store.registryRowDelete(trx, row.id);
  await changeRecord(trx, actor, {
    at: clock.now(),
    orgId: actor.org.id,
    action: 'registry.delete',
    objectKind: 'registry',
    objectId: row.id,
    detail: { host: row.host, path_prefix: row.path_prefix, username: row.username },
  });
}
