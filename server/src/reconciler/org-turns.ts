import { isAside } from './next-try.ts';
import type { WorkKind, OrgPlaces } from './store.ts';

/** A due object and its org. */
export interface DueWork {
  kind: WorkKind;
  id: number;
  orgId: number;
  dueAt: Date;
  /** As in a claim. */
  hangs: number;
}

/** No sharing: one org may take every place. */
export const ANY_ORG: OrgPlaces = { perOrg: Infinity, held: new Map(), aside: Infinity };

/**
 * Chooses which due objects get the free places. Orgs take turns: the first place of one org comes before the second of
 * another. `perOrg` places are divided among the orgs that have work, at least one each. So one org never has more than
 * `perOrg`, and has fewer as soon as another org needs the engine too. At most `aside` places go to objects that are put
 * aside, each after the others of its org.
 * @param due at least the longest due objects of each org, in any order.
 */
export function orgTurnsChoose(
  due: readonly DueWork[],
  limit: number,
  { perOrg, held, aside }: OrgPlaces,
): DueWork[] {
  const active = new Set([...held.keys(), ...due.map(({ orgId }) => orgId)]);
  const most = Math.max(1, Math.floor(perOrg / active.size));
  const places = new Map(held);
  const candidates: { work: DueWork; place: number }[] = [];
  for (const work of due.toSorted(byTurn)) {
    const place = (places.get(work.orgId) ?? 0) + 1;
    places.set(work.orgId, place);
    if (place <= most) candidates.push({ work, place });
  }
  let asideLeft = aside;
  return candidates
    .toSorted((a, b) => a.place - b.place || byDueTime(a.work, b.work))
    .filter(({ work }) => !isAside(work) || (asideLeft -= 1) >= 0)
    .slice(0, limit)
    .map(({ work }) => work);
}

function byDueTime(a: DueWork, b: DueWork): number {
  return a.dueAt.getTime() - b.dueAt.getTime() || a.id - b.id;
}

/** The order within one org. */
function byTurn(a: DueWork, b: DueWork): number {
  return Number(isAside(a)) - Number(isAside(b)) || byDueTime(a, b);
}
