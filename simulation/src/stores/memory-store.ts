import type { Snapshot, WholeStore } from './desire-store.ts';
import { memoryContainers, memorySubnets } from './memory-containers.ts';
import { memoryDesire } from './memory-desire.ts';
import { memoryImageVolumes } from './memory-image-volumes.ts';
import { type MemoryTables, containerState, memoryTablesCreate } from './memory-tables.ts';
import { memoryVolumes } from './memory-volumes.ts';
import { memoryWork } from './memory-work.ts';

/** A store that passes the suite of the PostgreSQL store. Each call takes effect at once and completely. */
export function memoryStoreCreate(): WholeStore & { tables: MemoryTables } {
  const tables = memoryTablesCreate();
  return {
    tables,
    store: {
      ...{ ...memoryWork(tables), ...memoryContainers(tables), ...memoryVolumes(tables) },
      ...memoryImageVolumes(tables),
    },
    subnets: (startIndex) => memorySubnets(tables, startIndex),
    desire: memoryDesire(tables),
    async workerOpen() {
      const number = tables.nextId();
      tables.livingWorkers.add(number);
      return {
        number,
        async close() {
          tables.livingWorkers.delete(number);
        },
      };
    },
    async snapshot() {
      return memorySnapshot(tables);
    },
    async keptCounts(id) {
      return (tables.instances.get(id) ?? []).map(({ kept }) => kept?.count ?? 0);
    },
    async addressesAssign() {
      tables.isAssigning = true;
    },
    async clear() {
      tables.isAssigning = false;
      const { orgs, containers, work, volumes, volumeWork } = tables;
      for (const table of [orgs, containers, work, volumes, volumeWork]) table.clear();
    },
    async close() {},
  };
}

function memorySnapshot(tables: MemoryTables): Snapshot {
  return {
    orgs: [...tables.orgs.values()],
    containers: new Map(
      Array.from(tables.containers, ([id, row]) => [
        id,
        { ...row, state: containerState(tables, row) },
      ]),
    ),
    work: new Map(tables.work),
    volumes: new Map(tables.volumes),
    volumeWork: new Map(tables.volumeWork),
  };
}
