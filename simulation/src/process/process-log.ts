import { EngineError } from '@dollarbox/engines/contract';
import { type Logger, pino } from 'pino';
import { isDatabaseUnavailable } from '../../../server/src/db/database.ts';
import { type Metrics, metricsCreate } from '../../../server/src/base/metrics.ts';
import type { Witness } from '../world/witness.ts';

const silent = pino({ level: 'silent' });
let metrics: Metrics | undefined;

/** Metrics that are counted but not examined: one registry for all runs. */
export function metricsShared(): Metrics {
  return (metrics ??= metricsCreate());
}

/** The log of a process, for the trace. An entry that can only mean a bug is a failure. */
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
