import type { ContainerState } from '../containers/state.ts';
import type { KnownVolume } from '../containers/volume-block.ts';
import type { StoredContainer, StoredOrg, StoredVolume, StoredWork } from './desire-store.ts';

/** A container's row, less what is read from other rows. */
export type MemoryContainer = Omit<StoredContainer, 'state'> & {
  state: Omit<ContainerState, 'nameHeld' | 'volumes'>;
};

/** The tables that reconciling touches. Values in them are replaced, never changed. */
export interface MemoryTables {
  orgs: Map<number, StoredOrg>;
  containers: Map<number, MemoryContainer>;
  /** The queue, by container id. */
  work: Map<number, StoredWork>;
  volumes: Map<number, StoredVolume>;
  /** The queue, by volume id. */
  volumeWork: Map<number, StoredWork>;
  livingWorkers: Set<number>;
  /** Never given out twice. */
  nextId(): number;
}

export function memoryTablesCreate(): MemoryTables {
  let lastId = 0;
  return {
    orgs: new Map(),
    containers: new Map(),
    work: new Map(),
    volumes: new Map(),
    volumeWork: new Map(),
    livingWorkers: new Set(),
    nextId: () => (lastId += 1),
  };
}

export function orgOf(tables: MemoryTables, orgId: number): StoredOrg {
  const org = tables.orgs.get(orgId);
  if (org === undefined) throw new Error(`There is no org ${orgId}.`);
  return org;
}

/** The live container of that name. */
export function liveNamed(
  tables: MemoryTables,
  orgId: number,
  name: string,
): MemoryContainer | undefined {
  for (const row of tables.containers.values()) {
    const { tenantId, desired, deletedAt } = row.state;
    if (deletedAt === null && tenantId === orgId && desired.name === name) return row;
  }
  return undefined;
}

/** Whether a deleted container of this one's name is still being removed. */
function nameIsHeld(tables: MemoryTables, state: MemoryContainer['state']): boolean {
  for (const { state: other } of tables.containers.values()) {
    if (other.id === state.id || other.deletedAt === null) continue;
    if (other.tenantId === state.tenantId && other.desired.name === state.desired.name) return true;
  }
  return false;
}

/** The volumes that a container mounts, and those that its applied version still has. */
function volumesKnown(
  tables: MemoryTables,
  { id, desired, applied }: MemoryContainer['state'],
): KnownVolume[] {
  const mounts = [...desired.volumes, ...(applied?.version.volumes ?? [])];
  const ids = new Set(mounts.map(({ volume }) => volume.id));
  return [...ids].flatMap((volumeId) => {
    const row = tables.volumes.get(volumeId);
    if (row === undefined || row.state.deletedAt !== null) return [];
    const { uid, name, status, statusReason } = row.state;
    const mounter = row.containerId === null ? null : row.containerId === id ? 'own' : 'other';
    return [{ id: volumeId, uid, name, status, statusReason, mounter }];
  });
}

/** The whole state of a container's row. */
export function containerState(tables: MemoryTables, { state }: MemoryContainer): ContainerState {
  return {
    ...state,
    nameHeld: nameIsHeld(tables, state),
    volumes: volumesKnown(tables, state),
  };
}
