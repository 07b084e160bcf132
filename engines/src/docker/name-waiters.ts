/** Which containers wait for another's end to get its name: they are hinted at when it goes. */
export interface NameWaiters {
  add(holderId: number, waiterId: number): void;
  /** @returns those that waited for this container, and forgets them. */
  take(holderId: number): number[];
}

export function createNameWaiters(): NameWaiters {
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
