import type { ContainerState } from '../containers/state.ts';
import type { ContainerDesired } from '../containers/rules.ts';
import type { ReconcileStore } from '../reconciler/store.ts';
import type { VolumeState } from '../volumes/plan.ts';
import type { VolumeCreate } from '../volumes/schema.ts';

/** How an attempt to make a container ended. */
type CreateOutcome =
  | { outcome: 'created'; id: number }
  | { outcome: 'quota_exceeded' }
  | { outcome: 'name_taken' }
  /** The org has no such volume, or another container has it. */
  | { outcome: 'volume_refused' };

type UpdateOutcome = 'done' | 'not_found' | 'volume_refused';

/** What requests do to the table: the other side of {@link ReconcileStore}. */
export interface DesireStore {
  orgCreate(slug: string, containerLimit: number, volumeGbLimit?: number): Promise<number>;
  /** One more container, due at once, if the org's limit and the name allow it. */
  containerCreate(orgId: number, desired: ContainerDesired, now: Date): Promise<CreateOutcome>;
  /**
   * Merges a change in. One that changes something is a new generation, due at once, for which what
   * was found out about the former one counts no more; any other does nothing.
   * Its volumes are then its own, and what it has no more is anybody's.
   */
  containerUpdate(
    orgId: number,
    id: number,
    change: Partial<Omit<ContainerDesired, 'name'>>,
    now: Date,
  ): Promise<UpdateOutcome>;
  /**
   * Gone for clients, with its name, its volumes and its place in the quota free at once; due for its removal.
   * @returns false when the org has no such container.
   */
  containerDelete(orgId: number, id: number, now: Date): Promise<boolean>;
  /** One more volume, due at once, if the org's limit and the name allow it. */
  volumeCreate(orgId: number, desired: VolumeCreate, now: Date): Promise<CreateOutcome>;
  /** Gone for clients, with its name and its GB free at once, unless a container mounts it; due for its removal. */
  volumeDelete(orgId: number, id: number, now: Date): Promise<'deleted' | 'mounted' | 'not_found'>;
}

/** A row of the queue. */
export interface StoredWork {
  dueAt: Date | null;
  wakeSeq: number;
  leaseOwner: number | null;
  leaseUntil: Date | null;
  fence: number;
  failures: number;
}

/** A container's row, deleted or not. */
export interface StoredContainer {
  state: ContainerState;
  observedGeneration: number;
  revision: number;
}

/** A volume's row, deleted or not. */
export interface StoredVolume {
  state: VolumeState;
  /** Who mounts it, and where. */
  containerId: number | null;
  mountPath: string | null;
  revision: number;
}

export interface StoredOrg {
  id: number;
  containerLimit: number;
  containerCount: number;
  volumeGbLimit: number;
  volumeGbCount: number;
  ipv4Subnet: string | null;
  ipv6Subnet: string;
}

/** All that is stored, at one moment. */
export interface Snapshot {
  orgs: StoredOrg[];
  /** By id, ascending. */
  containers: Map<number, StoredContainer>;
  work: Map<number, StoredWork>;
  volumes: Map<number, StoredVolume>;
  volumeWork: Map<number, StoredWork>;
}

/** A number that counts as a living worker's until it is closed. */
export interface LivingWorker {
  number: number;
  close(): Promise<void>;
}

/** A store with all its sides, as the suite and the simulation need it. */
export interface WholeStore {
  store: ReconcileStore;
  desire: DesireStore;
  workerOpen(): Promise<LivingWorker>;
  snapshot(): Promise<Snapshot>;
  /** Empties it: no orgs, no containers. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
