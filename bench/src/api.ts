import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { BenchServer } from './server.ts';

const PROGRAM = fileURLToPath(new URL('./api-process.ts', import.meta.url));

/**
 * Another API process on a server's database.
 * @param isTelling whether its writes wake reconcilers.
 */
export async function apiOpen(
  { location }: BenchServer,
  { isTelling }: { isTelling: boolean },
): Promise<{ url: string; close(): void }> {
  const child = fork(PROGRAM, [JSON.stringify({ location, isTelling })]);
  const [port] = (await once(child, 'message')) as [number];
  return { url: `http://localhost:${port}`, close: () => child.disconnect() };
}
