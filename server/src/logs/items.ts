import type { LogLine } from '@dollarbox/engines/contract';
import type { LinePlace } from './cursor.ts';
import type { InstanceRow } from './store.ts';

/** A line of a container, or a place where lines were lost. */
export type LogItem = (LogLine & LinePlace & { type: 'line' }) | LogGap;

export interface LogGap {
  type: 'gap';
  instance: number | null;
  /** null: unknown. */
  lostLines: number | null;
}

/** The log of one object. */
export interface LogSource {
  /** The number of its first instance. */
  object: number;
  /** The recorded starts of its process, oldest first. */
  instances: readonly InstanceRow[];
  /** `kept`: the engine has or will remove its lines, of which there is what was kept. */
  kind: 'kept' | 'engine';
  /** There were objects before it of which nothing is recorded any more. */
  isAfterGap: boolean;
}
