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
export const ANY_ORG: OrgPlaces = {
  perOrg: Infinity,
  held: new Map(),
  recent: new Set(),
  aside: Infinity,
};

/**
 * Chooses which due objects get the free places. Orgs take turns: the first place of one org comes before the second of
 * another. No org has more than {@link placesPerOrg}. At most `aside` places go to objects that are put aside, each after
 * the others of its org.
 * @param due at least the longest due objects of each org, in any order.
 */
export function orgTurnsChoose(
  due: readonly DueWork[],
  limit: number,
  orgPlaces: OrgPlaces,
): DueWork[] {
  if (due.length === 0) return [];
  const { held, aside } = orgPlaces;
  const most = placesPerOrg(due, orgPlaces);
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

/**
 * How many places each org may have. They are divided among the orgs that have work. Beside an org that does one thing at
 * a time, each has one: what that org asks for next would otherwise meet several turns of another that have just begun.
 */
function placesPerOrg(
  due: readonly DueWork[],
  { perOrg, held, recent }: Pick<OrgPlaces, 'perOrg' | 'held' | 'recent'>,
): number {
  const wanted = new Map<number, number>([...recent].map((orgId) => [orgId, 0]));
  for (const [orgId, count] of held) wanted.set(orgId, count);
  for (const { orgId } of due) wanted.set(orgId, (wanted.get(orgId) ?? 0) + 1);
  if (wanted.size <= 1) return perOrg;
  const isOneAtATime = [...wanted.values()].some((count) => count <= 1);
  return isOneAtATime ? 1 : Math.max(1, Math.floor(perOrg / wanted.size));
}

function byDueTime(a: DueWork, b: DueWork): number {
  return a.dueAt.getTime() - b.dueAt.getTime() || a.id - b.id;
}

/** The order within one org. */
function byTurn(a: DueWork, b: DueWork): number {
  return Number(isAside(a)) - Number(isAside(b)) || byDueTime(a, b);
}
