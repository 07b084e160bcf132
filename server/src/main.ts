import { setTimeout as sleep } from 'node:timers/promises';
import { type App, buildApp } from './app.ts';
import { type Config, configRead } from './config.ts';
import { containerReconcilerCreate } from './containers/reconcile.ts';
import { dataDirLock } from './db/data-dir-lock.ts';
import { databaseMigrate } from './db/migrate.ts';
import { databaseStart } from './db/open.ts';
import type { ApiDeps, ReconcilerDeps } from './deps.ts';
import { engineInstrument } from './engine-instrument.ts';
import { engineOpen } from './engine-open.ts';
import { OperatorError } from './errors.ts';
import { failpoint, failpointsArm } from './failpoints.ts';
import { firstRun, firstRunText } from './first-run.ts';
import { secretKeyCheck } from './installation/key-check.ts';
import { logCreate } from './log.ts';
import {
  metricsCreate,
  metricsServe,
  queueMetricsRegister,
  stateMetricsRegister,
} from './metrics.ts';
import { listenFault, portsCheck } from './ports.ts';
import { usageRecorderCreate } from './http/usage.ts';
import { mailerStart } from './mail/mailer.ts';
import { mailTransportOpen } from './mail/transport.ts';
import { mailSignalCreate } from './mail/signal.ts';
import { ipv6PrefixOpen } from './installation/ipv6-prefix.ts';
import { installationRead } from './installation/store.ts';
import { postgresStoreCreate } from './reconciler/postgres-store.ts';
import { engineMonitorStart } from './reconciler/engine-monitor.ts';
import { reconcilerLoopStart } from './reconciler/loop.ts';
import { workSignalCreate } from './reconciler/work-signal.ts';
import { workerSessionOpen } from './reconciler/worker-session.ts';
import { secretBoxCreate, secretKeyLoad } from './secrets.ts';
import { systemClock, systemRandom } from './system.ts';
import { volumeReconcilerCreate } from './volumes/reconcile.ts';

/** What has been started, newest first to stop. */
type Closer = () => unknown;

/** How long a stop waits for a start that is under way, in milliseconds. */
const START_GRACE_MS = 5000;

/** How often it is written down which tokens and sessions were used, in milliseconds. */
const USAGE_FLUSH_EVERY_MS = 10_000;

/** Talk for the person at the terminal; data and logs go elsewhere. */
function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function start(config: Config, closers: Closer[], hurry: AbortSignal): Promise<void> {
  await portsCheck(config);
  const log = logCreate(config.logLevel);
  if (config.failpoints.length > 0) {
    failpointsArm(config.failpoints);
    log.warn({ failpoints: config.failpoints }, 'FAILPOINTS is set: this process is made to fail');
  }
  const metrics = metricsCreate();
  if (config.databaseUrl === null) {
    const lock = lockTake(config.dataDir);
    closers.unshift(() => lock.release());
    progress('Starting the database …');
  }
  const database = await databaseStart(config, log, {
    onStatement: () => metrics.databaseStatements.inc(),
    onConnectionLost: () => metrics.databaseConnectionsLost.inc(),
  });
  closers.unshift(() => database.close());
  const { db } = database;
  await databaseMigrate(db);
  const secrets = secretBoxCreate(secretKeyLoad(config));
  await secretKeyCheck(db, secrets);
  queueMetricsRegister(metrics, db, systemClock);
  stateMetricsRegister(metrics, db);

  const deps: ApiDeps = {
    config,
    db,
    clock: systemClock,
    random: systemRandom,
    secrets,
    signal: workSignalCreate(db, systemRandom),
    metrics,
    usage: usageRecorderCreate(db, systemClock, log),
    mail: mailSignalCreate(),
    log,
  };
  const ipv6Prefix = await ipv6PrefixOpen(db, config.ipv6Prefix, log);
  if (config.role !== 'api') {
    const { id: installationId } = await installationRead(db);
    const opened = await engineOpen(config, installationId, { ...deps, ipv6Prefix }, progress);
    const engine = engineInstrument(opened, metrics);
    closers.unshift(() => engine.close());
    log.info({ installation: installationId, engine: config.engine }, 'the engine is ready');
    const store = postgresStoreCreate(db, secrets);
    const subnetStartIndex = Number.parseInt(installationId, 36) % 65_536;
    const reconcilerDeps = { ...deps, engine, store, subnetStartIndex, ipv6Prefix };
    await reconcilerStart(reconcilerDeps, database.location, closers);
  }
  const metricsServer = await metricsServe(metrics, config.metricsPort);
  closers.unshift(() => metricsServer.close());
  if (config.role === 'reconciler') {
    progress('The reconciler works.');
    return;
  }
  const made = await firstRun(deps);
  failpoint('first-run.after');
  const usageTimer = setInterval(() => void deps.usage.flush(), USAGE_FLUSH_EVERY_MS);
  closers.unshift(async () => {
    clearInterval(usageTimer);
    await deps.usage.flush();
  });
  const mailer = mailerStart(deps, mailTransportOpen(config));
  closers.unshift(() => mailer.stop());
  const app = await buildApp(deps);
  await listen(app, config);
  closers.unshift(async () => {
    // Readiness goes first, so that a load balancer stops sending; then what is in flight ends.
    app.retire();
    await app.close({ hurry });
  });
  if (made !== null) process.stdout.write(firstRunText(made, config.publicUrl));
  progress(
    `\nDollarBox listens on ${config.publicUrl} (stop it with Ctrl-C; containers go on running).`,
  );
}

function lockTake(dataDir: string): ReturnType<typeof dataDirLock> {
  try {
    return dataDirLock(dataDir);
  } catch (error) {
    throw new OperatorError(error instanceof Error ? error.message : String(error), {
      cause: error,
    });
  }
}

async function reconcilerStart(
  deps: ReconcilerDeps,
  location: Parameters<typeof workerSessionOpen>[0],
  closers: Closer[],
): Promise<void> {
  const session = await workerSessionOpen(location, deps.log, (from) => deps.signal.receive(from));
  closers.unshift(() => session.close());
  const loop = reconcilerLoopStart(deps, session, {
    container: containerReconcilerCreate(deps),
    volume: volumeReconcilerCreate(deps),
  });
  const monitor = engineMonitorStart(deps, progress);
  closers.unshift(async () => {
    await Promise.all([loop.stop(), monitor.stop()]);
  });
}

async function listen(app: App, config: Config): Promise<void> {
  try {
    await app.server.listen({ port: config.port, host: config.host });
  } catch (error) {
    throw error instanceof Error ? listenFault(error, 'PORT', config.port, config.host) : error;
  }
}

async function main(): Promise<void> {
  const closers: Closer[] = [];
  let stopping: Promise<void> | null = null;
  /** Aborted by a second signal. */
  const hurry = new AbortController();

  let starting: Promise<void> = Promise.resolve();

  /** Stops what was started, once, newest first, and ends the process. */
  function stop(exitCode: number): Promise<void> {
    stopping ??= (async () => {
      await closeAll(closers);
      // A start that is under way may have opened one thing more.
      await Promise.race([starting.catch(() => undefined), sleep(START_GRACE_MS)]);
      await closeAll(closers);
      process.exit(exitCode);
    })();
    return stopping;
  }

  function fail(error: unknown): Promise<void> {
    if (stopping !== null) return stopping;
    const isBug = !(error instanceof OperatorError);
    const text = error instanceof Error ? (isBug ? error.stack : error.message) : String(error);
    progress(`dollarbox: ${text ?? ''}`);
    return stop(1);
  }

  process.on('uncaughtException', (error) => void fail(error));
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping === null) {
        progress('Stopping …');
      } else if (!hurry.signal.aborted) {
        progress('Requests in flight are waited for no longer.');
        hurry.abort();
      }
      void stop(0);
    });
  }
  try {
    starting = start(configRead(process.env), closers, hurry.signal);
    await starting;
  } catch (error) {
    await fail(error);
  }
}

async function closeAll(closers: Closer[]): Promise<void> {
  for (let close = closers.shift(); close !== undefined; close = closers.shift()) {
    try {
      await close();
    } catch (error) {
      progress(`While stopping: ${error instanceof Error ? error.message : String(error)}`);
    }
  }
}

await main();
