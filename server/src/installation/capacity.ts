import { type IsolationDeps, isolationProbe, isolationRecord } from './isolation.ts';
import { installationUpdate } from './store.ts';

const STORAGE_LOW_BYTES = 2 * 1024 ** 3;

/** @returns a function that records how much room the engine has and whether its isolation still holds. */
export function capacityRecorder(deps: IsolationDeps): () => Promise<void> {
  let reportedFault: string | null = null;
  return async () => {
    const capacity = await deps.engine.host?.capacity();
    if (capacity === undefined) return;
    const { storageFreeBytes, isolationFault, eventsSilentMs } = capacity;
    if (typeof eventsSilentMs === 'number') {
      deps.metrics.engineEventsSilent.set(eventsSilentMs / 1000);
    }
    if (isolationFault !== null) await isolationRecord(deps, 'unknown');
    if (isolationFault !== null && isolationFault !== reportedFault) {
      deps.log.error({ fault: isolationFault }, 'orgs are not known to be kept apart any more');
    }
    const isMended = isolationFault === null && reportedFault !== null;
    reportedFault = isolationFault;
    if (storageFreeBytes !== null) {
      deps.metrics.storageFreeBytes.set(storageFreeBytes);
      await installationUpdate(deps.db, { storage_low: storageFreeBytes < STORAGE_LOW_BYTES });
    }
    if (isMended) await isolationProbe(deps, () => {});
  };
}
