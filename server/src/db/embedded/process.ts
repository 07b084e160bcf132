import { spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync } from 'node:fs';
import { processStartTime } from '@dollarbox/host/process-lock';
import { logTail } from './log.ts';
import type { Launch } from './launch.ts';
import { type Postmaster, postmasterIsAlive } from './postmaster.ts';

/** A server process that can be waited for, whether we started it or found it running. */
export interface ServerProcess {
  postmaster: Postmaster;
  owned: boolean;
  /** Resolves when the process has ended, with what it wrote to the log (empty if it was found running). */
  ended: Promise<string>;
}

const ADOPTED_POLL_MS = 500;

/**
 * Hides our environment, which may hold secrets, from PostgreSQL. Passes only the mark by which a test run finds its
 * processes.
 */
export function launchEnvironment(): Record<string, string> {
  const { PATH = '/usr/sbin:/usr/bin:/sbin:/bin', DOLLARBOX_TEST_RUN } = process.env;
  return { PATH, LC_ALL: 'C', ...(DOLLARBOX_TEST_RUN === undefined ? {} : { DOLLARBOX_TEST_RUN }) };
}

/**
 * Starts the server in its own session. Ctrl-C in a terminal goes to the whole foreground group, and would stop the
 * database before the requests in flight are done.
 */
export function serverSpawn(
  plan: Launch,
  settings: Readonly<Record<string, string>>,
  logPath: string,
): ServerProcess {
  const log = openSync(logPath, 'a', 0o600);
  const logStart = fstatSync(log).size;
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const child = spawn(plan.command, [...plan.prefix, '-D', plan.dataFolder, ...options], {
    stdio: ['ignore', log, log],
    detached: true,
    cwd: '/',
    env: launchEnvironment(),
    ...plan.as,
  });
  closeSync(log);
  // A caller that forgets to stop the server can still exit. The next start takes the server over.
  child.unref();
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(`${plan.command}: ${error.message}`));
    child.on('exit', () => resolve(logTail(logPath, logStart)));
  });
  const pid = child.pid ?? 0;
  return { postmaster: { pid, startTime: processStartTime(pid) }, owned: true, ended };
}

/** Adopts a server that an earlier, killed process of ours left running. */
export function serverAdopt(postmaster: Postmaster): ServerProcess {
  const ended = new Promise<string>((resolve) => {
    const timer = setInterval(() => {
      if (postmasterIsAlive(postmaster)) return;
      clearInterval(timer);
      resolve('');
    }, ADOPTED_POLL_MS);
    timer.unref();
  });
  return { postmaster, owned: false, ended };
}
