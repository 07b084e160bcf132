import { type Engine, EngineError } from '@dollarbox/engines/contract';
import type { Logger } from 'pino';
import type { Db } from '../db/database.ts';
import type { Metrics } from '../base/metrics.ts';
import { installationRead, installationUpdate } from './store.ts';

export interface IsolationDeps {
  db: Db;
  engine: Engine;
  metrics: Metrics;
  log: Logger;
}

const STATES = ['isolated', 'weak', 'unknown'] as const;

/** Records a finding where `org-create` and the metrics read it. */
export async function isolationRecord(
  { db, metrics }: Pick<IsolationDeps, 'db' | 'metrics'>,
  found: (typeof STATES)[number],
): Promise<void> {
  await installationUpdate(db, { isolation: found });
  for (const state of STATES) metrics.isolation.set({ state }, state === found ? 1 : 0);
}

/**
 * @returns a function that probes isolation on its first call and reports the result to a person. Later calls probe
 * again while the result is unknown: the obstacle may be gone, and until the result is known a second org is refused.
 */
export function isolationKeeper(
  deps: IsolationDeps,
  progress: (text: string) => void,
): () => Promise<void> {
  let isFirst = true;
  return async () => {
    if (isFirst) {
      isFirst = false;
      return isolationProbe(deps, progress);
    }
    const { isolation } = await installationRead(deps.db);
    if (isolation === 'isolated' || isolation === 'weak') return;
    // The engine retries rules that can't be restored every few seconds. Probe once they are back.
    const capacity = await deps.engine.host?.capacity();
    if (capacity === undefined || capacity.isolationFault !== null) return;
    await isolationProbe(deps, () => {});
  };
}

/**
 * Tests by connecting whether orgs are isolated from each other, and records the result where `org-create` reads it.
 */
export async function isolationProbe(
  deps: IsolationDeps,
  progress: (text: string) => void,
): Promise<void> {
  try {
    const report = await deps.engine.host?.probeIsolation();
    if (report === undefined) return;
    await isolationRecord(deps, report.state);
    if (report.state === 'isolated') {
      deps.log.info('orgs are kept apart: no forbidden connection went through');
      return;
    }
    deps.log.warn({ isolation: report }, 'orgs are not known to be kept apart');
    progress(
      [
        report.state === 'weak'
          ? 'Warning: the engine does not keep orgs apart:'
          : 'Warning: whether the engine keeps orgs apart could not be found out:',
        ...report.findings.map((finding) => `  ${finding}`),
        'A second org is refused until this is mended, or ISOLATION=weak is set. What to do:',
        ...report.remedies.map((remedy) => `  ${remedy}`),
      ].join('\n'),
    );
  } catch (error) {
    // The server is stopping, so the probe found nothing.
    if (error instanceof EngineError && error.reason === 'engine_closed') return;
    deps.log.warn({ err: error }, 'the probe of isolation failed');
  }
}
