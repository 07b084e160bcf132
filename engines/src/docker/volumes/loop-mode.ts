/** Decides, once for each start, whether new volumes get their own file systems. */
import type { EngineLog } from '../base/options.ts';

export interface LoopMode {
  /** Decides again. */
  decide(signal: AbortSignal): Promise<void>;
  /** The folder for the file systems of new volumes; null if they get none. */
  folder(signal: AbortSignal): Promise<string | null>;
}

/**
 * @param volumesDir null: none was configured.
 * @param findFault returns why not, as a sentence; null if it works.
 */
export function loopModeCreate(
  volumesDir: string | null,
  findFault: (signal: AbortSignal) => Promise<string | null>,
  log: EngineLog,
): LoopMode {
  let isUsable: boolean | null = null;

  async function decide(signal: AbortSignal): Promise<void> {
    const fault = await findFault(signal);
    isUsable = fault === null;
    if (volumesDir === null || fault === null) return;
    log.warn({ volumesDir, fault }, 'volumes can grow past their size on this machine');
  }

  return {
    decide,
    async folder(signal) {
      if (isUsable === null) await decide(signal);
      return isUsable === true ? volumesDir : null;
    },
  };
}
