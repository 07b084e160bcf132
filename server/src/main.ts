import { setTimeout as sleep } from 'node:timers/promises';
import type { Engine } from '@dollarbox/engines/contract';
import type { Logger } from 'pino';
import type { App } from './app.ts';
import { type Config, configRead } from './base/config.ts';
import {
  asideMetricsRegister,
  eventMetricsRegister,
  queueMetricsRegister,
  stateMetricsRegister,
} from './database-metrics.ts';
import { dataDirLock } from './db/data-dir-lock.ts';
import { type DatabaseLocation, REQUEST_PATIENCE_MS, databaseOpen } from './db/database.ts';
import { type DatabaseClock, databaseClockOpen } from './db/database-clock.ts';
import { databaseMigrate } from './db/migrate.ts';
import { type OpenDatabase, databaseStart } from './db/open.ts';
import { servingAccessPrepare } from './db/serving-role.ts';
import { diskMetricsRegister } from './disk-metrics.ts';
import type { ApiDeps } from './http/deps.ts';
import { engineInstrument } from './engine/engine-instrument.ts';
import { engineOpen, engineReach } from './engine/engine-open.ts';
import { OperatorError } from './base/errors.ts';
import { failpoint, failpointsArm } from './base/failpoints.ts';
import { eventFeedCreate } from './feed/feed.ts';
import { eventFeedCheck } from './feed/store.ts';
import { firstRun } from './first-run.ts';
import { firstRunShow, isJournal } from './first-run-show.ts';
import { secretKeyCheck } from './installation/key-check.ts';
import { volumeStorageRecord } from './installation/volume-storage.ts';
import { logCreate } from './base/log.ts';
import { metricsCreate } from './base/metrics.ts';
import { metricsServe } from './metrics-serve.ts';
import { orgMetricsRegister } from './org-metrics.ts';
import { orgUsageCreate } from './org-usage.ts';
import { listenFault, portsCheck } from './ports.ts';
import { usageRecorderCreate } from './http/usage.ts';
import { mailPrepare } from './accounts/mail-prepare.ts';
import { mailerStart } from './mail/mailer.ts';
import { mailTransportOpen } from './mail/transport.ts';
import { mailSignalCreate } from './mail/signal.ts';
import { ipv6PrefixOpen } from './installation/ipv6-prefix.ts';
import { installationRead, installationUpdate } from './installation/store.ts';
import { kindsCreate, postgresStoreCreate } from './kinds.ts';
import { engineMonitorStart } from './reconciler/engine-monitor.ts';
import { reconcilerLoopStart } from './reconciler/loop.ts';
import { EVENT_CHANNEL, workSignalCreate } from './reconciler/work-signal.ts';
import { workerSessionOpen, workerSessionWhileSure } from './reconciler/worker-session.ts';
import { type SecretBox, secretBoxCreate, secretKeyLoad } from './base/secrets.ts';
import { systemRandom } from './base/system.ts';
import { type ReconcilerDeps, upkeepTasks } from './upkeep.ts';

/** Everything that was started. The newest is stopped first. */
type Closer = () => unknown;

/** How long a stop waits for a start that is still in progress, in milliseconds. */
const START_GRACE_MS = 5000;

/** How often the last use of tokens and sessions is written to the database, in milliseconds. */
const USAGE_FLUSH_EVERY_MS = 10_000;

/** Messages for the person at the terminal. Data and logs go elsewhere. */
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
  const databaseEvents = {
    onStatement: () => metrics.databaseStatements.inc(),
    onConnectionLost: () => metrics.databaseConnectionsLost.inc(),
  };
  const database = await databaseStart(config, log, databaseEvents);
  closers.unshift(() => database.close());
  await databaseMigrate(database.db);
  await eventFeedCheck(database.db);
  const secrets = secretBoxCreate(secretKeyLoad(config));
  await secretKeyCheck(database.db, secrets);
  const location = await servingLocationPrepare(database, secrets, log);
  const db = databaseOpen(location, databaseEvents);
  closers.unshift(() => db.destroy());
  const clock = await databaseClockOpen(db);
  closers.unshift(() => clock.close());
  queueMetricsRegister(metrics, db, clock);
  stateMetricsRegister(metrics, db);
  eventMetricsRegister(metrics, db);
  asideMetricsRegister(metrics, db);
  diskMetricsRegister(metrics, config.dataDir);

  const deps: Omit<ApiDeps, 'access' | 'credentials' | 'workloads'> = {
    config,
    db,
    clock,
    random: systemRandom,
    secrets,
    signal: workSignalCreate(db, systemRandom),
    eventSignal: workSignalCreate(db, systemRandom, EVENT_CHANNEL),
    events: eventFeedCreate({ db, location, clock, log, metrics }),
    metrics,
    usage: usageRecorderCreate(db, clock, log),
    mail: mailSignalCreate(),
    log,
  };
  const ipv6Prefix = await ipv6PrefixOpen(db, config.ipv6Prefix, log);
  const { id: installationId } = await installationRead(db);
  let reached: Pick<ApiDeps, 'access' | 'credentials' | 'workloads'>;
  if (config.role === 'api') {
    const engine = await engineReach(config, installationId, deps);
    closers.unshift(() => engine?.close());
    reached = reachOf(engine);
  } else {
    const opened = await engineOpen(config, installationId, { ...deps, ipv6Prefix }, progress);
    const engine = engineInstrument(opened, metrics, deps.log);
    closers.unshift(() => engine.close());
    await installationUpdate(db, { addresses_given: engine.addressing === 'given' });
    log.info({ installation: installationId, engine: config.engine }, 'the engine is ready');
    reached = reachOf(engine);
    const store = postgresStoreCreate(db, secrets);
    const reconcilerDeps = { ...deps, ...reached, engine, store, ipv6Prefix, clock };
    await reconcilerStart(reconcilerDeps, location, closers);
  }
  orgMetricsPrepare({ ...deps, ...reached }, closers);
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
  const mailer = mailerStart(deps, mailTransportOpen(config), mailPrepare);
  closers.unshift(() => mailer.stop());
  const requestDb = databaseOpen(location, {
    ...databaseEvents,
    patienceMs: REQUEST_PATIENCE_MS,
  });
  closers.unshift(() => requestDb.destroy());
  // A reconciler does without this code, and starts sooner.
  const { appCreate } = await import('./app.ts');
  const app = await appCreate({ ...deps, ...reached, db: requestDb });
  await listen(app, config);
  closers.unshift(async () => {
    await deps.events.close();
    // Readiness goes first, so that load balancers stop sending requests; then the requests in progress end.
    app.retire();
    await app.close({ hurry });
  });
  if (made !== null) {
    const isKept = isJournal(process.stdout.fd, process.env);
    process.stdout.write(firstRunShow(made, config, isKept));
  }
  progress(
    `\nDollarBox listens on ${config.publicUrl} (stop it with Ctrl-C; containers go on running).`,
  );
}

/** What requests ask of an engine. */
function reachOf(engine: Engine | null): Pick<ApiDeps, 'access' | 'credentials' | 'workloads'> {
  const { access = null, credentials = null, workloads = null } = engine ?? {};
  return { access, credentials, workloads };
}

/** What containers use is measured by the processes that reconcile, so that API processes need no more than their work. */
function orgMetricsPrepare(deps: ApiDeps, closers: Closer[]): void {
  const { access, config } = deps;
  if (config.metricsTopOrgs === 0) return;
  const isMeasuring = config.role !== 'api' && access !== null;
  const usage = isMeasuring ? orgUsageCreate({ ...deps, access }, config.metricsTopOrgs) : null;
  closers.unshift(() => usage?.stop());
  orgMetricsRegister({ ...deps, usage }, config.metricsTopOrgs);
}

/** How everything after the start connects. The owner's connections are closed. */
async function servingLocationPrepare(
  { db, location }: Pick<OpenDatabase, 'db' | 'location'>,
  secrets: SecretBox,
  log: Logger,
): Promise<DatabaseLocation> {
  const password = secrets.digest('serving-role', 'password').toString('base64url');
  const access = await servingAccessPrepare(db, location, password);
  if (access.fault !== null) {
    log.warn(
      { fault: access.fault },
      'the server has no database role of its own, so that nothing but its own code keeps it from changing the audit log: let the user of DATABASE_URL create roles that sign in by password',
    );
  }
  await db.destroy();
  return access.location;
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
  deps: ReconcilerDeps & { clock: DatabaseClock },
  location: Parameters<typeof workerSessionOpen>[0],
  closers: Closer[],
): Promise<void> {
  // Before the API listens, so that the first request for a volume is not refused. Without an engine it is done later.
  await volumeStorageRecord(deps).catch(() => undefined);
  const session = await workerSessionOpen(location, deps.log, (from) => deps.signal.receive(from));
  closers.unshift(() => session.close());
  const kinds = kindsCreate(deps);
  const loop = reconcilerLoopStart(deps, workerSessionWhileSure(session, deps.clock), kinds);
  const monitor = engineMonitorStart(deps, kinds, (signal) => upkeepTasks(deps, progress, signal));
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

  /** Stops everything that was started, once, newest first, and ends the process. */
  function stop(exitCode: number): Promise<void> {
    stopping ??= (async () => {
      await closeAll(closers);
      // A start that is still in progress may have opened one more thing.
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
