import { createHash } from 'node:crypto';
import type { Duplex } from 'node:stream';
import { Kysely, PostgresDialect, type PostgresPool, type Transaction } from 'kysely';
import pg from 'pg';
import { DatabaseClient } from '../base/database-client.ts';
import { type Liveness, answerExpect, livenessCreate } from './liveness.ts';
import type { Database } from './types.ts';

export type Db = Kysely<Database>;
export type Trx = Transaction<Database>;

/** Where a database is: a URL, or the parts (a `host` starting with `/` is a socket's folder). */
export type DatabaseLocation =
  | { connectionString: string }
  | { host: string; database: string; user: string };

export interface DatabaseOptions {
  poolSize?: number;
  applicationName?: string;
  /**
   * After this many milliseconds without an answer to a statement, or without a free connection, the database must give
   * a sign of life. If it gives none, the connection is discarded and the statement fails as if the database were
   * unreachable. If not set, a statement may run as long as PostgreSQL allows.
   */
  patienceMs?: number;
  /** Called after each statement except transaction control. */
  onStatement?: () => void;
  /** Called when a connection is lost. */
  onConnectionLost?: (error: Error) => void;
}

const MAX_PREPARED_STATEMENTS = 500;
const CONNECT_TIMEOUT_MS = 3000;
/**
 * For requests. Together with the time of a probe, this is less than the five seconds in which a request is answered.
 */
export const REQUEST_PATIENCE_MS = 2500;
const REQUEST_CONNECT_TIMEOUT_MS = 1750;
const STATEMENT_TIMEOUT_MS = 30_000;
/** How long a statement may wait for a free connection while the database gives signs of life. */
const POOL_WAIT_MS = 30_000;
const TRANSACTION_CONTROL = /^(begin|start transaction|commit|rollback|savepoint|release)\b/;
const INT8_OID = 20;
const CIDR_OID = 650;
const INET_OID = 869;

const statementNames = new Map<string, string>();

/** The name under which a statement is prepared, the same on every connection. None once the limit is reached. */
function statementName(text: string): string | undefined {
  const known = statementNames.get(text);
  if (known !== undefined || statementNames.size >= MAX_PREPARED_STATEMENTS) return known;
  const name = createHash('sha1').update(text).digest('hex');
  statementNames.set(text, name);
  return name;
}

interface Patience {
  liveness: Liveness;
  ms: number;
}

interface PoolClientConfig extends pg.ClientConfig {
  patience?: Patience | undefined;
}

/**
 * Prepares every parametrised statement, so that PostgreSQL parses and plans it once per connection. A statement that
 * gets no answer in time closes the connection: a server that is paused or cut off neither answers nor closes it.
 */
class PoolClient extends DatabaseClient {
  readonly #patience: Patience | undefined;

  constructor(config: PoolClientConfig = {}) {
    const connectMs =
      config.patience === undefined ? CONNECT_TIMEOUT_MS : REQUEST_CONNECT_TIMEOUT_MS;
    super({ ...config, connectionTimeoutMillis: connectMs });
    this.#patience = config.patience;
  }

  // pg's `query` has ten overloads. Kysely calls this one; all others pass through.
  override query(...args: unknown[]): never {
    const [text, values] = args;
    const forward = super.query as (...args: unknown[]) => never;
    const isPrepared = typeof text === 'string' && Array.isArray(values) && values.length > 0;
    const answer: unknown = isPrepared
      ? forward.call(this, { name: statementName(text), text, values })
      : forward.apply(this, args);
    if (answer instanceof Promise) this.#expect(answer);
    return answer as never;
  }

  #expect(answer: Promise<unknown>): void {
    if (this.#patience === undefined) return;
    const { connection } = this as unknown as { connection: { stream: Duplex } };
    const { liveness, ms } = this.#patience;
    answerExpect(liveness, ms, answer, () =>
      connection.stream.destroy(new Error('Query read timeout')),
    );
  }
}

/** A pool in which nobody waits for a connection to a silent database. */
class Pool extends pg.Pool {
  readonly #patience: Patience | undefined;

  constructor(config: pg.PoolConfig & PoolClientConfig) {
    super(config);
    this.#patience = config.patience;
  }

  // The callback form, which pg's own `query` uses, passes through.
  override connect(...args: unknown[]): never {
    const connect = super.connect as (...args: unknown[]) => unknown;
    const connecting = connect.apply(this, args);
    if (this.#patience === undefined || !(connecting instanceof Promise))
      return connecting as never;
    return connectionExpect(connecting as Promise<pg.PoolClient>, this.#patience) as never;
  }
}

/**
 * @returns the connection. Rejects if the database stops answering; a connection that arrives later is returned to the
 * pool.
 */
async function connectionExpect(
  connecting: Promise<pg.PoolClient>,
  { liveness, ms }: Patience,
): Promise<pg.PoolClient> {
  const silent = Promise.withResolvers<never>();
  answerExpect(liveness, ms, connecting, () => {
    connecting.then((client) => client.release()).catch(() => undefined);
    silent.reject(new Error('Connection terminated: the database does not answer'));
  });
  return Promise.race([connecting, silent.promise]);
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

function poolClientConfig(location: DatabaseLocation, options: DatabaseOptions): PoolClientConfig {
  return {
    ...databaseClientConfig(location),
    patience:
      options.patienceMs === undefined
        ? undefined
        : { liveness: livenessCreate(databaseClientConfig(location)), ms: options.patienceMs },
    application_name: options.applicationName ?? 'dollarbox',
    statement_timeout: STATEMENT_TIMEOUT_MS,
    idle_in_transaction_session_timeout: STATEMENT_TIMEOUT_MS,
    // Replanning a statement for its values takes longer than running it. One plan serves all values.
    options: '-c plan_cache_mode=force_generic_plan',
  };
}

/** One connection, for who needs the same session throughout, as for LISTEN. */
export interface DatabaseSession {
  /** Not connected yet. */
  client: pg.Client;
  /** Statements on this connection, one after the other. No transactions. */
  db: Db;
}

export function databaseSessionCreate(
  location: DatabaseLocation,
  options: DatabaseOptions,
): DatabaseSession {
  const client = new PoolClient(poolClientConfig(location, options));
  const only = { query: client.query.bind(client), release: () => undefined };
  const pool = { options: {}, connect: async () => only, end: () => client.end() };
  return { client, db: databaseOver(pool, options) };
}

/** A pool of connections. Nothing is connected before the first statement. */
export function databaseOpen(location: DatabaseLocation, options: DatabaseOptions = {}): Db {
  const config: pg.PoolConfig & PoolClientConfig = {
    ...poolClientConfig(location, options),
    Client: PoolClient,
    connectionTimeoutMillis: POOL_WAIT_MS,
    max: options.poolSize ?? 20,
  };
  const pool = new Pool(config);
  // Without a listener, losing a connection would end the process. The pool only listens to idle connections, and a
  // lost connection can emit more than one error.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.once('error', (error) => options.onConnectionLost?.(error));
    client.on('error', () => undefined);
  });
  return databaseOver(pool, options);
}

function databaseOver(pool: PostgresPool, { onStatement }: DatabaseOptions): Db {
  return new Kysely<Database>({
    dialect: new PostgresDialect({ pool }),
    log(event) {
      if (event.level !== 'query' || TRANSACTION_CONTROL.test(event.query.sql)) return;
      onStatement?.();
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
  /^(Connection terminated|timeout exceeded|timeout expired|Client has encountered|Client was closed|Query read timeout)/;

/**
 * Whether an error means that the database can't be reached or has no capacity at the moment, rather than that a
 * statement was wrong: connection exceptions, a missing account or database, a standby, resources (disk, connections),
 * shutdown, or a time limit.
 * Source: PostgreSQL's appendix "Error Codes".
 */
export function isDatabaseUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof AggregateError) return error.errors.some(isDatabaseUnavailable);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : '';
  return (
    UNAVAILABLE_SQLSTATES.test(code) ||
    // Anything that ends the session or prevents one from starting.
    ('severity' in error && (error.severity === 'FATAL' || error.severity === 'PANIC')) ||
    (UNAVAILABLE_ERRNOS.has(code) && 'syscall' in error) ||
    UNAVAILABLE_MESSAGES.test(error.message)
  );
}

/** Whether an error means that the database has no room left on its disk. */
export function isDatabaseFull(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === '53100';
}

/** Serialization failure or deadlock: the same request may well succeed if it is sent again. */
export function isTransactionConflict(error: unknown): boolean {
  return (
    error instanceof Error && 'code' in error && (error.code === '40001' || error.code === '40P01')
  );
}

/** The name of the violated constraint if an error is a unique violation, else null. */
export function uniqueViolation(error: unknown): string | null {
  return violation(error, '23505');
}

/** The name of the violated constraint if an error is a foreign key violation, else null. */
export function foreignKeyViolation(error: unknown): string | null {
  return violation(error, '23503');
}

function violation(error: unknown, sqlState: string): string | null {
  if (!(error instanceof Error) || !('code' in error) || error.code !== sqlState) return null;
  return 'constraint' in error && typeof error.constraint === 'string' ? error.constraint : '';
}
