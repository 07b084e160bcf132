// One of the threads that play many seeds: every n-th of them.
import { parentPort, workerData } from 'node:worker_threads';
import { seedPlay } from './play.ts';
import type { SeedsReport, SeedsShare } from './seeds.ts';

// Runs throw many errors and report none of their stacks.
Error.stackTraceLimit = 0;

const share = workerData as SeedsShare;
const report: SeedsReport = { seeds: 0, steps: 0, virtualMs: 0, failures: [] };
for (let seed = share.first; seed < share.end; seed += share.stride) {
  const { failure, steps, virtualMs } = await seedPlay(seed, share.steps);
  report.seeds += 1;
  report.steps += steps;
  report.virtualMs += virtualMs;
  if (failure !== null) report.failures.push({ seed, failure });
  if (report.failures.length >= share.maxFailures) break;
}
parentPort?.postMessage(report, []);
