import type { Snapshot, WholeStore } from './desire-store.ts';
import { memoryContainers } from './memory-containers.ts';
import { memoryDesire } from './memory-desire.ts';
import { type MemoryTables, memoryTablesCreate, nameIsHeld } from './memory-tables.ts';
import { memoryWork } from './memory-work.ts';

/** A store that passes the PostgreSQL store's own suite. Each call takes effect at once and whole. */
export function memoryStoreCreate(): WholeStore & { tables: MemoryTables } {
  const tables = memoryTablesCreate();
  return {
    tables,
    store: { ...memoryWork(tables), ...memoryContainers(tables) },
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
    async clear() {
      for (const table of [tables.orgs, tables.containers, tables.work]) table.clear();
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
        { ...row, state: { ...row.state, nameHeld: nameIsHeld(tables, row.state) } },
      ]),
    ),
    work: new Map(tables.work),
  };
}
