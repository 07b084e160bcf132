import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import Docker from 'dockerode';
import pg from 'pg';
import { type DollarboxClient, dollarboxClientCreate } from '@dollarbox/client';
import { folderRemove } from '@dollarbox/host/folder-remove';
import { webImage } from './containers.ts';

const MAIN = fileURLToPath(new URL('../../server/src/main.ts', import.meta.url));
const START_TIMEOUT_MS = 90_000;
/** The distance from the API's port to the port of its metrics. */
const PORT_STEP = 1000;
/** The role and the database of the embedded PostgreSQL. */
const ROLE = 'dollarbox';

/** A separate server, started as an operator does, with its own embedded PostgreSQL. */
export interface BenchServer {
  url: string;
  /** The write token that the first start printed. */
  token: string;
  /** The account that the first start created. */
  owner: { email: string; password: string };
  client: DollarboxClient;
  pid: number;
  /** A superuser's session on its database. */
  db: pg.Client;
  /** The URL of its PostgreSQL; `database` may be replaced. */
  location: { host: string; user: string; database: string };
  /** The installation id in the names and labels of all that it creates in an engine. */
  installationId: string;
  /** The sum of a metric over all its labels, as `/metrics` reports it now. */
  metric(name: string): Promise<number>;
  dataDir: string;
  /** Stops it. Its data stays. */
  stop(): Promise<void>;
  /** Stops it and removes its data. */
  close(): Promise<void>;
}

/**
 * Starts `server/src/main.ts`. Rate limits are counted but never reached.
 * @param dataDir of one that was stopped: it prints no token and no password. Default: a new folder.
 */
export async function serverOpen(
  environment: Record<string, string>,
  dataDir = mkdtempSync(join(tmpdir(), 'dollarbox-bench-')),
): Promise<BenchServer> {
  const remove = (): void => folderRemove(dataDir);
  const { child, url, metricsUrl, output } = await serverSpawn({
    DATA_DIR: dataDir,
    ...environment,
  }).catch((error: unknown) => {
    remove();
    throw error;
  });
  const token = /dbx_\w+/.exec(output())?.[0] ?? '';
  const printed = (name: string) =>
    new RegExp(`^ +${name} +(\\S+)$`, 'm').exec(output())?.[1] ?? '';
  const location = { host: socketFolder(dataDir), user: ROLE, database: ROLE };
  const db = new pg.Client(location);
  await db.connect();
  const { rows } = await db.query<{ id: string }>('select id from installation');
  let stopping: Promise<void> | undefined;
  const stop = () => (stopping ??= db.end().then(() => serverStop(child)));
  return {
    url,
    token,
    dataDir,
    stop,
    owner: { email: printed('account'), password: printed('password') },
    client: dollarboxClientCreate({ baseUrl: url, token, retries: 0 }),
    pid: child.pid ?? 0,
    db,
    location,
    installationId: rows[0]?.id ?? '',
    metric: (name) => metricRead(metricsUrl, name),
    async close() {
      await stop();
      remove();
    },
  };
}

interface Spawned {
  child: ChildProcess;
  url: string;
  metricsUrl: string;
  output: () => string;
}

/** Starts a server and waits until it listens. */
async function serverSpawn(environment: Record<string, string>): Promise<Spawned> {
  const port = await portFree();
  const child = spawn(process.execPath, [MAIN], {
    env: {
      ...process.env,
      PORT: String(port),
      METRICS_PORT: String(port + PORT_STEP),
      RATE_LIMIT_PER_MINUTE: '10000000',
      LOG_LEVEL: 'warn',
      // The images lie on the engine: none is pulled, and there are many orgs.
      ...(environment['ENGINE'] !== 'kubernetes' && {
        ALLOWED_LOCAL_IMAGES: await webImage(new Docker()),
      }),
      ...environment,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.includes('DollarBox listens on')) resolve();
    });
  }
  child.once('close', (code) => reject(new Error(`the server ended with ${code}:\n${output}`)));
  const timer = setTimeout(() => child.kill('SIGKILL'), START_TIMEOUT_MS);
  await promise;
  clearTimeout(timer);
  return {
    child,
    url: `http://localhost:${port}`,
    metricsUrl: `http://127.0.0.1:${port + PORT_STEP}/metrics`,
    output: () => output,
  };
}

async function serverStop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'close');
  child.kill('SIGTERM');
  await ended;
}

/** From PostgreSQL's postmaster.pid, whose fifth line is the socket's folder. */
function socketFolder(dataDir: string): string {
  const lines = readFileSync(join(dataDir, 'postgres', 'postmaster.pid'), 'utf8').split('\n');
  return lines[4] ?? '';
}

async function metricRead(url: string, name: string): Promise<number> {
  const text = await (await fetch(url)).text();
  const values = text
    .split('\n')
    .filter((line) => line.startsWith(`${name} `) || line.startsWith(`${name}{`))
    .map((line) => Number(line.slice(line.lastIndexOf(' '))));
  return values.reduce((sum, value) => sum + value, 0);
}

/** A port that is free now, and whose port for metrics is free as well. */
async function portFree(): Promise<number> {
  for (;;) {
    const port = await portTry(0);
    if (port !== null && port + PORT_STEP < 65_536 && (await portTry(port + PORT_STEP)) !== null) {
      return port;
    }
  }
}

function portTry(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen(port, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' && address ? address.port : null));
    });
  });
}
