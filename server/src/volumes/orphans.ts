import { type Engine, EngineError } from '@dollarbox/engines/contract';
import { auditRow } from '../audit/store.ts';
import type { Db } from '../db/database.ts';
import type { Clock } from '../deps.ts';
import { OperatorError } from '../errors.ts';

/** A volume that the engine has, and no row tells of. */
export interface VolumeOrphan {
  /** The engine's name for it. */
  ref: string;
  id: number;
  uid: string;
  org_id: number;
  /** null: the org is no more, either. */
  org: string | null;
  /** null: it can't be told. */
  used_bytes: number | null;
}

type VolumeEngine = Pick<Engine, 'volumes'>;

/**
 * What nobody can reach any more, and the sweep never removes: it may be all that is left of somebody's data.
 * @throws OperatorError when the engine can't be asked.
 */
export async function volumeOrphansFind(db: Db, engine: VolumeEngine): Promise<VolumeOrphan[]> {
  // The table is read after the engine: what is seen there had its row before it was made.
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
 * Destroys a volume that no row tells of.
 * @param isConfirmed whether the operator has said so, knowing what is destroyed.
 * @throws OperatorError when it is not one, or is not confirmed.
 */
export async function volumeOrphanRemove(
  { db, engine, clock }: { db: Db; engine: VolumeEngine; clock: Clock },
  ref: string,
  isConfirmed: boolean,
): Promise<VolumeOrphan> {
  const orphan = (await volumeOrphansFind(db, engine)).find((each) => each.ref === ref);
  if (orphan === undefined) {
    throw new OperatorError(
      `"${ref}" is no volume without a row: see dollarbox-admin volume-orphans. One that has a row is deleted through the API.`,
    );
  }
  if (!isConfirmed) {
    throw new OperatorError(
      `This would destroy ${orphanTell(orphan)}, for good: nobody could get it back. Nothing was done; repeat it with --yes if that is what you want.`,
    );
  }
  const by = { orgId: orphan.org_id, userId: null, tokenId: null, requestId: null };
  const what = { action: 'volume.orphan_remove', objectKind: 'volume', objectId: orphan.id };
  await db
    .insertInto('audit_log')
    .values(auditRow({ at: clock.now(), ...by, ...what, detail: { ref, uid: orphan.uid } }))
    .execute();
  await asked(engine.volumes.remove(ref));
  return orphan;
}

/** Which data that is, for a sentence. */
export function orphanTell({ id, org, org_id: orgId, used_bytes: used }: VolumeOrphan): string {
  const owner = org === null ? `an org that is no more (${orgId})` : `the org ${org}`;
  const size = used === null ? 'data of unknown size' : `${(used / 1e6).toFixed(1)} MB of data`;
  return `the volume ${id} of ${owner}, with ${size}`;
}

/** @throws OperatorError with the engine's own sentence. */
async function asked<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    throw new OperatorError(`The engine can't do this now: ${error.message}`, { cause: error });
  }
}
