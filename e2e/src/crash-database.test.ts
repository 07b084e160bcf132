import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dockerSkip } from '@dollarbox/testbed/docker';
import { type TestCluster, clusterOpen } from '@dollarbox/testbed/postgres';
import pg from 'pg';
import { type Load, loadStart } from './crash-load.ts';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import { logWatch, metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

const skip = await dockerSkip();

/** Answers are as they should be, but for 503s that say when to come again. */
function answersCheck(load: Load): void {
  const { 503: away = 0, ...others } = load.counts();
  for (const status of Object.keys(others)) {
    assert.ok(['200', '201', '204', '404', '409'].includes(status), JSON.stringify(load.counts()));
  }
  assert.ok(away > 0, 'nobody noticed');
}
/** A line or two tell of it, however many requests there were. */
function logCheck(counts: Record<string, number>): void {
  assert.equal(counts['the worker lost its database connection and connects again'], 1);
  for (const [message, count] of Object.entries(counts)) {
    assert.ok(count <= 3, `${count} times: ${message}`);
  }
}

describe('a database that goes away under load', { skip }, () => {
  let folder: string;
  let cluster: TestCluster;
  let scene: CrashScene;
  let server: ServerProcess;
  let ledger: Ledger;
  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crash-db-'));
    cluster = await clusterOpen(folder);
    scene = await crashSceneOpen({ databaseUrl: cluster.url });
    server = await scene.start();
    ledger = ledgerOpen(server);
  });
  after(async () => {
    await scene?.close();
    await cluster?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it('heals when it was stopped and started', async () => {
    const { pid } = server;
    const logged = logWatch(server);
    const load = loadStart(ledger, { image: scene.images.web }, { prefix: 'a' });
    await until('some writes', async () => ledger.entries.length >= 4);
    await cluster.stop();
    await until('a refusal', async () => load.counts()['503'] !== undefined);
    const ready = await fetch(`${server.url}/readyz`);
    assert.equal(ready.status, 503);
    assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
    assert.equal(await metricRead(server, 'dollarbox_database_up'), 0);
    cluster = await clusterOpen(folder);
    const before = load.counts()['200'] ?? 0;
    await until('answers again', async () => (load.counts()['200'] ?? 0) > before + 10);
    await load.stop();
    answersCheck(load);
    logCheck(logged(40));
    await endCheck({ server, database: scene.database, ledger });
    assert.equal(server.pid, pid);
  });

  it('heals when connections are cut again and again', async () => {
    const operator = new pg.Client({ connectionString: cluster.url });
    await operator.connect();
    const load = loadStart(ledger, { image: scene.images.web }, { prefix: 'b' });
    await until('writes among the cuts', async () => {
      await operator.query(
        `select pg_terminate_backend(pid) from pg_stat_activity
         where pid <> pg_backend_pid() and application_name like 'dollarbox%'`,
      );
      const { 201: made = 0, 503: away = 0 } = load.counts();
      return made >= 4 && away >= 10;
    });
    await load.stop();
    await operator.end();
    answersCheck(load);
    await endCheck({ server, database: scene.database, ledger });
  });
});

describe('the embedded database', { skip }, () => {
  let scene: CrashScene;
  let server: ServerProcess;
  before(async () => {
    scene = await crashSceneOpen();
    server = await scene.start({ DATABASE_URL: '' });
  });
  after(() => scene?.close());

  it('is started again when it is killed under load', async () => {
    const logged = logWatch(server);
    const file = join(server.dataDir, 'postgres', 'postmaster.pid');
    const [pid, , , , host = ''] = readFileSync(file, 'utf8').split('\n');
    const database = new pg.Pool({ host, user: 'dollarbox', database: 'dollarbox' });
    database.on('error', () => undefined);
    try {
      await database.query('update orgs set container_limit = 1000');
      const ledger = ledgerOpen(server);
      const load = loadStart(ledger, { image: scene.images.web }, { prefix: 'c' });
      await until('some writes', async () => ledger.entries.length >= 4);
      process.kill(Number(pid), 'SIGKILL');
      await until('a refusal', async () => load.counts()['503'] !== undefined);
      const before = load.counts()['200'] ?? 0;
      await until('answers again', async () => (load.counts()['200'] ?? 0) > before + 10);
      await load.stop();
      answersCheck(load);
      logCheck(logged(40));
      await endCheck({ server, database, ledger });
    } finally {
      await database.end();
    }
  });
});
