/** Containers that were found to be ours, by Docker's ids: an id never passes to another container. */

const REMEMBERED_MAX = 10_000;

export interface OwnContainers {
  has(ref: string): boolean;
  /** @param ref of a container that this installation created. */
  add(ref: string): void;
}

export function ownContainersCreate(): OwnContainers {
  const refs = new Set<string>();
  return {
    has: (ref) => refs.has(ref),
    add(ref) {
      if (refs.size >= REMEMBERED_MAX) refs.clear();
      refs.add(ref);
    },
  };
}
