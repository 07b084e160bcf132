// The metrics that are queried from the database each time they are collected.
import { Gauge } from 'prom-client';
import { eventsLagSeconds } from './feed/store.ts';
import type { Db } from './db/database.ts';
import type { Metrics } from './base/metrics.ts';
import { workAside, workDepth } from './reconciler/work-store.ts';
import type { Clock } from './base/system.ts';

interface QueueDepth {
  depth: number;
  ageSeconds: number;
}

/** Depth and age of the queue, queried at each collection. They are absent while the database does not answer. */
export function queueMetricsRegister(metrics: Metrics, db: Db, clock: Clock): void {
  let asking: Promise<QueueDepth | null> | null = null;

  /** One query for both gauges. */
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

/** How many objects of each kind are put aside, queried at each collection. */
export function asideMetricsRegister(metrics: Metrics, db: Db): void {
  const gauge = new Gauge({
    name: 'dollarbox_work_aside',
    help: 'Objects that are tried rarely, since calls of the engine for them hang.',
    labelNames: ['kind'],
    registers: [],
    async collect() {
      const counts = await workAside(db).catch(() => []);
      this.reset();
      for (const { kind, count } of counts) this.set({ kind }, count);
    },
  });
  metrics.registry.registerMetric(gauge);
}

/** For how long committed events have been held back, queried at each collection. */
export function eventMetricsRegister(metrics: Metrics, db: Db): void {
  const lag = new Gauge({
    name: 'dollarbox_events_lag_seconds',
    help: 'For how long the oldest committed event has been held back by a transaction that is still open.',
    registers: [],
    async collect() {
      const seconds = await eventsLagSeconds(db).catch(() => null);
      if (seconds === null) this.remove();
      else this.set(seconds);
    },
  });
  metrics.registry.registerMetric(lag);
}

/** How many containers and volumes have each status, queried at each collection. */
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
