/** A Docker engine for tests and for a first start: an existing one, or else one that is installed and started. */
import { constants, accessSync } from 'node:fs';
import { join } from 'node:path';
import { aptEnsure } from './apt.ts';
import { type DaemonPlace, SYSTEM_DAEMON, daemonAwaited, daemonStart } from './docker-daemon.ts';
import { dockerProbe } from './docker-probe.ts';
import { kernelLimitsRaise } from './kernel-limits.ts';
import { processLockWait } from './process-lock.mjs';

/** Set by the test runner: why there is no engine; empty if there is one. */
export const TEST_DOCKER_UNAVAILABLE_VARIABLE = 'TEST_DOCKER_UNAVAILABLE';

export interface DockerEnsureOptions {
  /** Called with sentences about steps that take time or change the machine. */
  log(text: string): void;
  /** Whether packages may be installed (root on Debian or Ubuntu only). */
  allowInstall: boolean;
  /** An address as in `DOCKER_HOST`; null: this machine's own engine. If omitted, the variable decides. */
  host?: string | null;
  /** Differs from the machine's own daemon only in tests. */
  place?: DaemonPlace;
}

/** Where the engine is: a socket, or an address as in `DOCKER_HOST`. */
export type DockerEngineFound = ({ socketPath: string } | { host: string }) & {
  /** False if it was already running, in which case it is never restarted or reconfigured. */
  startedByUs: boolean;
};

const STILL_AT_IT_EVERY_MS = 15_000;

/**
 * Finds the engine that is named or that runs on this machine. As root, it starts an installed engine; if allowed, it
 * first installs `docker.io` on Debian or Ubuntu. An engine that it starts is left running, and the limits of the kernel
 * that its containers share are raised.
 * @throws Error with one sentence that says what to do.
 */
export async function dockerEnsure(options: DockerEnsureOptions): Promise<DockerEngineFound> {
  const { log, place = SYSTEM_DAEMON } = options;
  const host = options.host === undefined ? dockerHost() : options.host;
  if (host !== null && place === SYSTEM_DAEMON) {
    const given = await dockerProbe(host);
    if (given.state === 'answers') return { host, startedByUs: false };
    throw new Error(
      `No Docker engine answers at DOCKER_HOST=${host} (${given.reason}): start it, or correct or unset DOCKER_HOST.`,
    );
  }
  const { socketPath } = place;
  const found = await dockerProbe(socketPath);
  if (found.state === 'answers') return { socketPath, startedByUs: false };
  if (found.state === 'denied') {
    throw new Error(
      `This user may not use the Docker engine at ${socketPath}: ` +
        'run "sudo usermod -aG docker $USER" and sign in again, start as root, or set DOCKER_HOST.',
    );
  }
  if (process.getuid?.() !== 0) throw new Error(adviceWithoutRoot(socketPath));
  const lock = await processLockWait(`${place.pidPath}.dollarbox-lock`, (holder) =>
    log(`Waiting for another start (pid ${holder.pid}), which is starting Docker …`),
  );
  try {
    return await installAndStart(options, place);
  } finally {
    lock.release();
  }
}

/** For node:test's `skip` option: false if an engine answers, else why there is none. Installs and starts nothing. */
export async function dockerSkip(): Promise<string | false> {
  const reason = process.env[TEST_DOCKER_UNAVAILABLE_VARIABLE];
  // An engine that the runner found is not probed again, because it may answer slowly on a busy machine.
  if (reason !== undefined) return reason === '' ? false : reason;
  const found = await dockerProbe(dockerHost() ?? SYSTEM_DAEMON.socketPath);
  return found.state === 'answers' ? false : `no Docker engine answers (${found.reason})`;
}

function dockerHost(): string | null {
  return process.env['DOCKER_HOST']?.trim() || null;
}

async function installAndStart(
  { log, allowInstall }: DockerEnsureOptions,
  place: DaemonPlace,
): Promise<DockerEngineFound> {
  const { socketPath } = place;
  // Another process may have started it meanwhile, or a daemon may be restarting after a crash.
  if ((await dockerProbe(socketPath)).state === 'answers' || (await daemonAwaited(place))) {
    return { socketPath, startedByUs: false };
  }
  const isMissing = !isOnPath('dockerd');
  if (isMissing) {
    if (!allowInstall || !isOnPath('apt-get')) throw new Error(adviceForRoot(socketPath));
    log(
      'No Docker engine is here: installing docker.io, nftables and iptables with apt-get (a minute or two) …',
    );
    await withProgress(log, 'installing Docker', packagesInstall);
  }
  log('Starting the Docker engine; it is left running …');
  await withProgress(log, 'starting Docker', () => daemonStart(place, isMissing));
  log('The Docker engine answers.');
  if (place === SYSTEM_DAEMON) kernelLimitsRaise(log);
  return { socketPath, startedByUs: true };
}

async function packagesInstall(): Promise<void> {
  try {
    // The installation starts no service, because the setup of our daemon is decided first.
    await aptEnsure(['docker.io', 'nftables', 'iptables']);
  } catch (error) {
    const said = error instanceof Error ? error.message.trim().split('\n') : [];
    const reason = said.findLast((line) => line.startsWith('E: ')) ?? said.at(-1) ?? String(error);
    throw new Error(
      `Docker could not be installed (${reason}): see to what apt-get asks for (it needs the internet or a mirror), ` +
        'or install and start Docker yourself, or set DOCKER_HOST.',
      { cause: error },
    );
  }
}

function adviceWithoutRoot(socketPath: string): string {
  return (
    `No Docker engine answers at ${socketPath}: start Docker (or install it, https://docs.docker.com/engine/install/), ` +
    'add this user to the group docker, or set DOCKER_HOST to an engine elsewhere.'
  );
}

function adviceForRoot(socketPath: string): string {
  return (
    `No Docker engine answers at ${socketPath}, and none can be installed from here: install Docker ` +
    '(https://docs.docker.com/engine/install/) and start it, or set DOCKER_HOST to an engine elsewhere.'
  );
}

function isOnPath(command: string): boolean {
  const folders = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`.split(':');
  return folders.some((folder) => {
    try {
      accessSync(join(folder, command), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

async function withProgress<T>(log: (text: string) => void, what: string, work: () => Promise<T>) {
  const startedAt = performance.now();
  const timer = setInterval(
    () => log(`  … still ${what} (${Math.round((performance.now() - startedAt) / 1000)} s)`),
    STILL_AT_IT_EVERY_MS,
  );
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
