// Plays the real reconcile code against faults, on virtual time: `npm run simulate -- --seeds 10000`.
import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { courseDraw } from './world/operations.ts';
import { seedPlay } from './play.ts';
import { type PlantedResult, plantPlay, plantedSeedsWrite } from './planted.ts';
import type { Plant } from './plants/plant.ts';
import { PLANTS } from './plants/plants.ts';
import type { RunResult } from './run.ts';
import { seedsPlay } from './seeds.ts';
import { courseShrink } from './shrink.ts';

const USAGE = `Usage: npm run simulate -- [options]
  --seeds N      play N seeds (default 1000)
  --seed S       play from seed S; without --seeds that one alone, with its account when it fails
  --steps K      operations in a seed (default 200)
  --threads T    threads (default: as many as the machine has processors)
  --planted      turn deliberate bugs on, one at a time, and report which are noticed
  --record       with --planted: record the seeds that noticed them, for the tests to replay
  --plant NAME   only this deliberate bug; with --seed, in that seed alone
  --trace        with --seed: print the account of the whole run, failed or not`;

const { values } = parseArgs({
  options: {
    seeds: { type: 'string' },
    seed: { type: 'string' },
    steps: { type: 'string', default: '200' },
    threads: { type: 'string', default: String(availableParallelism()) },
    planted: { type: 'boolean', default: false },
    record: { type: 'boolean', default: false },
    plant: { type: 'string' },
    trace: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
const seed = Number(values.seed ?? 1);
const steps = Number(values.steps);
const plant = PLANTS.find(({ name }) => name === values.plant) ?? null;

if (values.help) console.log(USAGE);
else if (values.plant !== undefined && plant === null) {
  console.error(`There is no bug "${values.plant}". There are: ${names()}.`);
  process.exitCode = 2;
} else if (values.seed !== undefined && values.seeds === undefined && !values.planted) {
  await onePlay(plant);
} else if (values.planted || plant !== null) {
  await plantedPlay(plant === null ? PLANTS : [plant], Number(values.seeds ?? 2000));
} else await manyPlay(Number(values.seeds ?? 1000));

function names(): string {
  return PLANTS.map(({ name }) => name).join(', ');
}

async function manyPlay(count: number): Promise<void> {
  const startMs = performance.now();
  const report = await seedsPlay(seed, count, steps, Number(values.threads));
  const seconds = (performance.now() - startMs) / 1000;
  const hours = report.virtualMs / 3_600_000;
  console.log(
    `${report.seeds} seeds, ${report.steps} operations, ${hours.toFixed(1)} hours of virtual time in ${seconds.toFixed(1)} s: ${report.failures.length} failed.`,
  );
  for (const one of report.failures) failureTell(one.seed, one.failure);
  const [first] = report.failures;
  if (first === undefined) return;
  await shortestTell(first.seed, first.failure, null);
  process.exitCode = 1;
}

async function onePlay(planted: Plant | null): Promise<void> {
  const lines: string[] = [];
  const { failure, virtualMs } = await seedPlay(seed, steps, { plant: planted, lines });
  if (values.trace) console.log(lines.join('\n'));
  if (failure === null) {
    console.log(`Seed ${seed} holds (${(virtualMs / 1000).toFixed(0)} s of virtual time).`);
    return;
  }
  failureTell(seed, failure);
  if (!values.trace) await shortestTell(seed, failure, planted);
  process.exitCode = 1;
}

async function plantedPlay(plants: readonly Plant[], maxSeeds: number): Promise<void> {
  const results: PlantedResult[] = [];
  for (const one of plants) {
    const startMs = performance.now();
    const result = await plantPlay(one, seed, maxSeeds, steps);
    results.push(result);
    const { caught, seeds, steps: played } = result;
    const seconds = ((performance.now() - startMs) / 1000).toFixed(1);
    if (caught === null) {
      console.log(`MISSED  ${one.name}: ${seeds} seeds, ${seconds} s`);
      continue;
    }
    const { invariant, message } = caught.failure;
    console.log(
      `caught  ${one.name}: by "${invariant}" in seed ${caught.seed} after ${played} operations, ${seconds} s (${firstLine(message)})`,
    );
  }
  const missed = results.filter(({ caught }) => caught === null).length;
  console.log(`${plants.length - missed} of ${plants.length} deliberate bugs were noticed.`);
  if (values.record && plant === null) plantedSeedsWrite(results);
  if (missed > 0) process.exitCode = 1;
}

function failureTell(failedSeed: number, failure: NonNullable<RunResult['failure']>): void {
  const { invariant, message, step, atMs } = failure;
  const when = `after operation ${step}, ${(atMs / 1000).toFixed(3)} s`;
  console.log(`seed ${failedSeed} fails ${when}: ${invariant}: ${message}`);
}

/** Prints the shortest course that was found, and how to reproduce it. */
async function shortestTell(
  failedSeed: number,
  failure: NonNullable<RunResult['failure']>,
  planted: Plant | null,
): Promise<void> {
  const whole = courseDraw(failedSeed, steps);
  const course = await courseShrink(failedSeed, whole, failure, planted);
  const lines: string[] = [];
  await seedPlay(failedSeed, steps, { course, plant: planted, lines });
  const count = course.operations.length;
  console.log(
    `\nThe account of ${count} of its ${whole.operations.length} operations that suffice:`,
  );
  console.log(lines.join('\n'));
  const plantOption = planted === null ? '' : ` --plant ${planted.name}`;
  console.log(`\nAgain: npm run simulate -- --seed ${failedSeed} --steps ${steps}${plantOption}`);
}

function firstLine(text: string): string {
  return text.split('\n')[0] ?? '';
}
