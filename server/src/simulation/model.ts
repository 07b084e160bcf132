import {
  type ContainerDesired,
  containerDesiredEqual,
  containerMerge,
} from '../containers/rules.ts';

/** A container as its clients know it from the replies that they got. */
export interface ModelContainer {
  id: number;
  orgId: number;
  desired: ContainerDesired;
  generation: number;
  /** What each generation asked for. */
  versions: Map<number, ContainerDesired>;
  deletedAtMs: number | null;
}

/** What clients were told: all of it must be there. */
export interface Model {
  orgs: { id: number; limit: number }[];
  containers: Map<number, ModelContainer>;
  live(orgId?: number): ModelContainer[];
  created(orgId: number, id: number, desired: ContainerDesired): void;
  updated(id: number, change: Partial<ContainerDesired>): void;
  deleted(id: number, nowMs: number): void;
}

export function modelCreate(): Model {
  const containers = new Map<number, ModelContainer>();
  return {
    orgs: [],
    containers,
    live(orgId) {
      return [...containers.values()].filter(
        (one) => one.deletedAtMs === null && (orgId === undefined || one.orgId === orgId),
      );
    },
    created(orgId, id, desired) {
      const versions = new Map([[1, desired]]);
      containers.set(id, { id, orgId, desired, generation: 1, versions, deletedAtMs: null });
    },
    updated(id, change) {
      const known = containers.get(id);
      if (known === undefined) return;
      const desired = containerMerge(known.desired, change);
      if (containerDesiredEqual(known.desired, desired)) return;
      known.desired = desired;
      known.generation += 1;
      known.versions.set(known.generation, desired);
    },
    deleted(id, nowMs) {
      const known = containers.get(id);
      if (known !== undefined) known.deletedAtMs = nowMs;
    },
  };
}
