import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./log-readers-process.ts', import.meta.url));

/** Who follows the log of a container that numbers its lines (`line 1`, `line 2` …). */
export interface LogReadersPlan {
  url: string;
  path: string;
  token: string;
  followers: number;
  /** The number of the last line. */
  last: number;
}

export interface LogReadersResult {
  /** Over all followers: lines that were missing, out of order or there twice, and rows that are no lines. */
  wrong: number;
  /** From the first to the last line, as the engine dates them. */
  linesPerSecond: number;
}

/** Follows in a process of its own, so that the reading does not slow down what is measured. */
export function logReadersOpen(): {
  run(plan: LogReadersPlan): Promise<LogReadersResult>;
  close(): void;
} {
  const child: ChildProcess = fork(PROGRAM);
  return {
    async run(plan) {
      const replied = once(child, 'message') as Promise<[LogReadersResult | { error: string }]>;
      child.send(plan);
      const [result] = await replied;
      if ('error' in result) throw new Error(result.error);
      return result;
    },
    close: () => child.disconnect(),
  };
}
