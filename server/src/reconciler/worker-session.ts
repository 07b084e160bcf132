import type { Logger } from 'pino';
import type pg from 'pg';
import { DatabaseClient } from '../base/database-client.ts';
import type { DatabaseClock } from '../db/database-clock.ts';
import { type DatabaseLocation, databaseClientConfig } from '../db/database.ts';
import { WORK_CHANNEL } from './work-signal.ts';
import { WORKER_LOCK_CLASS } from './work-store.ts';

const RECONNECT_MS = 500;

/**
 * A worker's own connection. It holds the advisory lock that shows other workers that this one is alive, and receives
 * their signals. If the process dies, the lock is released with the connection.
 */
export interface WorkerSession {
  /** This worker's number, or null while the connection is lost: then it claims nothing and starts no verb. */
  number(): number | null;
  close(): Promise<void>;
}

/** The session, as good as lost while the clock is in doubt: without the time, nobody knows whether a lease still holds. */
export function workerSessionWhileSure(
  session: WorkerSession,
  clock: Pick<DatabaseClock, 'isSure'>,
): WorkerSession {
  return {
    number: () => (clock.isSure() ? session.number() : null),
    close: () => session.close(),
  };
}

export async function workerSessionOpen(
  location: DatabaseLocation,
  log: Logger,
  onSignal: (from?: string) => void,
): Promise<WorkerSession> {
  let current: { client: pg.Client; number: number } | null = null;
  let isClosed = false;
  let timer: NodeJS.Timeout | undefined;

  async function connect(): Promise<void> {
    const client = new DatabaseClient({
      ...databaseClientConfig(location),
      application_name: 'dollarbox-worker',
    });
    client.on('error', () => lost(client));
    client.on('end', () => lost(client));
    client.on('notification', ({ payload }) => onSignal(payload));
    try {
      await client.connect();
      const { rows } = await client.query<{ number: number }>(
        `select nextval('worker_number')::int as number`,
      );
      const number = rows[0]?.number ?? 0;
      await client.query('select pg_advisory_lock($1, $2)', [WORKER_LOCK_CLASS, number]);
      await client.query(`listen ${WORK_CHANNEL}`);
      current = { client, number };
      onSignal();
    } catch (error) {
      client.end().catch(() => undefined);
      throw error;
    }
  }

  function lost(client: pg.Client): void {
    if (current?.client !== client) return;
    current = null;
    if (isClosed) return;
    log.warn('the worker lost its database connection and connects again');
    reconnect();
  }

  function reconnect(): void {
    timer = setTimeout(() => {
      connect().then(
        () => log.info('the worker is connected to the database again'),
        () => {
          if (!isClosed) reconnect();
        },
      );
    }, RECONNECT_MS);
  }

  await connect();
  return {
    number: () => current?.number ?? null,
    async close() {
      isClosed = true;
      clearTimeout(timer);
      const client = current?.client;
      current = null;
      await client?.end().catch(() => undefined);
    },
  };
}
