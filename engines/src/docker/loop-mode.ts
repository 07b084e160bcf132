/** Decides, once for each start, whether new volumes get file systems of their own. */
import type { EngineLog } from './options.ts';

export interface LoopMode {
  /** Finds out anew. */
  decide(signal: AbortSignal): Promise<void>;
  /** The folder for new volumes' file systems; null when they get none. */
  folder(signal: AbortSignal): Promise<string | null>;
}

/**
 * @param volumesDir null: none was named.
 * @param findFault tells why not, a sentence; null when it works.
 */
export function createLoopMode(
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
