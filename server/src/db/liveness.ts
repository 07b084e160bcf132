import pg from 'pg';
import { afterRunning } from '../base/timers.ts';
import { DatabaseClient } from '../base/database-client.ts';

/** How long a probe may take, including connecting, in milliseconds. */
const PROBE_WITHIN_MS = 2000;

/** Determines whether a database answers. */
export interface Liveness {
  /**
   * Asks the database for a sign of life on a separate connection. Calls made during a probe share it.
   * @returns false if there was no answer within two seconds. A refusal, such as "too many connections", is an answer.
   */
  probe(): Promise<boolean>;
}

export function livenessCreate(config: pg.ClientConfig): Liveness {
  let running: Promise<boolean> | null = null;
  return {
    probe() {
      running ??= probeOnce(config).finally(() => (running = null));
      return running;
    },
  };
}

async function probeOnce(config: pg.ClientConfig): Promise<boolean> {
  const client = new DatabaseClient({ ...config, connectionTimeoutMillis: PROBE_WITHIN_MS });
  client.on('error', () => undefined);
  const late = Promise.withResolvers<boolean>();
  const cancel = afterRunning(PROBE_WITHIN_MS, () => late.resolve(false));
  try {
    return await Promise.race([answered(client), late.promise]);
  } finally {
    cancel();
    client.end().catch(() => undefined);
  }
}

async function answered(client: pg.Client): Promise<boolean> {
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch (error) {
    return error instanceof pg.DatabaseError;
  }
}

/**
 * Settles as `work` does, unless the database stops answering: each time `work` has taken another `patienceMs`, the
 * database must give a sign of life. Waiting for a lock, or for a free connection, does not mean that the database is
 * unavailable.
 * @param onSilent called once if there was no sign of life.
 */
export function answerExpect(
  liveness: Liveness,
  patienceMs: number,
  work: Promise<unknown>,
  onSilent: () => void,
): void {
  let timer = setTimeout(look, patienceMs);
  let isDone = false;
  const settle = (): void => {
    isDone = true;
    clearTimeout(timer);
  };
  work.then(settle, settle);

  async function look(): Promise<void> {
    const isAlive = await liveness.probe();
    if (isDone) return;
    if (isAlive) timer = setTimeout(look, patienceMs);
    else onSilent();
  }
}
