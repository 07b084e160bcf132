/** The containers that a verb of this process is bringing up. The verb observes them last, so no hint is needed. */
export interface Attended {
  has(id: number): boolean;
  /** @param onFailure called if `act` throws, since the final observation then did not happen. */
  during<T>(id: number, act: () => Promise<T>, onFailure: () => void): Promise<T>;
}

export function attendedCreate(): Attended {
  const counts = new Map<number, number>();
  return {
    has: (id) => counts.has(id),
    async during(id, act, onFailure) {
      counts.set(id, (counts.get(id) ?? 0) + 1);
      try {
        return await act();
      } catch (error) {
        onFailure();
        throw error;
      } finally {
        const left = (counts.get(id) ?? 1) - 1;
        if (left === 0) counts.delete(id);
        else counts.set(id, left);
      }
    },
  };
}
