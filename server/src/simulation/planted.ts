import type { Plant } from './plant.ts';
import { seedPlay } from './play.ts';
import type { RunResult } from './run.ts';

export interface PlantedResult {
  plant: Plant;
  /** null: none of the seeds noticed. */
  caught: { seed: number; failure: NonNullable<RunResult['failure']> } | null;
  /** Seeds played, the one that caught it included. */
  seeds: number;
  /** Operations played until it was caught. */
  steps: number;
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
