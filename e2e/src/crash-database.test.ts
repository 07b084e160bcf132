import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { type TestCluster, clusterOpen } from '@dollarbox/testbed/postgres';
import pg from 'pg';
import { type Load, loadDuring } from './crash-load.ts';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { databaseLook, embeddedLocation } from './secret-watch.ts';
import { containersOf } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import { type LogWatch, logWatch, metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

const BURST = 30;

const skip = await dockerSkip();

/** Every answer is as expected, or a 503 that says when to retry. */
function answersCheck(load: Load): void {
  const { 503: away = 0, ...others } = load.counts();
  for (const status of Object.keys(others)) {
    assert.ok(['200', '201', '204', '404', '409'].includes(status), JSON.stringify(load.counts()));
  }
  assert.ok(away > 0, 'nobody noticed');
}
async function answersAgain(counts: Load['counts']): Promise<void> {
  const before = counts()['200'] ?? 0;
  await until('answers again', async () => (counts()['200'] ?? 0) > before + 10);
}

/** The loss is logged, but not once for each request. */
function logCheck(logged: LogWatch): void {
  const lost = logged.warnings()['the worker lost its database connection and connects again'];
  assert.ok(lost !== undefined && lost >= 1, 'the loss was not logged');
  logged.assertQuiet();
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

  it('recovers after it was stopped and started', async () => {
    const { pid } = server;
    const logged = logWatch(server);
    const load = await loadDuring(ledger, { image: scene.images.web }, 'a', async ({ counts }) => {
      await until('some writes', async () => ledger.entries.length >= 4);
      await cluster.stop();
      await until('a refusal', async () => counts()['503'] !== undefined);
      assert.equal((await fetch(`${server.url}/readyz`)).status, 503);
      assert.equal((await fetch(`${server.url}/healthz`)).status, 200);
      assert.equal(await metricRead(server, 'dollarbox_database_up'), 0);
      cluster = await clusterOpen(folder);
      await answersAgain(counts);
    });
    answersCheck(load);
    logCheck(logged);
    await endCheck({ server, database: scene.database, ledger });
    assert.equal(server.pid, pid);
  });

  it('recovers when connections are cut again and again', async () => {
    const operator = new pg.Client({ connectionString: cluster.url });
    operator.on('error', () => undefined);
    await operator.connect();
    let [cuts, answersBefore] = [0, 0];
    const load = await loadDuring(ledger, { image: scene.images.web }, 'b', ({ counts }) =>
      until('enough cuts', async () => {
        const answers = Object.values(counts()).reduce((sum, count) => sum + count, 0);
        // Some work gets done between two cuts.
        if (answers - answersBefore < 10) return false;
        answersBefore = answers;
        await operator.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
           where pid <> pg_backend_pid() and application_name like 'dollarbox%'`,
        );
        cuts += 1;
        return cuts >= 15 && counts()['503'] !== undefined;
      }),
    );
    await operator.end();
    answersCheck(load);
    await endCheck({ server, database: scene.database, ledger });
  });
});

describe('the embedded database', { skip }, () => {
  let scene: CrashScene;
  let server: ServerProcess;
  let ledger: Ledger;
  let database: pg.Pool;
  before(async () => {
    scene = await crashSceneOpen();
    server = await scene.start({ DATABASE_URL: '' });
    ledger = ledgerOpen(server);
    const { host } = postmaster();
    database = new pg.Pool({ host, user: 'dollarbox', database: 'dollarbox' });
    database.on('error', () => undefined);
    await database.query('update orgs set container_limit = 1000');
  });
  after(async () => {
    await database?.end();
    if (server !== undefined) await databaseLook(embeddedLocation(server.dataDir));
    await scene?.close();
  });

  function postmaster(): { pid: number; host: string } {
    const file = join(server.dataDir, 'postgres', 'postmaster.pid');
    const [pid, , , , host = ''] = readFileSync(file, 'utf8').split('\n');
    return { pid: Number(pid), host };
  }

  it('is started again when it is killed under load', async () => {
    const logged = logWatch(server);
    const wish = { image: scene.images.web };
    const load = await loadDuring(ledger, wish, 'c', async ({ counts }) => {
      await until('some writes', async () => ledger.entries.length >= 4);
      process.kill(postmaster().pid, 'SIGKILL');
      await until('a refusal', async () => counts()['503'] !== undefined);
      await answersAgain(counts);
    });
    answersCheck(load);
    logCheck(logged);
    await endCheck({ server, database, ledger });
  });

  it('loses nothing if everything is killed in the middle of a burst', async () => {
    const creates = Array.from({ length: BURST }, (_, index) =>
      ledger.create(`burst-${index}`, { image: scene.images.web }, `key ${index}`),
    );
    await until('some to run', async () => (await containersOf(server.installation)).length >= 8);
    process.kill(postmaster().pid, 'SIGKILL');
    await server.stop('SIGKILL');
    await Promise.all(creates);
    await server.restart();
    await Promise.all(
      Array.from({ length: BURST }, (_, index) =>
        ledger.create(`burst-${index}`, { image: scene.images.web }, `key ${index}`),
      ),
    );
    await endCheck({ server, database, ledger });
    assert.equal(ledger.entries.filter(({ name }) => name.startsWith('burst')).length, BURST);
  });
});
