import { type Client, DatabaseError } from 'pg';
import { DatabaseClient } from '../../base/database-client.ts';
import { EMBEDDED_ROLE } from './config.ts';

/** How to reach the embedded database: through a socket in a folder that only we may enter. There is no password. */
export interface EmbeddedConnection {
  /** The socket's folder, as `pg` expects it. */
  host: string;
  database: string;
  user: string;
}

/** `starting`: it answers, but does not yet (or no longer) accept sessions. `absent`: nobody is listening. */
export type ProbeResult = 'ready' | 'starting' | 'absent';

const PROBE_TIMEOUT_MS = 5_000;
const CANNOT_CONNECT_NOW = '57P03';
const TOO_MANY_CONNECTIONS = '53300';

/** The database that every cluster has, and from which others are created. */
export function maintenanceConnection(host: string): EmbeddedConnection {
  return { host, database: 'postgres', user: EMBEDDED_ROLE };
}

/** Determines the state of a server by connecting to it. */
export async function embeddedProbe(connection: EmbeddedConnection): Promise<ProbeResult> {
  const client = clientFor(connection);
  try {
    await client.connect();
    return 'ready';
  } catch (error) {
    if (error instanceof DatabaseError) {
      if (error.code === CANNOT_CONNECT_NOW) return 'starting';
      if (error.code === TOO_MANY_CONNECTIONS) return 'ready';
      throw new Error(`the embedded PostgreSQL refuses us: ${error.message}`, { cause: error });
    }
    return 'absent';
  } finally {
    await client.end().catch(() => {});
  }
}

/** Creates the database `name` if it does not exist. Two concurrent calls are fine. */
export async function databaseEnsure(host: string, name: string): Promise<void> {
  const client = clientFor(maintenanceConnection(host));
  await client.connect();
  try {
    const found = await client.query('select from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database "${name}"`);
  } catch (error) {
    const DUPLICATE = ['42P04', '23505'];
    if (!(error instanceof DatabaseError && DUPLICATE.includes(error.code ?? ''))) throw error;
  } finally {
    await client.end();
  }
}

function clientFor(connection: EmbeddedConnection): Client {
  const client = new DatabaseClient({ ...connection, connectionTimeoutMillis: PROBE_TIMEOUT_MS });
  // A server that disappears also ends the client. The pending call reports that.
  client.on('error', () => {});
  return client;
}
