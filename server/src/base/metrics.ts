import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';

const FAST_BUCKETS = [0.001, 0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

/** All metrics of the process, in Prometheus' naming style. */
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
    rateLimitsShared: new Gauge({
      name: 'dollarbox_rate_limits_shared',
      help: '1 while requests are counted across processes in Redis, 0 while it is unavailable or not configured.',
      registers,
    }),
    isolation: new Gauge({
      name: 'dollarbox_isolation',
      help: '1 for what the probe of isolation between orgs last found.',
      labelNames: ['state'],
      registers,
    }),
    engineEventsSilent: new Gauge({
      name: 'dollarbox_engine_events_silent_seconds',
      help: 'For how long the events of the engine have been silent: on Kubernetes, those of the watch heard least recently.',
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
      help: 'Bytes of data in the 100 volumes that are the fullest, as last measured.',
      labelNames: ['volume', 'org'],
      registers,
    }),
    volumeSizeBytes: new Gauge({
      name: 'dollarbox_volume_size_bytes',
      help: 'Sizes of the same volumes as they were asked for, in bytes.',
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
