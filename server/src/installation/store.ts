import type { Db } from '../db/database.ts';
import { DomainError } from '../base/domain-error.ts';

/** The identity of this installation, and its findings about the engine. */
export interface Installation {
  id: string;
  /** The installation's random CIDR. Each org gets a /64 from it. */
  ipv6_prefix: string;
  /** The operator's prefix. If set, new orgs get their networks from it instead. */
  ipv6_routed_prefix: string | null;
  key_check: Buffer | null;
  isolation: 'isolated' | 'weak' | 'unknown' | null;
  storage_low: boolean;
  /** Whether the engine is given the addresses of containers; otherwise it assigns them. */
  addresses_given: boolean;
  /** How new volumes are stored, as the process with the engine last recorded it; null: not yet. */
  volume_storage_class: string | null;
  volume_size_enforced: boolean | null;
}

const COLUMNS = [
  'id',
  'ipv6_prefix',
  'ipv6_routed_prefix',
  'key_check',
  'isolation',
  'storage_low',
  'addresses_given',
  'volume_storage_class',
  'volume_size_enforced',
] as const satisfies (keyof Installation)[];

type Findings = Omit<Installation, 'id' | 'ipv6_prefix' | 'ipv6_routed_prefix'>;

export async function installationRead(db: Db): Promise<Installation> {
  return db.selectFrom('installation').select(COLUMNS).executeTakeFirstOrThrow();
}

/** Records a finding. If nothing changed, nothing is written. */
export async function installationUpdate(db: Db, found: Partial<Findings>): Promise<void> {
  const now = await installationRead(db);
  const changed = Object.entries(found).some(
    ([key, value]) => now[key as keyof Installation] !== value,
  );
  if (changed) await db.updateTable('installation').set(found).execute();
}

/** @throws DomainError if the host is low on disk space. Running objects keep running, but no new ones are accepted. */
export async function storageRequire(db: Db, kind: 'containers' | 'volumes'): Promise<void> {
  const { storage_low } = await installationRead(db);
  if (!storage_low) return;
  throw new DomainError(
    'storage_low',
    `The host has little disk space left and takes no new ${kind}: try again later.`,
  );
}

/** @throws DomainError until a process that has the engine has recorded how it stores volumes. */
export async function volumeStorageRequire(db: Db): Promise<void> {
  const { volume_storage_class: storageClass } = await installationRead(db);
  if (storageClass !== null) return;
  throw new DomainError(
    'storage_unknown',
    'It is not known yet how the host stores volumes: try again in a moment.',
  );
}
