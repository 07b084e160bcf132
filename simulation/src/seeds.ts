import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { RunResult } from './run.ts';

/** A thread's part of the seeds: from `first` to before `end`, every `stride`-th. */
export interface SeedsShare {
  first: number;
  end: number;
  stride: number;
  steps: number;
  /** Stop after this many failures. */
  maxFailures: number;
}

interface SeedFailure {
  seed: number;
  failure: NonNullable<RunResult['failure']>;
}

/** The results of seeds. */
export interface SeedsReport {
  seeds: number;
  steps: number;
  /** How much virtual time passed, in milliseconds. */
  virtualMs: number;
  /** By seed, ascending. */
  failures: SeedFailure[];
}

const MAX_FAILURES = 5;

/** Plays seeds `first` to `first + count - 1` on this many threads at once. */
export async function seedsPlay(
  first: number,
  count: number,
  steps: number,
  threads: number,
): Promise<SeedsReport> {
  const reports = await Promise.all(
    Array.from({ length: threads }, async (_, index) => {
      const share: SeedsShare = {
        first: first + index,
        end: first + count,
        stride: threads,
        steps,
        maxFailures: MAX_FAILURES,
      };
      const worker = new Worker(new URL('seeds-thread.ts', import.meta.url), { workerData: share });
      const [report] = (await once(worker, 'message')) as [SeedsReport];
      return report;
    }),
  );
  return {
    seeds: sum(reports.map((report) => report.seeds)),
    steps: sum(reports.map((report) => report.steps)),
    virtualMs: sum(reports.map((report) => report.virtualMs)),
    failures: reports.flatMap((report) => report.failures).toSorted((a, b) => a.seed - b.seed),
  };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
