import type { Db } from '../db/database.ts';
import { serviceUnavailable } from '../errors.ts';

/** What this installation is, and what it has found out about its engine. */
export interface Installation {
  id: string;
  /** A random CIDR of its own, of which each org gets a /64. */
  ipv6_prefix: string;
  /** The operator's, of which new orgs get theirs instead. */
  ipv6_routed_prefix: string | null;
  key_check: Buffer | null;
  isolation: 'isolated' | 'weak' | 'unknown' | null;
  storage_low: boolean;
}

export async function installationRead(db: Db): Promise<Installation> {
  return db
    .selectFrom('installation')
    .select(['id', 'ipv6_prefix', 'ipv6_routed_prefix', 'key_check', 'isolation', 'storage_low'])
    .executeTakeFirstOrThrow();
}

/** Records a finding; an equal one writes nothing. */
export async function installationUpdate(
  db: Db,
  found: Partial<Pick<Installation, 'key_check' | 'isolation' | 'storage_low'>>,
): Promise<void> {
  const now = await installationRead(db);
  const changed = Object.entries(found).some(
    ([key, value]) => now[key as keyof Installation] !== value,
  );
  if (changed) await db.updateTable('installation').set(found).execute();
}

/** @throws ApiError 503 while there is little room left: what runs goes on, and nothing new is taken. */
export async function storageRequire(db: Db, kind: 'containers' | 'volumes'): Promise<void> {
  const { storage_low } = await installationRead(db);
  if (!storage_low) return;
  throw serviceUnavailable(
    `The host has little disk space left and takes no new ${kind}: try again later.`,
  );
}
