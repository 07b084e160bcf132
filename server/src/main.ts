import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
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
import { firstRun, firstRunText } from './first-run.ts';
import { secretKeyCheck } from './installation/key-check.ts';
import { isolationProbe } from './installation/isolation.ts';
import { metricsCreate, metricsServe, queueMetricsRegister } from './metrics.ts';
import { engineMonitorStart } from './reconciler/engine-monitor.ts';
import { reconcilerLoopStart } from './reconciler/loop.ts';
import { workSignalCreate } from './reconciler/work-signal.ts';
import { workerSessionOpen } from './reconciler/worker-session.ts';
import { secretBoxCreate, secretKeyLoad } from './secrets.ts';
import { systemClock, systemRandom } from './system.ts';

/** What has been started, newest first to stop. */
type Closer = () => unknown;

/** Talk for the person at the terminal; data and logs go elsewhere. */
function progress(text: string): void {
  process.stderr.write(`${text}\n`);
}

async function start(config: Config, closers: Closer[]): Promise<void> {
  const log = pino({ level: config.logLevel });
  const metrics = metricsCreate();

  const lock = dataDirLock(config.dataDir);
  closers.unshift(() => lock.release());
  if (config.databaseUrl === null) progress('Starting the database …');
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

  const deps: ApiDeps = {
    config,
    db,
    clock: systemClock,
    random: systemRandom,
    secrets,
    signal: workSignalCreate(db),
    metrics,
    log,
  };
  if (config.role !== 'api') {
    const engine = engineInstrument(await engineOpen(config, deps, progress), metrics);
    closers.unshift(() => engine.close());
    await reconcilerStart({ ...deps, engine }, database.location, closers);
  }
  const metricsServer = await metricsServe(metrics, config.metricsPort);
  closers.unshift(() => metricsServer.close());
  if (config.role === 'reconciler') {
    progress('The reconciler works.');
    return;
  }
  const made = await firstRun(deps);
  const app = await buildApp(deps);
  await listen(app, config);
  closers.unshift(async () => {
    // Readiness goes first, so that a load balancer stops sending; then what is in flight ends.
    app.retire();
    await app.server.close();
  });
  if (made !== null) process.stdout.write(firstRunText(made, config.publicUrl));
  progress(
    `\nDollarBox listens on ${config.publicUrl} (stop it with Ctrl-C; containers go on running).`,
  );
}

async function reconcilerStart(
  deps: ReconcilerDeps,
  location: Parameters<typeof workerSessionOpen>[0],
  closers: Closer[],
): Promise<void> {
  const session = await workerSessionOpen(location, deps.log, () => deps.signal.receive());
  closers.unshift(() => session.close());
  const loop = reconcilerLoopStart(deps, session, { container: containerReconcilerCreate(deps) });
  const monitor = engineMonitorStart(deps);
  closers.unshift(async () => {
    await Promise.all([loop.stop(), monitor.stop()]);
  });
  void isolationProbe(deps, progress);
}

async function listen(app: App, config: Config): Promise<void> {
  try {
    await app.server.listen({ port: config.port, host: config.host });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRINUSE') {
      throw new OperatorError(
        `Port ${config.port} on ${config.host} is in use: set PORT to a free one.`,
      );
    }
    if (code === 'EACCES' || code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
      throw new OperatorError(
        `Can't listen on ${config.host} port ${config.port} (${String(code)}): set HOST and PORT.`,
      );
    }
    throw error;
  }
  const address = app.server.server.address() as AddressInfo | null;
  if (address === null) throw new OperatorError('The server does not listen.');
}

async function main(): Promise<void> {
  const closers: Closer[] = [];
  let stopping: Promise<void> | null = null;

  /** Stops what was started, once, newest first. */
  function stop(exitCode: number): Promise<void> {
    stopping ??= (async () => {
      for (const close of closers) {
        try {
          await close();
        } catch (error) {
          progress(`While stopping: ${error instanceof Error ? error.message : String(error)}`);
        }
      }
      process.exit(exitCode);
    })();
    return stopping;
  }

  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      if (stopping === null) progress('Stopping …');
      void stop(0);
    });
  }
  try {
    await start(configRead(process.env), closers);
  } catch (error) {
    if (stopping !== null) return;
    if (!(error instanceof OperatorError)) throw error;
    progress(`dollarbox: ${error.message}`);
    await stop(1);
  }
}

await main();
