import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchServer } from './server.ts';

const PROGRAM = fileURLToPath(new URL('./api-process.ts', import.meta.url));

export interface ApiOptions {
  /** Whether its writes wake reconcilers. */
  isTelling: boolean;
  /** Whether streams are limited. Default: yes. */
  isLimited?: boolean;
  /** What it reads logs from. Default: nothing. */
  engine?: 'docker';
}

/** Another API process on a server's database. */
export async function apiOpen(
  { location, installationId }: BenchServer,
  options: ApiOptions,
): Promise<{ url: string; pid: number; close(): void }> {
  const child = fork(PROGRAM, [JSON.stringify({ location, installationId, ...options })]);
  const [port] = (await once(child, 'message')) as [number];
  return {
    url: `http://localhost:${port}`,
    pid: child.pid ?? 0,
    close: () => child.disconnect(),
  };
}
