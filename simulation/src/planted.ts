import { readFileSync, writeFileSync } from 'node:fs';
import type { Plant } from './plants/plant.ts';
import { seedPlay } from './play.ts';
import type { RunResult } from './run.ts';

export interface PlantedResult {
  plant: Plant;
  /** null if none of the seeds notices it. */
  caught: { seed: number; failure: NonNullable<RunResult['failure']> } | null;
  /** Seeds played, the one that caught it included. */
  seeds: number;
  /** Operations played until the bug was caught. */
  steps: number;
}

const SEEDS_FILE = new URL('planted-seeds.json', import.meta.url);

/** For each deliberate bug by name, a seed that noticed it when they were last recorded. */
export function plantedSeedsRead(): ReadonlyMap<string, number> {
  return new Map(Object.entries(JSON.parse(readFileSync(SEEDS_FILE, 'utf8')) as object));
}

/** Records the seeds that noticed; the tests then play these first. */
export function plantedSeedsWrite(results: readonly PlantedResult[]): void {
  const seeds = results.flatMap(({ plant, caught }) =>
    caught === null ? [] : [[plant.name, caught.seed] as const],
  );
  writeFileSync(SEEDS_FILE, `${JSON.stringify(Object.fromEntries(seeds), null, 2)}\n`);
}

/** Plays seeds with a deliberate bug until one fails, at most `maxSeeds`. */
export async function plantPlay(
  plant: Plant,
  first: number,
  maxSeeds: number,
  steps: number,
): Promise<PlantedResult> {
  let played = 0;
  for (let seed = first; seed < first + maxSeeds; seed += 1) {
    const result = await seedPlay(seed, steps, { plant });
    played += result.steps;
    if (result.failure === null) continue;
    const caught = { seed, failure: result.failure };
    return { plant, caught, seeds: seed - first + 1, steps: played };
  }
  return { plant, caught: null, seeds: maxSeeds, steps: played };
}
