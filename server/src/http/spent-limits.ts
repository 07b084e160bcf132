/** A limit that a caller has used up. */
interface SpentLimit {
  policy: string;
  max: number;
  /** When the caller may go on. */
  endsAtMs: number;
}

/** The limits that callers of this process have used up, by the caller. */
interface SpentLimits {
  add(caller: string, limit: SpentLimit): void;
  /** @returns null if the caller may go on. */
  get(caller: string, nowMs: number): SpentLimit | null;
}

/** @param max how many are remembered. One that is forgotten is found out again by counting. */
export function spentLimitsCreate(max: number): SpentLimits {
  const limits = new Map<string, SpentLimit>();
  return {
    add(caller, limit) {
      if (limits.size >= max) limits.clear();
      limits.set(caller, limit);
    },
    get(caller, nowMs) {
      const limit = limits.get(caller);
      if (limit === undefined) return null;
      if (limit.endsAtMs > nowMs) return limit;
      limits.delete(caller);
      return null;
    },
  };
}
