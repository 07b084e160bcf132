import type { Course } from './world/operations.ts';
import type { Plant } from './plants/plant.ts';
import { seedPlay } from './play.ts';
import type { RunResult } from './run.ts';

const MAX_RUNS = 400;

/**
 * Finds a shorter course that still fails in the same way. Operations are left out, many at a time and then one by one,
 * as long as the course keeps failing.
 */
export async function courseShrink(
  seed: number,
  course: Course,
  failed: NonNullable<RunResult['failure']>,
  plant: Plant | null = null,
): Promise<Course> {
  let runs = 0;
  async function stillFails(operations: Course['operations']): Promise<boolean> {
    runs += 1;
    const shorter = { ...course, operations };
    const { failure } = await seedPlay(seed, 0, { course: shorter, plant });
    return failure?.invariant === failed.invariant;
  }

  let kept = course.operations.filter(({ step }) => step <= failed.step);
  if (!(await stillFails(kept))) kept = course.operations;
  for (let size = Math.ceil(kept.length / 2); size >= 1; size = Math.floor(size / 2)) {
    for (let start = kept.length - size; start > -size && runs < MAX_RUNS; start -= size) {
      const shorter = kept.toSpliced(Math.max(0, start), size + Math.min(0, start));
      if (await stillFails(shorter)) kept = shorter;
    }
  }
  return { ...course, operations: kept };
}
