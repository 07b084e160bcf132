import type { MemoryTables } from './memory-tables.ts';
import type { Wraps } from './stage.ts';

/** A deliberate bug. docs/simulation.md lists them. */
export interface Plant {
  name: string;
  /** What is wrong, in one sentence. */
  fault: string;
  /** Made anew for each run. */
  make(tables: MemoryTables): Wraps;
}
