import type { ContainerListing } from '@dollarbox/engines/contract';
import { failpoint } from '../base/failpoints.ts';
import { orphanRemove } from '../reconciler/orphan-remove.ts';
import type { ContainerKindDeps, ContainerSweepRow } from './kind-store.ts';

/** How many of the containers that a sweep found are named in the log. */
const DRIFT_NAMED = 20;

/**
 * Compares the engine with the table, both ways. A row that differs from the engine is made due; an object of ours
 * without a row is removed, as is one beside the object that its row has. The table is read after the engine: an object on the engine had its row before it was
 * created, so if it has no row now, the row was deleted.
 */
export async function containerSweep(deps: ContainerKindDeps): Promise<void> {
  const listings = await deps.engine.containers.list();
  failpoint('sweep.listed');
  const rows = await deps.store.containerSweepRows();
  const byId = Map.groupBy(listings, ({ id }) => id);
  const known = new Set(rows.map((row) => row.id));

  const now = deps.clock.now();
  /** Objects beside the one that was applied. */
  const extra: ContainerListing[] = [];
  const differing: { container: number; drift: string }[] = [];
  for (const row of rows) {
    const objects = byId.get(row.id) ?? [];
    const own = objects.find(({ ref }) => ref === row.appliedRef);
    if (own !== undefined && !row.isHeld) extra.push(...objects.filter((each) => each !== own));
    const drift = driftOf(row, own ?? objects[0], now);
    if (drift === null) continue;
    deps.metrics.driftFound.inc({ kind: 'container', drift });
    differing.push({ container: row.id, drift });
    await (isEnd(drift) ? deps.store.workWake : deps.store.workHint)('container', row.id, now);
    deps.signal.notify();
  }
  if (differing.length > 0) {
    // After a restart of the engine that is every container: log one line.
    const first = differing.slice(0, DRIFT_NAMED);
    deps.log.warn(
      { count: differing.length, first },
      'the sweep found containers that differ, and has them put right',
    );
  }
  for (const listing of listings) {
    if (!known.has(listing.id)) await surplusRemove(deps, listing, 'orphan');
  }
  for (const listing of extra) await surplusRemove(deps, listing, 'extra');
}

/**
 * Removes an object that no row has: its row is gone (`orphan`), or its row has another object, and somebody made this
 * one with our marks on it (`extra`).
 */
async function surplusRemove(
  deps: ContainerKindDeps,
  { id, ref }: ContainerListing,
  drift: 'orphan' | 'extra',
): Promise<void> {
  deps.metrics.driftFound.inc({ kind: 'container', drift });
  const which = drift === 'orphan' ? 'a container without a row' : 'a second object of a container';
  deps.log.warn({ container: id, ref }, `the sweep removes ${which}`);
  failpoint('sweep.orphan.before');
  await orphanRemove(deps, { ref }, () => deps.engine.containers.end(ref, 0));
  failpoint('sweep.orphan.after');
}

/** How a row and the engine differ; null if they agree, or the row has its turn now. */
function driftOf(
  row: ContainerSweepRow,
  listing: ContainerListing | undefined,
  now: Date,
): string | null {
  if (row.isHeld || row.isDeleted) return null;
  if (row.dueAt !== null && row.dueAt <= now) return null;
  if (row.appliedRef === null) {
    // Started by a worker that had not noticed the stop.
    return row.status === 'stopped' && listing !== undefined ? 'unwanted' : null;
  }
  // A container that is reported as not running waits for the time of its restart.
  if (row.status !== 'running' && row.dueAt !== null) return null;
  if (listing === undefined) return 'missing';
  if (listing.ref !== row.appliedRef) return 'replaced';
  if (listing.specHash === '') return 'edited';
  if (row.status !== 'running') return null;
  if (listing.state !== 'running') return 'down';
  if (!listing.connected) return 'disconnected';
  if (row.ipv6Address === null && listing.ipv6Address !== null) return 'addressed';
  // The engine restarted it by itself.
  const counted = row.exitRef === listing.ref ? row.exitCount : 0;
  if ((listing.exitCount ?? 0) > counted) return 'exited';
  return row.isUnknown ? 'unknown' : null;
}

/**
 * Whether a process has ended that was reported as running. Like the engine's own report of an end, it skips all
 * delays.
 */
function isEnd(drift: string): boolean {
  return drift === 'missing' || drift === 'down';
}

/** Removes images from the engine that no container uses, if we pulled them. */
export async function imageSweep(deps: ContainerKindDeps): Promise<void> {
  const removed = await deps.engine.images.collect(() => deps.store.containerImages());
  if (removed.length > 0) deps.log.info({ images: removed }, 'unused images were removed');
}
