import { type ChildProcess, spawn } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { installationRemove } from './docker-host.ts';
import {
  databaseLogLook,
  databaseLook,
  embeddedLocation,
  outputLook,
  pagesLook,
  secretLook,
  secretsNone,
} from './secret-watch.ts';
import { folderRemove } from '@dollarbox/host/folder-remove';
import { failureLogAdd } from '@dollarbox/testbed/failure-log';
import { testInstallationNote } from '@dollarbox/testbed/test-run';
import { WAIT_MS } from './wait.ts';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const ADMIN = fileURLToPath(new URL('../../server/src/admin.ts', import.meta.url));
/** Makes the secrets that a process of the product generates recognizable. */
const CANARY_FLAGS = ['--import', import.meta.resolve('@dollarbox/testbed/canary-random')];
const PORT_FIRST = 20_000;
/** The distance from a port to its metrics port, which is also the number of ports to choose from. */
const PORT_STEP = 5000;

/** A server of its own, started as an operator would start it and reached only by URL. */
export interface ServerProcess {
  url: string;
  /** From the lines that the first start prints. */
  token: string;
  dataDir: string;
  metricsUrl: string;
  /** The id in the names and labels of its objects on the engine. */
  installation: string;
  pid: number;
  output(): string;
  /** Sends a signal and waits for the exit. @returns the exit code, null if it was killed. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  /** Waits until it exits by itself. @returns the exit code, null if it was killed. */
  ended(): Promise<number | null>;
  signal(signal: NodeJS.Signals): void;
  /** Whether it is stopped, after a SIGSTOP. */
  isStopped(): boolean;
  /** Starts it again on the same data and port. */
  restart(environment?: Record<string, string>): Promise<void>;
  /** Runs an operator's command with the same variables. @returns what `--json` prints. */
  admin(...args: string[]): Promise<Record<string, unknown>>;
  /** The same with other variables, as a process that a test may end. */
  adminStart(environment: Record<string, string>, ...args: string[]): RunningProgram;
  /** Stops it and removes its data folder. @throws AssertionError if a secret is found in clear in what it left. */
  remove(): Promise<void>;
}

/** A program that was started and may have ended. */
interface RunningProgram {
  child: ChildProcess;
  stderr(): string;
  /** Resolves when it has ended. */
  result: Promise<RunResult>;
}

export interface RunResult {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs the server until it exits by itself, on free ports unless others are given. `code` is null if it was killed. */
export async function serverRun(environment: Record<string, string>): Promise<RunResult> {
  return programRun([MAIN], { ...(await portVariables()), ...environment });
}

async function portVariables(): Promise<{ PORT: string; METRICS_PORT: string }> {
  const port = await portFree();
  return { PORT: String(port), METRICS_PORT: String(port + PORT_STEP) };
}

function programStart(args: string[], environment: Record<string, string>): RunningProgram {
  const env = { ...process.env, ...environment };
  const child = spawn(process.execPath, [...CANARY_FLAGS, ...args], { env });
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const result = (once(child, 'close') as Promise<[number | null]>).then(([code]) => {
    secretLook('messages of a program', stderr());
    return { code, stdout: stdout(), stderr: stderr() };
  });
  return { child, stderr, result };
}

const programRun = (args: string[], environment: Record<string, string>): Promise<RunResult> =>
  programStart(args, environment).result;

export async function serverStart(
  environment: Record<string, string> = {},
): Promise<ServerProcess> {
  const dataDir = environment['DATA_DIR'] ?? mkdtempSync(join(tmpdir(), 'dollarbox-e2e-'));
  const ports = await portVariables();
  const base = {
    ...ports,
    DATA_DIR: dataDir,
    RATE_LIMIT_PER_MINUTE: '1000000',
    ...environment,
  };
  let current = await launch(base);
  const token = /dbx_\w+/.exec(current.output())?.[0] ?? '';
  const installation = /"installation":"(\w+)"/.exec(current.output())?.[1] ?? '';
  testInstallationNote(installation);

  /** Looks for secrets in what a server that can serve shows and stores. */
  async function secretsLook(): Promise<void> {
    databaseLogLook(dataDir);
    const isRunning = current.child.exitCode === null && current.child.signalCode === null;
    if (!isRunning || server.isStopped() || !(await isReady(server.url))) return;
    const databaseUrl = environment['DATABASE_URL'];
    await databaseLook(
      databaseUrl === undefined ? embeddedLocation(dataDir) : { connectionString: databaseUrl },
    );
    await pagesLook(server.url, server.metricsUrl);
  }

  const server: ServerProcess = {
    url: `http://localhost:${ports.PORT}`,
    token,
    dataDir,
    installation,
    metricsUrl: `http://127.0.0.1:${ports.METRICS_PORT}/metrics`,
    get pid() {
      return current.child.pid ?? 0;
    },
    output: () => current.output(),
    async stop(signal = 'SIGTERM') {
      current.child.kill(signal);
      // A stopped process receives the signal only when it continues.
      current.child.kill('SIGCONT');
      return server.ended();
    },
    ended: () => inTime(current.ended, 'the end of the server'),
    isStopped: () => /\) T /.test(readFileSync(`/proc/${server.pid}/stat`, 'utf8')),
    signal: (signal) => void current.child.kill(signal),
    async restart(more = {}) {
      await server.stop();
      current = await launch({ ...base, ...more });
    },
    async admin(...args) {
      const result = await programRun([ADMIN, ...args, '--json'], base);
      if (result.code !== 0) throw new Error(`dollarbox-admin ${args.join(' ')}: ${result.stderr}`);
      return JSON.parse(result.stdout) as Record<string, unknown>;
    },
    adminStart: (more, ...args) => programStart([ADMIN, ...args, '--json'], { ...base, ...more }),
    async remove() {
      try {
        await secretsLook();
      } finally {
        await server.stop();
        await installationRemove(installation);
        folderRemove(dataDir);
      }
      secretsNone();
    },
  };
  return server;
}

async function isReady(url: string): Promise<boolean> {
  try {
    return (await fetch(`${url}/readyz`)).ok;
  } catch {
    // It has no API, or has ended.
    return false;
  }
}

interface Launched {
  child: ChildProcess;
  ended: Promise<number | null>;
  output: () => string;
}

async function launch(environment: Record<string, string>): Promise<Launched> {
  const child = spawn(process.execPath, [...CANARY_FLAGS, MAIN], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [stdout, stderr] = [collect(child, 'stdout'), collect(child, 'stderr')];
  const output = (): string => stdout() + stderr();
  failureLogAdd(`the server with pid ${child.pid}`, output);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  child.once('close', () => outputLook(`what the server with pid ${child.pid} printed`, output()));
  await new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the server did not start in time:\n${output()}`));
    }, WAIT_MS);
    child.once('close', (code) => {
      clearTimeout(timer);
      reject(new Error(`the server ended with ${code} while starting:\n${output()}`));
    });
    child.stderr?.on('data', () => {
      if (!/DollarBox listens on|The reconciler works/.test(stderr())) return;
      clearTimeout(timer);
      resolve();
    });
  });
  return { child, ended, output };
}

function collect(child: ChildProcess, name: 'stdout' | 'stderr'): () => string {
  let text = '';
  child[name]?.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  return () => text;
}

async function inTime<T>(work: Promise<T>, what: string): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new Error(`${what} is late`)), WAIT_MS);
  return Promise.race([work, late.promise]).finally(() => clearTimeout(timer));
}

/**
 * A port that is currently free, as is its metrics port. It is below the range that the system uses for outgoing
 * connections, because one of those might take the port before a restart.
 */
async function portFree(): Promise<number> {
  for (;;) {
    const port = randomInt(PORT_FIRST, PORT_FIRST + PORT_STEP);
    if ((await canListen(port)) && (await canListen(port + PORT_STEP))) return port;
  }
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
