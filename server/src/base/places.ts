/** What may go on at once, and how often: a key and its limit. */
export type PlaceLimit = readonly [key: string, limit: number];

/** Counts what goes on at once, by keys. */
export interface Places {
  /**
   * Takes a place of each key.
   * @returns the key that has none left, or null. Then all of them must be released.
   */
  take(limits: readonly PlaceLimit[]): string | null;
  release(limits: readonly PlaceLimit[]): void;
}

export function placesCreate(): Places {
  const counts = new Map<string, number>();
  return {
    take(limits) {
      const full = limits.find(([key, limit]) => (counts.get(key) ?? 0) >= limit);
      if (full !== undefined) return full[0];
      for (const [key] of limits) counts.set(key, (counts.get(key) ?? 0) + 1);
      return null;
    },
    release(limits) {
      for (const [key] of limits) {
        const left = (counts.get(key) ?? 1) - 1;
        if (left === 0) counts.delete(key);
        else counts.set(key, left);
      }
    },
  };
}
