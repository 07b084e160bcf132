import { type Server, createServer } from 'node:http';
import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { Clock } from './deps.ts';
import type { Db } from './db/database.ts';
import { listenFault } from './ports.ts';
import { workDepth } from './reconciler/work-store.ts';

const FAST_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** All that the process counts, in Prometheus' names. */
export function metricsCreate() {
  const registry = new Registry();
  const registers = [registry];
  collectDefaultMetrics({ register: registry, prefix: 'dollarbox_' });
  return {
    registry,
    requestDuration: new Histogram({
      name: 'dollarbox_http_request_duration_seconds',
      help: 'Time from the request line to the end of the reply.',
      labelNames: ['operation', 'status'],
      buckets: FAST_BUCKETS,
      registers,
    }),
    databaseStatements: new Counter({
      name: 'dollarbox_database_statements_total',
      help: 'SQL statements sent, transaction control apart.',
      registers,
    }),
    databaseConnectionsLost: new Counter({
      name: 'dollarbox_database_connections_lost_total',
      help: 'Database connections that broke.',
      registers,
    }),
    reconcileDuration: new Histogram({
      name: 'dollarbox_reconcile_duration_seconds',
      help: 'Time of one turn of one object.',
      labelNames: ['kind', 'outcome'],
      buckets: FAST_BUCKETS,
      registers,
    }),
    reconcileDelay: new Histogram({
      name: 'dollarbox_reconcile_delay_seconds',
      help: 'Time between an object becoming due and its turn.',
      labelNames: ['kind'],
      buckets: FAST_BUCKETS,
      registers,
    }),
    engineCallDuration: new Histogram({
      name: 'dollarbox_engine_call_duration_seconds',
      help: 'Time of one verb of the engine.',
      labelNames: ['verb', 'outcome'],
      buckets: FAST_BUCKETS,
      registers,
    }),
    engineUp: new Gauge({
      name: 'dollarbox_engine_up',
      help: '1 while the engine answers.',
      registers,
    }),
    isolation: new Gauge({
      name: 'dollarbox_isolation',
      help: '1 for what the probe of isolation between orgs last found.',
      labelNames: ['state'],
      registers,
    }),
    storageFreeBytes: new Gauge({
      name: 'dollarbox_engine_storage_free_bytes',
      help: 'Bytes free where the engine keeps images and layers.',
      registers,
    }),
    driftFound: new Counter({
      name: 'dollarbox_drift_found_total',
      help: 'Differences between table and engine that only the sweep found.',
      labelNames: ['kind', 'drift'],
      registers,
    }),
    volumesWithoutRow: new Gauge({
      name: 'dollarbox_volumes_without_row',
      help: 'Volumes of ours on the engine that no row tells of: nothing removes them but an operator.',
      registers,
    }),
    volumeUsedBytes: new Gauge({
      name: 'dollarbox_volume_used_bytes',
      help: 'Bytes of data in a volume, as last measured.',
      labelNames: ['volume', 'org'],
      registers,
    }),
    volumeSizeBytes: new Gauge({
      name: 'dollarbox_volume_size_bytes',
      help: 'Size of a volume as it was asked for, in bytes.',
      labelNames: ['volume', 'org'],
      registers,
    }),
    sweepDuration: new Histogram({
      name: 'dollarbox_sweep_duration_seconds',
      help: 'Time of one comparison of the engine with the table.',
      buckets: FAST_BUCKETS,
      registers,
    }),
  };
}

export type Metrics = ReturnType<typeof metricsCreate>;

interface QueueDepth {
  depth: number;
  ageSeconds: number;
}

/** Depth and age of the queue, asked of the database when the metrics are; absent while it does not answer. */
export function queueMetricsRegister(metrics: Metrics, db: Db, clock: Clock): void {
  let asking: Promise<QueueDepth | null> | null = null;

  /** One question for both gauges. */
  function ask(): Promise<QueueDepth | null> {
    asking ??= depthRead(db, clock)
      .catch(() => null)
      .finally(() => (asking = null));
    return asking;
  }

  function register(name: string, help: string, valueOf: (found: QueueDepth) => number): void {
    const gauge = new Gauge({
      name,
      help,
      registers: [],
      async collect() {
        const found = await ask();
        if (found === null) this.remove();
        else this.set(valueOf(found));
      },
    });
    metrics.registry.registerMetric(gauge);
  }

  const up = new Gauge({
    name: 'dollarbox_database_up',
    help: '1 while the database answers, asked when the metrics are.',
    registers: [],
    async collect() {
      this.set((await ask()) === null ? 0 : 1);
    },
  });
  metrics.registry.registerMetric(up);
  register('dollarbox_work_due', 'Objects that are due now.', ({ depth }) => depth);
  register(
    'dollarbox_work_oldest_due_seconds',
    'For how long the longest due object has been due.',
    ({ ageSeconds }) => ageSeconds,
  );
}

/** How many containers and volumes there are of each status, asked of the database when the metrics are. */
export function stateMetricsRegister(metrics: Metrics, db: Db): void {
  for (const [table, kind] of [
    ['containers', 'Containers'],
    ['volumes', 'Volumes'],
  ] as const) {
    const gauge = new Gauge({
      name: `dollarbox_${table}`,
      help: `${kind} by status; absent while the database does not answer.`,
      labelNames: ['status'],
      registers: [],
      async collect() {
        const counts = await statusCounts(db, table).catch(() => []);
        this.reset();
        for (const { status, count } of counts) this.set({ status }, count);
      },
    });
    metrics.registry.registerMetric(gauge);
  }
}

async function statusCounts(
  db: Db,
  table: 'containers' | 'volumes',
): Promise<{ status: string; count: number }[]> {
  return db
    .selectFrom(table)
    .select((eb) => ['status', eb.fn.countAll<number>().as('count')])
    .where('deleted_at', 'is', null)
    .groupBy('status')
    .execute();
}

async function depthRead(db: Db, clock: Clock): Promise<QueueDepth> {
  const now = clock.now();
  const { depth, oldestDueAt } = await workDepth(db, now);
  const ageMs = oldestDueAt === null ? 0 : now.getTime() - oldestDueAt.getTime();
  return { depth, ageSeconds: ageMs / 1000 };
}

/** Serves `/metrics` on loopback. @throws OperatorError when the port is in use. */
export async function metricsServe(metrics: Metrics, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.url?.split('?')[0] !== '/metrics') {
      response.writeHead(404).end();
      return;
    }
    metrics.registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': metrics.registry.contentType }).end(text),
      () => response.writeHead(500).end('The metrics could not be collected.\n'),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => reject(listenFault(error, 'METRICS_PORT', port, '127.0.0.1')));
    server.listen(port, '127.0.0.1', resolve);
  });
  return server;
}
