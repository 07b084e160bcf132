import type { Engine } from '@dollarbox/engines/contract';
import type { Logger } from 'pino';
import type { Config } from './config.ts';
import type { Db } from './db/database.ts';
import type { UsageRecorder } from './http/usage.ts';
import type { Ipv6Prefix } from './installation/ipv6-prefix.ts';
import type { MailSignal } from './mail/signal.ts';
import type { Metrics } from './metrics.ts';
import type { ReconcileStore } from './reconciler/store.ts';
import type { WorkSignal } from './reconciler/work-signal.ts';
import type { SecretBox } from './secrets.ts';

/** Time, so that tests can hold it still. */
export interface Clock {
  now(): Date;
}

/** Chance, so that tests can repeat it. */
export interface Random {
  /** Uniform over `0-9A-Za-z`. */
  base62(length: number): string;
  bytes(length: number): Buffer;
  /** Uniform in [0, 1). */
  fraction(): number;
  uuid(): string;
}

/** What the API stands on. */
export interface ApiDeps {
  config: Config;
  db: Db;
  clock: Clock;
  random: Random;
  secrets: SecretBox;
  signal: WorkSignal;
  metrics: Metrics;
  /** When tokens and sessions were last used. */
  usage: UsageRecorder;
  mail: MailSignal;
  log: Logger;
}

/** What reconciling stands on: no database, so that a simulation can bring its own store. */
export interface ReconcileDeps {
  store: ReconcileStore;
  engine: Engine;
  clock: Clock;
  random: Random;
  signal: WorkSignal;
  metrics: Metrics;
  log: Logger;
  /** Where the search for a free IPv4 network begins: installations on one host begin apart. */
  subnetStartIndex: number;
}

/** What the reconciler of a process stands on. */
export interface ReconcilerDeps extends ApiDeps, ReconcileDeps {
  ipv6Prefix: Ipv6Prefix;
}
