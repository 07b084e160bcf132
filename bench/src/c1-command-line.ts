import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Result, limit, measured } from './result.ts';
import { median, timed } from './statistics.ts';

const CLI = fileURLToPath(new URL('../../cli', import.meta.url));
const ROUNDS = 40;
/** How much longer than an empty program it may take. */
const ALLOWED_MS = 150;

const execute = promisify(execFile);

/** C1: how long the packed command line takes to start, beside an empty program. */
export async function commandLineBench(): Promise<Result[]> {
  await execute(process.execPath, [join(CLI, 'build.ts')]);
  const program = join(CLI, 'dist', 'dollarbox.mjs');
  const ours: number[] = [];
  const raw: number[] = [];
  const start = (...args: string[]) => timed(() => execute(process.execPath, args));
  // The first round fills the caches of files.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const times = [await start(program, 'version'), await start('-e', '0')] as const;
    if (round === 0) continue;
    ours.push(times[0]);
    raw.push(times[1]);
  }
  const beyond = median(ours) - median(raw);
  const what = 'command line: start beyond that of `node -e 0`, p50';
  return [{ ...limit('C1', what, beyond, 'ms', ALLOWED_MS), raw: measured(median(raw), 'ms') }];
}
