import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { DatabaseClient } from '../base/database-client.ts';
import { databaseClientConfig } from './database.ts';

const SETTING = 'dollarbox.session_check';

/**
 * Whether each connection has its own session. A pool in between, such as PgBouncer in transaction mode, may hand the
 * session of one connection to another between two transactions. Advisory locks, prepared statements and LISTEN then go
 * astray.
 */
export async function sessionsAreOwn(connectionString: string): Promise<boolean> {
  const [first, second] = [connectionCreate(connectionString), connectionCreate(connectionString)];
  const marker = randomUUID();
  try {
    await Promise.all([first.connect(), second.connect()]);
    await first.query('select set_config($1, $2, false)', [SETTING, marker]);
    // Takes over the session that the first connection has just released, if it was released, and keeps it.
    await second.query('begin');
    if ((await settingRead(second)) === marker) return false;
    return (await settingRead(first)) === marker;
  } finally {
    await Promise.allSettled([first.end(), second.end()]);
  }
}

function connectionCreate(connectionString: string): pg.Client {
  const client = new DatabaseClient(databaseClientConfig({ connectionString }));
  client.on('error', () => undefined);
  return client;
}

async function settingRead(client: pg.Client): Promise<string | null> {
  const { rows } = await client.query<{ value: string | null }>(
    'select current_setting($1, true) as value',
    [SETTING],
  );
  return rows[0]?.value ?? null;
}
