import type { SubnetStore } from '@dollarbox/engines/subnets';
import type { ContainerState } from '../../../server/src/containers/state.ts';
import type { ContainerDesired } from '../../../server/src/containers/rules.ts';
import type { ReconcileStore } from '../../../server/src/kinds.ts';
import type { VolumeState } from '../../../server/src/volumes/plan.ts';
import type { VolumeCreate } from '../../../server/src/volumes/schema.ts';

/** The outcome of an attempt to create a container. */
export type CreateOutcome =
  | { outcome: 'created'; id: number }
  | { outcome: 'quota_exceeded' }
  | { outcome: 'name_taken' }
  /** The org has no such volume, or another container has it. */
  | { outcome: 'volume_refused' };

type UpdateOutcome = 'done' | 'not_found' | 'volume_refused';

/** What requests do to the tables: the counterpart of {@link ReconcileStore}. */
export interface DesireStore {
  /** @param removalLimit as in `orgs.removal_limit`; default 20. */
  orgCreate(
    slug: string,
    containerLimit: number,
    volumeGbLimit?: number,
    removalLimit?: number,
  ): Promise<number>;
  /** Suspends an org, or ends its suspension: all its objects are due at once. */
  orgSuspend(orgId: number, now: Date): Promise<void>;
  orgResume(orgId: number, now: Date): Promise<void>;
  /** Creates a container, due at once, if the org's limit and the name allow it. */
  containerCreate(orgId: number, desired: ContainerDesired, now: Date): Promise<CreateOutcome>;
  /**
   * Merges a change. If it changes anything, it is a new generation, due at once, and findings about the former
   * generation no longer count. Otherwise it does nothing. The container then has the volumes of the new spec, and any
   * container may have the others.
   */
  containerUpdate(
    orgId: number,
    id: number,
    change: Partial<Omit<ContainerDesired, 'name'>>,
    now: Date,
  ): Promise<UpdateOutcome>;
  /**
   * Deletes a container for clients, and makes its removal due. Its name, its volumes and its place in the quota are
   * free at once.
   * @returns false if the org has no such container.
   */
  containerDelete(orgId: number, id: number, now: Date): Promise<boolean>;
  /** Records that a container is wanted stopped, and makes it due. @returns false if the org has no such container. */
  containerStop(orgId: number, id: number, now: Date): Promise<boolean>;
  /** Records that a stopped container is wanted running, and makes it due. */
  containerStart(orgId: number, id: number, now: Date): Promise<boolean>;
  /** Records that the object of a container is to be replaced, and makes it due. @param pull its image, first. */
  containerRestart(orgId: number, id: number, pull: boolean, now: Date): Promise<boolean>;
  /** Creates a volume, due at once, if the org's limit and the name allow it. */
  volumeCreate(orgId: number, desired: VolumeCreate, now: Date): Promise<CreateOutcome>;
  /**
   * Deletes a volume for clients unless a container mounts it, and makes its removal due. Its name and GB are free at
   * once.
   */
  volumeDelete(orgId: number, id: number, now: Date): Promise<'deleted' | 'mounted' | 'not_found'>;
}

/** A row of the queue. */
export interface StoredWork {
  dueAt: Date | null;
  wakeSeq: number;
  hintSeq: number;
  /** When it was last woken because the engine was back. */
  engineBackAt: Date | null;
  leaseOwner: number | null;
  leaseUntil: Date | null;
  fence: number;
  failures: number;
  hangs: number;
}

/** A container's row, deleted or not. */
export interface StoredContainer {
  state: ContainerState;
  /** Since when the status is what it is. */
  statusSince: Date;
  observedGeneration: number;
  revision: number;
}

/** A volume's row, deleted or not. */
export interface StoredVolume {
  state: VolumeState;
  /** The container that mounts the volume, and where. */
  containerId: number | null;
  mountPath: string | null;
  revision: number;
}

export interface StoredOrg {
  id: number;
  isSuspended: boolean;
  containerLimit: number;
  containerCount: number;
  volumeGbLimit: number;
  volumeGbCount: number;
  removalLimit: number;
  ipv4Subnet: string | null;
  ipv6Subnet: string;
}

/** Everything that is stored, at one moment. */
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

/** A store with all its sides, as required by the suite and the simulation. */
export interface WholeStore {
  store: ReconcileStore;
  /** The engine's table of the networks of orgs. The search for a free one starts at this number. */
  subnets(startIndex: number): SubnetStore;
  desire: DesireStore;
  /** From now on, until `clear`, containers are created without an address. */
  addressesAssign(): Promise<void>;
  workerOpen(): Promise<LivingWorker>;
  snapshot(): Promise<Snapshot>;
  /** How many lines are kept of each instance of a container, oldest first. */
  keptCounts(id: number): Promise<number[]>;
  /** Empties the store: no orgs, no containers. */
  clear(): Promise<void>;
  close(): Promise<void>;
}
