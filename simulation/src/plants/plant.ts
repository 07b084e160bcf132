import type { MemoryTables } from '../stores/memory-tables.ts';
import type { Wraps } from '../world/stage.ts';

/** A deliberate bug. docs/simulation.md lists them. */
export interface Plant {
  name: string;
  /** What is wrong, in one sentence. */
  fault: string;
  /** Called for each run. */
  make(tables: MemoryTables): Wraps;
}
