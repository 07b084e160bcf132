import { type Engine, EngineError } from '@dollarbox/engines/contract';
import type { Logger } from 'pino';

/**
 * @returns a function that finds out whether containers get addresses, and reports it to a person once if they do not.
 * Later calls try again until they do.
 */
export function addressKeeper(
  { engine, log }: { engine: Engine; log: Logger },
  progress: (text: string) => void,
): () => Promise<void> {
  let isFound = false;
  let isTold = false;
  return async () => {
    if (isFound || engine.host?.probeAddresses === undefined) return;
    try {
      const fault = await engine.host.probeAddresses();
      isFound = fault === null;
      if (fault === null) return;
      log.warn(fault);
      if (!isTold) progress(`Warning: ${fault}`);
      isTold = true;
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      log.warn({ err: error }, 'whether containers get addresses could not be found out');
    }
  };
}
