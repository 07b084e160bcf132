import type { Duplex } from 'node:stream';
import pg from 'pg';
import { afterRunning } from './timers.ts';

/**
 * A client of pg whose `connectionTimeoutMillis` counts only while this process runs. With pg's own timer, a process that
 * was suspended, or had no processor, gives up a connection before it reads what the database has answered meanwhile.
 */
export class DatabaseClient extends pg.Client {
  readonly #connectMs: number;

  constructor({ connectionTimeoutMillis = 0, ...config }: pg.ClientConfig) {
    super(config);
    this.#connectMs = connectionTimeoutMillis;
  }

  // Both overloads.
  override connect(...args: unknown[]): never {
    if (this.#connectMs > 0) {
      const { connection } = this as unknown as { connection: { stream: Duplex } };
      const cancel = afterRunning(this.#connectMs, () => {
        connection.stream.destroy(new Error('timeout expired'));
      });
      this.once('connect', cancel);
      connection.stream.once('close', cancel);
    }
    return (super.connect as (...args: unknown[]) => never).apply(this, args);
  }
}
