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
  begunAt: new Map(),
  endedAt: new Map(),
  aside: Infinity,
};

/** An org with at most so much to do has little: a container in place of another, or with its volume. */
const LITTLE = 2;

/**
 * Chooses which due objects get the free places. Orgs take turns: the first place of one org comes before the second of
 * another. No org has more places than its share, and one with much to do lets a turn of an org with little end first. At
 * most `aside` places go to objects that are put aside, each after the others of its org.
 * @param due at least the longest due objects of each org, in any order.
 */
export function orgTurnsChoose(
  due: readonly DueWork[],
  limit: number,
  orgPlaces: OrgPlaces,
): DueWork[] {
  if (due.length === 0) return [];
  const { held, aside } = orgPlaces;
  const most = sharesOf(due, orgPlaces);
  const places = new Map(held);
  const candidates: { work: DueWork; place: number }[] = [];
  for (const work of due.toSorted(byTurn)) {
    const place = (places.get(work.orgId) ?? 0) + 1;
    places.set(work.orgId, place);
    if (place <= (most.get(work.orgId) ?? 0)) candidates.push({ work, place });
  }
  let asideLeft = aside;
  return candidates
    .toSorted((a, b) => a.place - b.place || byDueTime(a.work, b.work))
    .filter(({ work }) => !isAside(work) || (asideLeft -= 1) >= 0)
    .slice(0, limit)
    .map(({ work }) => work);
}

/**
 * How many places each org may have. They are divided among the orgs that have work. Beside one that has little to do, an org
 * with much has one, and half of them while the other has just done something: what that asks for next would otherwise meet
 * several turns that have just begun.
 */
function sharesOf(due: readonly DueWork[], orgPlaces: OrgPlaces): Map<number, number> {
  const { perOrg, held, recent } = orgPlaces;
  const wanted = new Map(held);
  for (const { orgId } of due) wanted.set(orgId, (wanted.get(orgId) ?? 0) + 1);
  const little = [...wanted].flatMap(([orgId, count]) => (count <= LITTLE ? [orgId] : []));
  const isOtherRecent = [...recent].some((orgId) => !wanted.has(orgId));
  const divided = Math.max(1, Math.floor(perOrg / wanted.size));
  const half = Math.max(1, Math.floor(perOrg / 2));
  const much = isOtherRecent ? Math.min(divided, half) : divided;
  const shares = new Map<number, number>();
  for (const [orgId, count] of wanted) {
    if (count <= LITTLE) shares.set(orgId, divided);
    else if (little.length === 0) shares.set(orgId, much);
    else shares.set(orgId, isWaiting(orgId, due, little, orgPlaces) ? 0 : 1);
  }
  return shares;
}

/**
 * Whether an org with much to do lets turns of others end first: those that were under way when its own last turn ended, or
 * when it got something to do. They have shared the engine with it already. Turns that began later don't count, so that it
 * waits for a bounded time however many others there are.
 */
function isWaiting(
  orgId: number,
  due: readonly DueWork[],
  little: readonly number[],
  { begunAt, endedAt }: OrgPlaces,
): boolean {
  let readyMs = Infinity;
  for (const work of due) {
    if (work.orgId === orgId) readyMs = Math.min(readyMs, work.dueAt.getTime());
  }
  readyMs = Math.max(readyMs, endedAt.get(orgId)?.getTime() ?? 0);
  return little.some((other) => (begunAt.get(other)?.getTime() ?? Infinity) <= readyMs);
}

function byDueTime(a: DueWork, b: DueWork): number {
  return a.dueAt.getTime() - b.dueAt.getTime() || a.id - b.id;
}

/** The order within one org. */
function byTurn(a: DueWork, b: DueWork): number {
  return Number(isAside(a)) - Number(isAside(b)) || byDueTime(a, b);
}
