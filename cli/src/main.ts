import { homedir, platform } from 'node:os';
import process from 'node:process';
import { Interrupted } from './base/exit.ts';
import { cliRun } from './cli-run.ts';

const interrupt = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  // A second one ends the process at once.
  process.once(signal, () => interrupt.abort(new Interrupted()));
}
// The reader has gone, as `head` does when it has seen enough.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});

process.exitCode = await cliRun(process.argv.slice(2), {
  env: process.env,
  homeDir: homedir(),
  platform: platform(),
  stdin: process.stdin,
  stdout: process.stdout,
  stderr: process.stderr,
  signal: interrupt.signal,
});
