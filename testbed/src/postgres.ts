/**
 * A real PostgreSQL for tests: one cluster for a whole run, and for each test file its own database, cloned from
 * a template that is migrated once.
 */
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { embeddedPostgresOpen } from '@dollarbox/server/db/embedded';
import { Client } from 'pg';
import { processIsAlive, processStartTime } from '@dollarbox/host/process-lock';
import { TEST_RUN_VARIABLE, testRunBegin, testRunIsAlive, testRunMachine } from './test-run.ts';

/** Set by the runner; set it yourself to make the tests use another server (its user must be able to create databases). */
export const TEST_DATABASE_VARIABLE = 'TEST_DATABASE_URL';
const QUIET = { info() {}, warn() {}, error: (message: string) => console.error(message) };

export interface TestCluster {
  /** A connection string to its maintenance database. */
  url: string;
  /** Stops it, if it was started here. */
  stop(): Promise<void>;
}

export interface TestDatabase {
  name: string;
  /** A connection string for `pg`, Kysely and DATABASE_URL. */
  url: string;
  /** Closes all connections. Not needed at a file's end: the run removes all of its databases. */
  drop(): Promise<void>;
}

export interface DatabaseTemplate {
  /** Identifies the template; a-z, 0-9 and _. */
  name: string;
  /** Fills the template, once per run. Must have closed its connections when it resolves. */
  migrate(database: { connectionString: string }): Promise<void>;
}

let shared: Promise<TestCluster> | undefined;

/** The run's cluster. A test file that is run directly starts one, which ends with the process. */
export function postgresShared(): Promise<TestCluster> {
  const url = process.env[TEST_DATABASE_VARIABLE];
  shared ??= url === undefined ? clusterForThisProcess() : clusterGiven(url);
  return shared;
}

/** Its databases are removed by the next run, because a process that exits can't wait. */
async function clusterGiven(url: string): Promise<TestCluster> {
  if (process.env[TEST_RUN_VARIABLE] === undefined) {
    const run = testRunBegin();
    process.on('exit', run.end);
  }
  return { url, async stop() {} };
}

/** Starts a fast cluster in `folder` that is not durable: its data does not survive a crash of the machine. */
export async function clusterOpen(folder: string): Promise<TestCluster> {
  const server = await embeddedPostgresOpen({ dataDir: folder, log: QUIET, durable: false });
  const { host, user } = server.connection;
  return {
    url: `postgresql://${user}@localhost/postgres?host=${encodeURIComponent(host)}`,
    stop: () => server.stop(),
  };
}

/** A new database: a clone of the template, or empty. */
export async function databaseCreate(template?: DatabaseTemplate): Promise<TestDatabase> {
  const { url } = await postgresShared();
  const prefix = `dollarbox_test_${process.env[TEST_RUN_VARIABLE]}_`;
  // Not of the process's id, which the system gives out again during a long run.
  const name = `${prefix}${randomBytes(8).toString('hex')}`;
  await withClient(url, async (client) => {
    const from =
      template === undefined ? 'template0' : await templateEnsure(client, url, prefix, template);
    await client.query(`create database ${name} template ${from}`);
  });
  return {
    name,
    url: urlOf(url, name),
    drop: () =>
      withClient(url, async (client) => {
        await client.query(`drop database if exists ${name} with (force)`);
      }),
  };
}

/** Drops the databases of a run, and of all runs of this machine that have ended. */
export async function databasesSweep(url: string, endedRun?: string): Promise<void> {
  await withClient(url, async (client) => {
    const { rows } = await client.query<{ datname: string; datistemplate: boolean }>(
      "select datname, datistemplate from pg_database where datname ~ '^dollarbox_test_[0-9a-f]{16}_'",
    );
    for (const { datname, datistemplate } of rows) {
      const run = datname.slice('dollarbox_test_'.length).slice(0, 16);
      const dead = run.startsWith(testRunMachine()) && !testRunIsAlive(run);
      if (run !== endedRun && !dead) continue;
      if (datistemplate) await client.query(`alter database ${datname} is_template false`);
      await client.query(`drop database if exists ${datname} with (force)`);
    }
  });
}

/** Two test files that start together create it once; one that was left incomplete is recreated. */
async function templateEnsure(
  client: Client,
  url: string,
  prefix: string,
  { name, migrate }: DatabaseTemplate,
): Promise<string> {
  const template = `${prefix}template_${name}`;
  await client.query('select pg_advisory_lock(hashtextextended($1, 0))', [template]);
  const { rows } = await client.query<{ datistemplate: boolean }>(
    'select datistemplate from pg_database where datname = $1',
    [template],
  );
  if (rows[0]?.datistemplate !== true) {
    await client.query(`drop database if exists ${template} with (force)`);
    await client.query(`create database ${template} template template0`);
    await migrate({ connectionString: urlOf(url, template) });
    await client.query(`alter database ${template} is_template true allow_connections false`);
  }
  await client.query('select pg_advisory_unlock(hashtextextended($1, 0))', [template]);
  return template;
}

function urlOf(clusterUrl: string, database: string): string {
  const url = new URL(clusterUrl);
  url.pathname = `/${database}`;
  return url.href;
}

async function withClient<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** Not in an `after` hook, which would run before the file's own, while its pools are still open. */
async function clusterForThisProcess(): Promise<TestCluster> {
  const run = testRunBegin();
  const dataDir = join(run.folder, 'database');
  process.on('exit', () => {
    clusterKill(dataDir);
    run.end();
  });
  return clusterOpen(dataDir);
}

/** Synchronous, as an exit handler must be: PostgreSQL's immediate shutdown, which also frees its shared memory. */
function clusterKill(dataDir: string): void {
  const server = postmasterRead(dataDir);
  if (server === null) return;
  const startTime = processStartTime(server.pid);
  process.kill(server.pid, 'SIGQUIT');
  const pause = new Int32Array(new SharedArrayBuffer(4));
  for (let waits = 0; waits < 500 && processIsAlive(server.pid, startTime); waits++) {
    Atomics.wait(pause, 0, 0, 10);
  }
  rmSync(server.socketFolder, { recursive: true, force: true });
}

/** From the cluster's postmaster.pid; null if it is not running. */
function postmasterRead(dataDir: string): { pid: number; socketFolder: string } | null {
  const path = join(dataDir, 'postgres', 'postmaster.pid');
  if (!existsSync(path)) return null;
  const [pid, , , , socketFolder] = readFileSync(path, 'utf8').split('\n');
  if (socketFolder === undefined || !processIsAlive(Number(pid), null)) return null;
  return { pid: Number(pid), socketFolder };
}
