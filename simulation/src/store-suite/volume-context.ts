// What the tests of volumes share.
import assert from 'node:assert/strict';
import type { VolumeState } from '../../../server/src/volumes/plan.ts';
import type { StoredVolume, StoredWork } from '../stores/desire-store.ts';
import { AT_REST, type StoreContext, at } from './context.ts';

/** What a turn finds out about a volume that is in order. */
export const BOUND = {
  status: 'bound',
  ref: 'v-1',
  storageClass: 'x',
  isSizeEnforced: true,
} as const;

export const mount = (id: number, path = '/data') => ({ volume: id, mount_path: path });

/** What tests of volumes need besides the suite's context. */
export function volumeContext(context: () => StoreContext) {
  let serial = 0;

  async function volume(now = at(0), orgId = context().orgId): Promise<number> {
    const desired = { name: `v${(serial += 1)}`, size_gb: 1 };
    const made = await context().whole.desire.volumeCreate(orgId, desired, now);
    return made.outcome === 'created' ? made.id : assert.fail(made.outcome);
  }
  async function stored(id: number): Promise<StoredVolume> {
    return (await context().whole.snapshot()).volumes.get(id) ?? assert.fail(`no volume ${id}`);
  }
  async function work(id: number): Promise<StoredWork> {
    return (await context().whole.snapshot()).volumeWork.get(id) ?? assert.fail(`no work ${id}`);
  }
  /** Records of a volume that is due alone. */
  async function record(id: number, change: Partial<VolumeState>, now = at(1)): Promise<void> {
    const { whole, worker, claim } = context();
    const held = await claim(await worker(), now);
    assert.deepEqual([held.kind, held.id], ['volume', id]);
    const { state } = await stored(id);
    await whole.store.volumeRecord(held, state, { ...state, ...change }, now, AT_REST);
  }
  async function gbCount(): Promise<number | undefined> {
    const { orgs } = await context().whole.snapshot();
    return orgs.find((org) => org.id === context().orgId)?.volumeGbCount;
  }
  return { volume, stored, work, record, gbCount };
}
