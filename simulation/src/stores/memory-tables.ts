import type { VolumeMount } from '@dollarbox/engines/contract';
import type { InstanceLines } from '../../../server/src/containers/kept-lines.ts';
import type { RecordedInstance } from '../../../server/src/containers/kind-store.ts';
import type { ContainerState } from '../../../server/src/containers/state.ts';
import type { KnownVolume } from '../../../server/src/containers/volume-block.ts';
import type { WorkKind } from '../../../server/src/reconciler/store.ts';
import type { StoredContainer, StoredOrg, StoredVolume, StoredWork } from './desire-store.ts';

/** A container's row without the values that are read from other rows. */
export type MemoryContainer = Omit<StoredContainer, 'state'> & {
  state: Omit<ContainerState, 'isSuspended' | 'nameHeld' | 'volumes' | 'imageVolumes'>;
};

/** A start of a process, and what is kept of its lines. */
export interface MemoryInstance extends RecordedInstance {
  /** null: they could not be read. */
  kept: InstanceLines | null;
}

/** The tables that reconciling uses. Values in them are replaced, never mutated. */
export interface MemoryTables {
  orgs: Map<number, StoredOrg>;
  containers: Map<number, MemoryContainer>;
  /** The starts of each container's process, by the container's id, oldest first. */
  instances: Map<number, readonly MemoryInstance[]>;
  /** The queue, by container id. */
  work: Map<number, StoredWork>;
  volumes: Map<number, StoredVolume>;
  /** The queue, by volume id. */
  volumeWork: Map<number, StoredWork>;
  livingWorkers: Set<number>;
  /** Whether the engine assigns addresses. */
  isAssigning: boolean;
  /** Never returns the same id twice. */
  nextId(): number;
}

export function memoryTablesCreate(): MemoryTables {
  let lastId = 0;
  return {
    orgs: new Map(),
    containers: new Map(),
    instances: new Map(),
    work: new Map(),
    volumes: new Map(),
    volumeWork: new Map(),
    livingWorkers: new Set(),
    isAssigning: false,
    nextId: () => (lastId += 1),
  };
}

export function orgOf(tables: MemoryTables, orgId: number): StoredOrg {
  const org = tables.orgs.get(orgId);
  if (org === undefined) throw new Error(`There is no org ${orgId}.`);
  return org;
}

/** How many objects of an org are deleted and not gone yet. */
export function removalsOf(
  rows: ReadonlyMap<number, { state: { tenantId: number; deletedAt: Date | null } }>,
  orgId: number,
): number {
  let count = 0;
  for (const { state } of rows.values()) {
    if (state.tenantId === orgId && state.deletedAt !== null) count += 1;
  }
  return count;
}

/** The org of an object, or 0 if its row is gone. */
export function workOrg(tables: MemoryTables, kind: WorkKind, id: number): number {
  const rows = kind === 'container' ? tables.containers : tables.volumes;
  return rows.get(id)?.state.tenantId ?? 0;
}

/** The live container with that name. */
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

/** Whether a deleted container with the same name is still being removed. */
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
  const applying = applied?.version.volumes ?? [];
  const mounts = [...desired.volumes, ...imageMountsOf(tables, id), ...applying];
  const ids = new Set(mounts.map(({ volume }) => volume.id));
  return [...ids].flatMap((volumeId) => {
    const row = tables.volumes.get(volumeId);
    if (row === undefined || row.state.deletedAt !== null) return [];
    const { uid, name, status, statusReason } = row.state;
    const mounter = row.containerId === null ? null : row.containerId === id ? 'own' : 'other';
    return [{ id: volumeId, uid, name, status, statusReason, mounter }];
  });
}

/** The volumes that hold a container's data at `VOLUME`s of its images, by path. */
export function imageVolumesOf(tables: MemoryTables, containerId: number): StoredVolume[] {
  return [...tables.volumes.values()]
    .filter((row) => row.state.imageVolume !== undefined && row.containerId === containerId)
    .toSorted((a, b) => ((a.mountPath ?? '') < (b.mountPath ?? '') ? -1 : 1));
}

function imageMountsOf(tables: MemoryTables, containerId: number): VolumeMount[] {
  return imageVolumesOf(tables, containerId).map(({ state: { id, uid }, mountPath }) => ({
    volume: { id, uid },
    mountPath: mountPath ?? '',
  }));
}

/** The complete state of a container's row. */
export function containerState(tables: MemoryTables, { state }: MemoryContainer): ContainerState {
  return {
    ...state,
    isSuspended: tables.orgs.get(state.tenantId)?.isSuspended === true,
    nameHeld: nameIsHeld(tables, state),
    volumes: volumesKnown(tables, state),
    imageVolumes: imageMountsOf(tables, state.id),
  };
}
