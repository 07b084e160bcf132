/** Tracks which containers wait for another's end to get its name. They get a hint when it is gone. */
export interface NameWaiters {
  add(holderId: number, waiterId: number): void;
  /** @returns the containers that waited for this one, and forgets them. */
  take(holderId: number): number[];
}

export function nameWaitersCreate(): NameWaiters {
  const waiters = new Map<number, Set<number>>();
  return {
    add(holderId, waiterId) {
      const ids = waiters.get(holderId) ?? new Set();
      waiters.set(holderId, ids.add(waiterId));
    },
    take(holderId) {
      const ids = waiters.get(holderId) ?? [];
      waiters.delete(holderId);
      return [...ids];
    },
  };
}
