import { EngineError } from '@dollarbox/engines/contract';
import { type Logger, pino } from 'pino';
import { isDatabaseUnavailable } from '../db/database.ts';
import { type Metrics, metricsCreate } from '../metrics.ts';
import type { Witness } from './witness.ts';

const silent = pino({ level: 'silent' });
let metrics: Metrics | undefined;

/** Counted, and not looked at: one for all runs. */
export function metricsShared(): Metrics {
  return (metrics ??= metricsCreate());
}

/** What a process logs, for the trace. What can only be a bug is a failure. */
export function logOfProcess(witness: Witness, name: string): Logger {
  function write(fields: unknown, text: unknown): void {
    const error = errorOf(fields);
    witness.trace(`${name}: ${String(text)}${error === null ? '' : `: ${error.message}`}`);
    if (error === null || error instanceof EngineError || isDatabaseUnavailable(error)) return;
    witness.fail('no bugs', `${String(text)}: ${error.stack ?? error.message}`);
  }
  return Object.assign(Object.create(silent) as Logger, {
    error: write,
    warn: write,
    info: write,
    debug: write,
  });
}

function errorOf(fields: unknown): Error | null {
  if (typeof fields !== 'object' || fields === null || !('err' in fields)) return null;
  return fields.err instanceof Error ? fields.err : new Error(String(fields.err));
}
