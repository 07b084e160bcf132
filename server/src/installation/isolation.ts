import { EngineError } from '@dollarbox/engines/contract';
import type { ReconcilerDeps } from '../deps.ts';
import { installationRead, installationUpdate } from './store.ts';

const STATES = ['isolated', 'weak', 'unknown'] as const;

/** Records a finding where `org-create` and the metrics look. */
export async function isolationRecord(
  { db, metrics }: Pick<ReconcilerDeps, 'db' | 'metrics'>,
  found: (typeof STATES)[number],
): Promise<void> {
  await installationUpdate(db, { isolation: found });
  for (const state of STATES) metrics.isolation.set({ state }, state === found ? 1 : 0);
}

/**
 * @returns what probes when it is called first, telling a person of it, and later again for as long as nothing is
 * known: what was in the way may be gone, and until then a second org is refused.
 */
export function isolationKeeper(
  deps: ReconcilerDeps,
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
    // Rules that can't be put back are tried every few seconds, and it is probed when they are.
    if ((await deps.engine.capacity()).isolationFault !== null) return;
    await isolationProbe(deps, () => {});
  };
}

/** Finds out by connecting whether orgs are kept apart, and records it where `org-create` looks. */
export async function isolationProbe(
  deps: ReconcilerDeps,
  progress: (text: string) => void,
): Promise<void> {
  try {
    const report = await deps.engine.probeIsolation();
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
    // The server stops: nothing was found out.
    if (error instanceof EngineError && error.reason === 'engine_closed') return;
    deps.log.warn({ err: error }, 'the probe of isolation failed');
  }
}
