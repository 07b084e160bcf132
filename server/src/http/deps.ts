import type { EngineAccess } from '@dollarbox/engines/contract';
import type { EngineCredentials } from '@dollarbox/engines/credentials';
import type { EngineWorkloads } from '@dollarbox/engines/workloads';
import type { Logger } from 'pino';
import type { Config } from '../base/config.ts';
import type { ChangeDeps } from '../changes/deps.ts';
import type { Db } from '../db/database.ts';
import type { UsageRecorder } from './usage.ts';
import type { EventFeed } from '../feed/feed.ts';
import type { MailSignal } from '../mail/signal.ts';
import type { Metrics } from '../base/metrics.ts';
import type { WorkSignal } from '../reconciler/work-signal.ts';

/** The dependencies of the API. */
export interface ApiDeps extends ChangeDeps {
  config: Config;
  db: Db;
  signal: WorkSignal;
  /** Announces committed events. */
  eventSignal: Pick<WorkSignal, 'notify'>;
  events: EventFeed;
  /** What users can see inside containers; null if this process can't reach the engine. */
  access: EngineAccess | null;
  /** Access for kubectl; null if the engine has none to give, or this process can't reach it. */
  credentials: EngineCredentials | null;
  /** What people run with kubectl; null if the engine gives no such access, or this process can't reach it. */
  workloads: EngineWorkloads | null;
  metrics: Metrics;
  /** When tokens and sessions were last used. */
  usage: UsageRecorder;
  mail: MailSignal;
  log: Logger;
  /** How long Redis is waited for; omitted: no longer than a request should wait. */
  redisPatienceMs?: number;
}
