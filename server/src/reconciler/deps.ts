import type { Engine } from '@dollarbox/engines/contract';
import type { Logger } from 'pino';
import type { Metrics } from '../base/metrics.ts';
import type { Clock, Random } from '../base/system.ts';
import type { WorkStore } from './store.ts';
import type { WorkSignal } from './work-signal.ts';

/** The dependencies of reconciling. There is no database among them, so that a simulation can provide its own store. */
export interface ReconcileDeps {
  store: WorkStore;
  engine: Engine;
  clock: Clock;
  random: Random;
  signal: WorkSignal;
  /** Announces committed events. */
  eventSignal: Pick<WorkSignal, 'notify'>;
  metrics: Metrics;
  log: Logger;
}
