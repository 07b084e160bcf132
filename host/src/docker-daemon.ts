/** Starts a Docker daemon where none is running. */
import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { closeSync, existsSync, fstatSync, openSync, readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { dockerProbe } from './docker-probe.ts';

const run = promisify(execFile);

/** The files of one daemon. They differ from Docker's defaults only in tests. */
export interface DaemonPlace {
  socketPath: string;
  pidPath: string;
  configPath: string;
  logPath: string;
  /** Flags for dockerd in addition to those that isolation needs. */
  flags: readonly string[];
  /** The command that dockerd is started through, e.g. `unshare --net` for a network of its own. */
  launcher?: readonly string[];
}

export const SYSTEM_DAEMON: DaemonPlace = {
  socketPath: '/var/run/docker.sock',
  pidPath: '/var/run/docker.pid',
  configPath: '/etc/docker/daemon.json',
  logPath: '/var/log/dollarbox-dockerd.log',
  flags: [],
};

const IPV6_RULES_BY_DEFAULT_SINCE = 27;
const START_TRIES = 3;
const START_TIMEOUT_MS = 90_000;
const POLL_MS = 100;
const PROXY_VARIABLES = [
  'HTTP_PROXY',
  'HTTPS_PROXY',
  'NO_PROXY',
  'http_proxy',
  'https_proxy',
  'no_proxy',
];

/** The major version in what `dockerd --version` prints ("Docker version 20.10.24+dfsg1, build …"); 0 if unknown. */
export function daemonMajor(versionText: string): number {
  return Number(/version (\d+)\./.exec(versionText)?.[1] ?? 0);
}

/**
 * The settings that a daemon configured by us needs to filter IPv6 between networks as it does IPv4. Newer daemons do
 * so by default.
 * @param prefix 40 random bits as 10 hex digits, for a unique local /64 (RFC 4193) of the default bridge.
 */
export function isolationConfig(major: number, prefix: string): Record<string, string | boolean> {
  if (major >= IPV6_RULES_BY_DEFAULT_SINCE) return {};
  const groups = `fd${prefix}`.match(/.{4}/g) ?? [];
  return {
    experimental: true,
    ip6tables: true,
    ipv6: true,
    'fixed-cidr-v6': `${groups.join(':')}::/64`,
  };
}

/** The same settings as flags of dockerd. */
export function configFlags(config: Readonly<Record<string, string | boolean>>): string[] {
  return Object.entries(config).map(([name, value]) =>
    value === true ? `--${name}` : `--${name}=${value}`,
  );
}

/**
 * Starts the daemon and waits until it answers. The daemon outlives this process.
 * @param configure whether we may configure it: where systemd starts it, only if we installed it.
 * @throws Error with a sentence: the daemon's message, and where its log is.
 */
export async function daemonStart(place: DaemonPlace, configure: boolean): Promise<void> {
  const major = daemonMajor((await run('dockerd', ['--version'])).stdout);
  const config = isolationConfig(major, randomBytes(5).toString('hex'));
  const isConfigured = existsSync(place.configPath);
  if (place === SYSTEM_DAEMON && isSystemd()) {
    if (configure && !isConfigured && Object.keys(config).length > 0) {
      await mkdir(dirname(place.configPath), { recursive: true });
      await writeFile(place.configPath, `${JSON.stringify(config, null, 2)}\n`, { mode: 0o644 });
    }
    await systemdStart(place);
    return;
  }
  // dockerd refuses a setting that is both in the file and among the flags.
  const flags = [...place.flags, ...(isConfigured ? [] : configFlags(config))];
  for (let tries = 1; ; tries++) {
    const failure = await spawnAndWait(place, flags);
    if (failure === null) return;
    // After a crash, the first start may fail because of what the dead daemon left behind.
    if (tries === START_TRIES) {
      throw new Error(`Docker could not be started (${failure}): see ${place.logPath}.`);
    }
  }
}

/** Waits for a daemon that another process is starting; false if there is none or it never answers. */
export async function daemonAwaited(place: DaemonPlace): Promise<boolean> {
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (daemonIsThere(place) && performance.now() < deadline) {
    if ((await dockerProbe(place.socketPath)).state === 'answers') return true;
    await delay(POLL_MS);
  }
  return false;
}

function daemonIsThere({ pidPath }: DaemonPlace): boolean {
  try {
    const pid = readFileSync(pidPath, 'utf8').trim();
    return readFileSync(`/proc/${Number(pid)}/comm`, 'utf8').trim() === 'dockerd';
  } catch {
    return false;
  }
}

function isSystemd(): boolean {
  return existsSync('/run/systemd/system');
}

async function systemdStart(place: DaemonPlace): Promise<void> {
  try {
    await run('systemctl', ['start', 'docker.service']);
    const deadline = performance.now() + START_TIMEOUT_MS;
    while ((await dockerProbe(place.socketPath)).state !== 'answers') {
      if (performance.now() > deadline) throw new Error('it does not answer');
      await delay(POLL_MS);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message.trim() : String(error);
    throw new Error(`Docker could not be started (${reason}): see "journalctl -u docker".`, {
      cause: error,
    });
  }
}

/** Returns null if it answers, otherwise the reason why it does not. */
async function spawnAndWait(place: DaemonPlace, flags: readonly string[]): Promise<string | null> {
  const log = openSync(place.logPath, 'a', 0o640);
  const logStart = fstatSync(log).size;
  const [program = '', ...args] = [...(place.launcher ?? []), 'dockerd', ...flags];
  const child = spawn(program, args, {
    detached: true,
    stdio: ['ignore', log, log],
    cwd: '/',
    env: daemonEnvironment(),
  });
  closeSync(log);
  child.unref();
  let ended: string | undefined;
  child.on('error', (error) => (ended = error.message));
  const onExit = (code: number | null, signal: NodeJS.Signals | null) =>
    (ended ??= endReason(place.logPath, logStart) ?? `exit ${signal ?? code}`);
  child.on('exit', onExit);
  const deadline = performance.now() + START_TIMEOUT_MS;
  while (ended === undefined) {
    if ((await dockerProbe(place.socketPath)).state === 'answers') {
      // From now on its exit is no longer our concern: the log may be gone when it happens.
      child.off('exit', onExit);
      return null;
    }
    if (performance.now() > deadline) {
      child.kill('SIGTERM');
      return `it did not answer within ${START_TIMEOUT_MS / 1000} s`;
    }
    await delay(POLL_MS);
  }
  return ended;
}

/** Nothing from our environment: it may hold secrets, and a test run's mark would end the daemon with the run. */
function daemonEnvironment(): Record<string, string> {
  const { PATH = '' } = process.env;
  const passed = PROXY_VARIABLES.flatMap((name) => {
    const value = process.env[name];
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    PATH: `${PATH}:/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin`,
    ...Object.fromEntries(passed),
  };
}

function endReason(path: string, fromByte: number): string | undefined {
  return daemonEndReason(readFileSync(path).subarray(fromByte).toString('utf8'));
}

/**
 * Why a daemon exited, according to its log: the line it crashed with, since its stack follows that line, else the last
 * line.
 */
export function daemonEndReason(log: string): string | undefined {
  const lines = log.trim().split('\n');
  return lines.find((line) => /^(panic|fatal error): /.test(line)) ?? lines.at(-1);
}
