/** Which containers a verb of this process is bringing up: it looks at them last, so nobody else needs to. */
export interface Attended {
  has(id: number): boolean;
  /** @param onFailure called when `act` throws: what it would have looked at was not looked at. */
  during<T>(id: number, act: () => Promise<T>, onFailure: () => void): Promise<T>;
}

export function createAttended(): Attended {
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
