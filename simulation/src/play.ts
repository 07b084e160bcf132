import { memoryStoreCreate } from './stores/memory-store.ts';
import { type Course, courseDraw } from './world/operations.ts';
import type { Plant } from './plants/plant.ts';
import { type RunResult, runPlay } from './run.ts';

/** Plays a seed on a store of its own in memory. */
export function seedPlay(
  seed: number,
  steps: number,
  options: { course?: Course; plant?: Plant | null; lines?: string[] | null } = {},
): Promise<RunResult> {
  const { course = courseDraw(seed, steps), plant = null, lines = null } = options;
  const whole = memoryStoreCreate();
  const { tables } = whole;
  return runPlay({ seed, course, whole, tables, plant: plant?.make(tables), lines });
}
