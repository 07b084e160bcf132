import type { ContainerState } from '../containers/plan.ts';
import type { StoredContainer, StoredOrg, StoredWork } from './desire-store.ts';

/** A container's row, less what is read from other rows. */
export type MemoryContainer = Omit<StoredContainer, 'state'> & {
  state: Omit<ContainerState, 'nameHeld'>;
};

/** The tables that reconciling touches. Values in them are replaced, never changed. */
export interface MemoryTables {
  orgs: Map<number, StoredOrg>;
  containers: Map<number, MemoryContainer>;
  /** The queue, by container id. */
  work: Map<number, StoredWork>;
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
export function nameIsHeld(tables: MemoryTables, state: MemoryContainer['state']): boolean {
  for (const { state: other } of tables.containers.values()) {
    if (other.id === state.id || other.deletedAt === null) continue;
    if (other.tenantId === state.tenantId && other.desired.name === state.desired.name) return true;
  }
  return false;
}
