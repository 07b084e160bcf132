/** What counts for the choice of orgs loses this share with each addition. */
const DECAY = 0.1;
/** Below this, an org is forgotten. */
const SCORE_MIN = 1e-6;

/** The largest values by org, and the sum of the others. */
export interface Top {
  named: ReadonlyMap<number, number>;
  others: number;
}

/** @returns the `count` largest of the values, and the sum of the others. */
export function topOf(values: ReadonlyMap<number, number>, count: number): Top {
  const sorted = [...values].toSorted(([a, x], [b, y]) => y - x || a - b);
  return {
    named: new Map(sorted.slice(0, count)),
    others: sorted.slice(count).reduce((sum, [, value]) => sum + value, 0),
  };
}

/**
 * A counter of which only the orgs that use the most have their own series. What others use is added to a common one,
 * so that no series ever decreases. An org that comes among the first begins at 0, as after a restart.
 */
export interface BoundedCounter {
  /** @param grown by org, not negative. */
  add(grown: ReadonlyMap<number, number>): void;
  read(): Top;
}

/** @param count how many orgs have their own series. */
export function boundedCounterCreate(count: number): BoundedCounter {
  const scores = new Map<number, number>();
  const named = new Map<number, number>();
  let others = 0;
  return {
    add(grown) {
      for (const [org, score] of scores) {
        const left = score * (1 - DECAY);
        if (left < SCORE_MIN) scores.delete(org);
        else scores.set(org, left);
      }
      for (const [org, value] of grown) {
        if (value > 0) scores.set(org, (scores.get(org) ?? 0) + value);
      }
      const first = topOf(scores, count).named;
      for (const org of named.keys()) if (!first.has(org)) named.delete(org);
      for (const [org, value] of grown) {
        if (first.has(org)) named.set(org, (named.get(org) ?? 0) + value);
        else others += value;
      }
    },
    read: () => ({ named, others }),
  };
}
