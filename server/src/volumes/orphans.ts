import { type Engine, EngineError } from '@dollarbox/engines/contract';
import { OPERATOR } from '../changes/actor.ts';
import { changeRecord } from '../changes/record.ts';
import type { Db } from '../db/database.ts';
import type { Clock } from '../base/system.ts';
import { DomainError } from '../base/domain-error.ts';

/** A volume on the engine that has no row. */
export interface VolumeOrphan {
  /** The engine's name for it. */
  ref: string;
  id: number;
  uid: string;
  org_id: number;
  /** null: the org no longer exists either. */
  org: string | null;
  /** null: not known. */
  used_bytes: number | null;
}

type VolumeEngine = Pick<Engine, 'volumes'>;

/**
 * Volumes that nobody can reach any more, and that the sweep never removes: each may be all that is left of a tenant's
 * data.
 * @throws DomainError if the engine does not answer.
 */
export async function volumeOrphansFind(db: Db, engine: VolumeEngine): Promise<VolumeOrphan[]> {
  // The table is read after the engine: an object on the engine had its row before it was created.
  const listings = await asked(engine.volumes.list());
  const rows = await db.selectFrom('volumes').select(['id', 'uid']).execute();
  const known = new Set(rows.map(({ id, uid }) => `${id} ${uid}`));
  const orgs = await db.selectFrom('orgs').select(['id', 'slug']).execute();
  const slugs = new Map(orgs.map(({ id, slug }) => [id, slug]));
  const orphans: VolumeOrphan[] = [];
  for (const { ref, id, uid, tenantId } of listings) {
    if (known.has(`${id} ${uid}`)) continue;
    const used = await engine.volumes.usedBytes(ref).catch(() => null);
    const org = slugs.get(tenantId) ?? null;
    orphans.push({ ref, id, uid, org_id: tenantId, org, used_bytes: used });
  }
  return orphans.toSorted((a, b) => a.id - b.id);
}

/**
 * Destroys a volume that has no row.
 * @param isConfirmed whether the operator confirmed this, knowing what gets destroyed.
 * @throws DomainError if the volume is not an orphan, or this is not confirmed.
 */
export async function volumeOrphanRemove(
  { db, engine, clock }: { db: Db; engine: VolumeEngine; clock: Clock },
  ref: string,
  isConfirmed: boolean,
): Promise<VolumeOrphan> {
  const orphan = (await volumeOrphansFind(db, engine)).find((each) => each.ref === ref);
  if (orphan === undefined) {
    throw new DomainError(
      'not_found',
      `"${ref}" is no volume without a row: see dollarbox-admin volume-orphans. One that has a row is deleted through the API.`,
    );
  }
  if (!isConfirmed) {
    throw new DomainError(
      'not_confirmed',
      `This would destroy ${orphanTell(orphan)}, for good: nobody could get it back. Nothing was done.`,
    );
  }
  await changeRecord(db, OPERATOR, {
    at: clock.now(),
    orgId: orphan.org_id,
    action: 'volume.orphan_remove',
    objectKind: 'volume',
    objectId: orphan.id,
    detail: { ref, uid: orphan.uid },
  });
  await asked(engine.volumes.remove(ref));
  return orphan;
}

/** Describes the data for a sentence. */
export function orphanTell({ id, org, org_id: orgId, used_bytes: used }: VolumeOrphan): string {
  const owner = org === null ? `an org that is no more (${orgId})` : `the org ${org}`;
  const size = used === null ? 'data of unknown size' : `${(used / 1e6).toFixed(1)} MB of data`;
  return `the volume ${id} of ${owner}, with ${size}`;
}

/** @throws DomainError with the engine's own message. */
async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    const message = `The engine can't do this now: ${error.message}`;
    throw new DomainError('engine_unavailable', message, {}, { cause: error });
  }
}
