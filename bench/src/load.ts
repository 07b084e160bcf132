import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./load-process.ts', import.meta.url));

/** What every connection of a load sends, one request after the other's reply. */
export interface LoadPlan {
  url: string;
  connections: number;
  durationMs: number;
  method: 'GET' | 'POST';
  /** One for each connection in turn. `{n}` becomes a number that no other request of the run has. */
  requests: { path: string; headers: Record<string, string>; body?: string }[];
}

export interface LoadResult {
  requestsPerSecond: number;
  latenciesMs: number[];
}

/** A process of its own that sends requests, so that sending them is not the measured process's work. */
export interface Load {
  /** @throws when a reply is not 2xx. */
  run(plan: LoadPlan): Promise<LoadResult>;
  pid: number;
  close(): void;
}

export function loadOpen(): Load {
  const child: ChildProcess = fork(PROGRAM, { serialization: 'advanced' });
  return {
    async run(plan) {
      child.send(plan);
      const [answer] = (await once(child, 'message')) as [LoadResult | { error: string }];
      if ('error' in answer) throw new Error(answer.error);
      return answer;
    },
    pid: child.pid ?? 0,
    close: () => child.disconnect(),
  };
}
