import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const PROGRAM = fileURLToPath(new URL('./load-process.ts', import.meta.url));

/** What the connections of a load send, each one request after the reply to the one before. */
export interface LoadPlan {
  url: string;
  connections: number;
  durationMs: number;
  method: 'GET' | 'POST';
  /** How long a connection waits after each reply. Default: 0. */
  pauseMs?: number;
  /** Whether replies may be refusals by the rate limit. */
  isLimited?: true;
  /**
   * `own`: the connections share out the requests, and each repeats its own. `random`: each request is drawn at
   * random, so that those under way at a time are different ones.
   */
  order: 'own' | 'random';
  /** `{n}` becomes a number that no other request of the run has. */
  requests: { path: string; headers: Record<string, string>; body?: string }[];
}

export interface LoadResult {
  requestsPerSecond: number;
  latenciesMs: number[];
}

/** A separate process that sends requests, so that sending them does not burden the measured process. */
export interface Load {
  /** @throws if a reply is not 2xx, nor a refusal that the plan expects. */
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
