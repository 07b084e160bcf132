import { createHash } from 'node:crypto';
import { Kysely, PostgresDialect } from 'kysely';
import pg from 'pg';
import type { Database } from './types.ts';

export type Db = Kysely<Database>;

/** Where a database is: a URL, or the parts (a `host` starting with `/` is a socket's folder). */
export type DatabaseLocation =
  | { connectionString: string }
  | { host: string; database: string; user: string };

export interface DatabaseOptions {
  poolSize?: number;
  applicationName?: string;
  /** Called after each statement, transaction control apart. */
  onStatement?: () => void;
  /** Called when a connection is lost. */
  onConnectionLost?: (error: Error) => void;
}

const MAX_PREPARED_STATEMENTS = 500;
const CONNECT_TIMEOUT_MS = 3000;
const STATEMENT_TIMEOUT_MS = 30_000;
const TRANSACTION_CONTROL = /^(begin|start transaction|commit|rollback|savepoint|release)\b/;
const INT8_OID = 20;
const CIDR_OID = 650;
const INET_OID = 869;

const statementNames = new Map<string, string>();

/** The name under which a statement is prepared, the same on each connection; none past the bound. */
function statementName(text: string): string | undefined {
  const known = statementNames.get(text);
  if (known !== undefined || statementNames.size >= MAX_PREPARED_STATEMENTS) return known;
  const name = createHash('sha1').update(text).digest('hex');
  statementNames.set(text, name);
  return name;
}

/** Prepares every parametrised statement: PostgreSQL then parses and plans it once a connection. */
class PreparingClient extends pg.Client {
  // pg's `query` has ten overloads; this is the one that Kysely calls, all others pass through.
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const forward = super.query as (...args: unknown[]) => never;
    if (typeof text !== 'string' || !Array.isArray(values) || values.length === 0) {
      return forward.apply(this, args);
    }
    return forward.call(this, { name: statementName(text), text, values });
  }
}

/** `int8` as a number: ids and counters stay far below 2^53. */
const types = {
  getTypeParser(oid: number, format?: 'text' | 'binary'): unknown {
    if (oid === INT8_OID) return Number;
    if (oid === CIDR_OID || oid === INET_OID) return String;
    return pg.types.getTypeParser(oid, format as 'text');
  },
};

export function databaseClientConfig(location: DatabaseLocation): pg.ClientConfig {
  return {
    ...location,
    types: types as pg.CustomTypesConfig,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
  };
}

/** A pool of connections. Nothing is connected before the first statement. */
export function databaseOpen(location: DatabaseLocation, options: DatabaseOptions = {}): Db {
  const pool = new pg.Pool({
    ...databaseClientConfig(location),
    Client: PreparingClient,
    max: options.poolSize ?? 20,
    application_name: options.applicationName ?? 'dollarbox',
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    // Planning a statement anew for its values takes longer than running it; one plan does for all values.
    options: '-c plan_cache_mode=force_generic_plan',
  });
  // Without a listener the loss of a connection would end the process. The pool listens to idle ones
  // only, and a connection that is lost can tell of it more than once.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.once('error', (error) => options.onConnectionLost?.(error));
    client.on('error', () => undefined);
  });
  return new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    log(event) {
      if (event.level !== 'query' || TRANSACTION_CONTROL.test(event.query.sql)) return;
      options.onStatement?.();
    },
  });
}

const UNAVAILABLE_SQLSTATES = /^(08|28|3D|53|57P0|57014|25006|25P03|55P03)/;
const UNAVAILABLE_ERRNOS = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EACCES',
]);
const UNAVAILABLE_MESSAGES =
  /^(Connection terminated|timeout exceeded|Client has encountered|Client was closed|Query read timeout)/;

/**
 * Whether an error means that the database can't be reached or has no room just now, rather than
 * that a statement was wrong: connection exceptions, an account or database that is not there, a
 * standby, resources (disk, connections), shutdown, a time limit.
 * Source: PostgreSQL's appendix "Error Codes".
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    UNAVAILABLE_SQLSTATES.test(code) ||
    // Whatever ends the session, or lets none begin.
    ('severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')) ||
    (UNAVAILABLE_ERRNOS.has(code) && 'syscall' in error) ||
    UNAVAILABLE_MESSAGES.test(error.message)
  );
}

/** Serialization failure or deadlock: the same request may well succeed when sent again. */
export function isTransactionConflict(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01')
  );
}

/** The violated constraint's name when an error is a unique violation, else null. */
export function uniqueViolation(error: unknown): string | null {
  return violation(error, '23505');
}

/** The violated constraint's name when an error is a foreign key violation, else null. */
export function foreignKeyViolation(error: unknown): string | null {
  return violation(error, '23503');
}

function violation(error: unknown, sqlState: string): string | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== sqlState) return null;
  return 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : '';
}
