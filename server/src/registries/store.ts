import { registryKey } from '@dollarbox/engines/image-reference';
import { sql } from 'kysely';
import type { SecretBox } from '../base/secrets.ts';
import type { Db, Trx } from '../db/database.ts';
import { pageRead } from '../db/page-read.ts';
import type { Page, PageRequest } from '../db/page.ts';
import type { Registry, RegistryCreate } from './schema.ts';

/** A row as the API shows it. */
export interface RegistryRow {
  id: number;
  org_id: number;
  host: string;
  path_prefix: string;
  username: string;
  secret_fingerprint: string;
  created_at: Date;
}

const SHOWN = [
  'id',
  'org_id',
  'host',
  'path_prefix',
  'username',
  'secret_fingerprint',
  'created_at',
] as const;

/** Secrets are sealed for their org: bytes that are moved to another org's row can't be opened there. */
const secretPurpose = (orgId: number) => `registries.secret ${orgId}`;

export function registrySecretOpen(secrets: SecretBox, orgId: number, sealed: Buffer): string {
  return secrets.open(secretPurpose(orgId), sealed);
}

export function registryShow(row: RegistryRow, orgSlug: string): Registry {
  return {
    id: row.id,
    org: orgSlug,
    host: row.host,
    path_prefix: row.path_prefix,
    username: row.username,
    secret_fingerprint: row.secret_fingerprint,
    created_at: row.created_at.toISOString(),
  };
}

/** It never changes. */
export const REGISTRY_VERSION = { generation: 1, revision: 1 };

/**
 * Inserts a credential. The caller holds the org's lock.
 * @returns it, with the number of credentials that the org had before; null if it has one for this host and prefix.
 */
export async function registryInsert(
  trx: Trx,
  secrets: SecretBox,
  orgId: number,
  { host, path_prefix: pathPrefix = '', username, secret }: RegistryCreate,
  at: Date,
): Promise<(RegistryRow & { others: number }) | null> {
  const row = await trx
    .insertInto('registries')
    .values({
      org_id: orgId,
      host,
      host_key: registryKey(host),
      path_prefix: pathPrefix,
      username,
      secret_sealed: secrets.seal(secretPurpose(orgId), secret),
      secret_fingerprint: secrets.digest(secretPurpose(orgId), secret).toString('hex'),
      created_at: at,
    })
    .onConflict((conflict) => conflict.columns(['org_id', 'host_key', 'path_prefix']).doNothing())
    .returning(SHOWN)
    .returning(
      // A statement does not see the row that it inserts.
      sql<number>`(select count(*)::int from registries where org_id = ${orgId})`.as('others'),
    )
    .executeTakeFirst();
  return row ?? null;
}

/** A page of the credentials of these orgs, newest first. */
export async function registryList(
  db: Db,
  orgIds: readonly number[],
  request: PageRequest,
): Promise<Page<RegistryRow>> {
  return pageRead<RegistryRow>(db, {
    ...{ table: 'registries', columns: SHOWN, orgIds, where: [], request },
  });
}

/** A credential of one of these orgs. */
export async function registryRead(
  db: Db,
  orgIds: readonly number[],
  id: number,
): Promise<RegistryRow | null> {
  if (orgIds.length === 0) return null;
  const row = await db
    .selectFrom('registries')
    .select(SHOWN)
    .where('id', '=', id)
    .where('org_id', 'in', orgIds)
    .executeTakeFirst();
  return row ?? null;
}

/** A credential, locked for its deletion. */
export async function registryLock(
  trx: Trx,
  orgId: number,
  id: number,
): Promise<RegistryRow | null> {
  const row = await trx
    .selectFrom('registries')
    .select(SHOWN)
    .where('id', '=', id)
    .where('org_id', '=', orgId)
    .forUpdate()
    .executeTakeFirst();
  return row ?? null;
}

/** Deletes a credential, and the rights to the images that pulls obtained with it. */
export async function registryRowDelete(trx: Trx, id: number): Promise<void> {
  await trx.deleteFrom('registries').where('id', '=', id).execute();
}
