import {
  type ContainerDesired,
  containerDesiredEqual,
  containerMerge,
} from '../../../server/src/containers/rules.ts';

/** A container as its clients know it from the replies that they received. */
export interface ModelContainer {
  id: number;
  orgId: number;
  desired: ContainerDesired;
  generation: number;
  /** The spec of each generation. */
  versions: Map<number, ContainerDesired>;
  deletedAtMs: number | null;
  isStopped: boolean;
}

/** A volume as its clients know it. */
export interface ModelVolume {
  id: number;
  orgId: number;
  name: string;
  sizeGb: number;
  deletedAtMs: number | null;
}

/** What clients were promised: all of it must exist. */
export interface Model {
  orgs: {
    id: number;
    limit: number;
    limitGb: number;
    /** How many more deleted objects than these there may be. */
    removals: number;
    isSuspended: boolean;
  }[];
  containers: Map<number, ModelContainer>;
  volumes: Map<number, ModelVolume>;
  liveVolumes(orgId?: number): ModelVolume[];
  /** The live container that mounts a volume, and where. */
  mounterOf(volumeId: number): { id: number; path: string } | null;
  live(orgId?: number): ModelContainer[];
  isSuspended(orgId: number): boolean;
  created(orgId: number, id: number, desired: ContainerDesired): void;
  updated(id: number, change: Partial<ContainerDesired>): void;
  deleted(id: number, nowMs: number): void;
}

export function modelCreate(): Model {
  const containers = new Map<number, ModelContainer>();
  const volumes = new Map<number, ModelVolume>();
  return {
    orgs: [],
    containers,
    volumes,
    liveVolumes(orgId) {
      return [...volumes.values()].filter(
        (one) => one.deletedAtMs === null && (orgId === undefined || one.orgId === orgId),
      );
    },
    mounterOf(volumeId) {
      for (const { id, deletedAtMs, desired } of containers.values()) {
        if (deletedAtMs !== null) continue;
        const mount = desired.volumes.find(({ volume }) => volume === volumeId);
        if (mount !== undefined) return { id, path: mount.mount_path };
      }
      return null;
    },
    live(orgId) {
      return [...containers.values()].filter(
        (one) => one.deletedAtMs === null && (orgId === undefined || one.orgId === orgId),
      );
    },
    isSuspended(orgId) {
      return this.orgs.some((org) => org.id === orgId && org.isSuspended);
    },
    created(orgId, id, desired) {
      const versions = new Map([[1, desired]]);
      const known = { id, orgId, desired, generation: 1, versions, deletedAtMs: null };
      containers.set(id, { ...known, isStopped: false });
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
