import { setTimeout as delay } from 'node:timers/promises';
import { type EmbeddedFailure, embeddedFailure } from './failure.ts';
import type { EmbeddedLog } from './log.ts';
import { type EmbeddedConnection, embeddedProbe } from './probe.ts';
import { postmasterIsAlive } from './postmaster.ts';
import type { ServerProcess } from './process.ts';

export interface SupervisorOptions {
  connection: EmbeddedConnection;
  dataFolder: string;
  logPath: string;
  log: EmbeddedLog;
  /** Finds the server that already runs on the folder, or starts one. */
  start(): Promise<ServerProcess>;
}

const PROBE_EVERY_MS = 25;
const STILL_STARTING_EVERY_MS = 10_000;
const FIRST_TRIES = 10;
const BACK_OFF_FIRST_MS = 500;
const BACK_OFF_MAX_MS = 30_000;
const FAST_SHUTDOWN_MS = 30_000;
const QUICK_SHUTDOWN_MS = 15_000;

/** Owns the server process: keeps one running until {@link Supervisor.stop}. */
export class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stopping = new AbortController();
  #server: ServerProcess | undefined;
  #watching: Promise<void> | undefined;
  #stopped: Promise<void> | undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
  }

  /**
   * Brings up the first server, then watches it.
   * @returns whether we started the server.
   * @throws Error with a sentence that says what to do if the server doesn't start.
   */
  async open(): Promise<boolean> {
    const owned = await this.#openFirst();
    this.#watching = this.#watch();
    return owned;
  }

  /** Ends the server, whoever started it. Sessions are cut; committed data is on the disk. */
  stop(): Promise<void> {
    this.#stopped ??= this.#stop();
    return this.#stopped;
  }

  async #openFirst(): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      const failure = await this.#bringUp();
      if (failure === null) return this.#server?.owned ?? false;
      // Processes that a killed server left behind end by themselves within moments.
      if (!failure.transient || tries === FIRST_TRIES) throw new Error(failure.message);
      await delay(BACK_OFF_FIRST_MS);
    }
  }

  /** Returns null if the server is ready, else why it is not. In that case it has ended. */
  async #bringUp(): Promise<EmbeddedFailure | null> {
    const { connection, dataFolder, logPath, log, start } = this.#options;
    const server = await start();
    this.#server = server;
    let output: string | undefined;
    void server.ended.then((text) => (output = text));
    let reportedAt = performance.now();
    while (output === undefined) {
      if ((await embeddedProbe(connection)) === 'ready') return null;
      if (performance.now() - reportedAt > STILL_STARTING_EVERY_MS) {
        reportedAt = performance.now();
        log.info('PostgreSQL is still starting (after a crash it first replays its log)');
      }
      await delay(PROBE_EVERY_MS);
    }
    if (server.owned) return embeddedFailure(output, { dataFolder, logPath });
    return { message: `the PostgreSQL found running on ${dataFolder} ended`, transient: true };
  }

  async #watch(): Promise<void> {
    const { log } = this.#options;
    const { signal } = this.#stopping;
    let backOffMs = BACK_OFF_FIRST_MS;
    while (!signal.aborted) {
      const upSince = performance.now();
      await this.#server?.ended;
      if (signal.aborted) return;
      if (performance.now() - upSince > BACK_OFF_MAX_MS) backOffMs = BACK_OFF_FIRST_MS;
      log.error(`PostgreSQL ended unexpectedly; starting it again in ${backOffMs} ms`);
      await delay(backOffMs, undefined, { signal }).catch(() => {});
      if (signal.aborted) return;
      backOffMs = Math.min(backOffMs * 2, BACK_OFF_MAX_MS);
      try {
        const failure = await this.#bringUp();
        if (failure === null) log.info('PostgreSQL serves again');
        else log.error(failure.message);
      } catch (error) {
        log.error(`PostgreSQL could not be started: ${String(error)}`);
      }
    }
  }

  async #stop(): Promise<void> {
    this.#stopping.abort();
    // A start in progress sees its server end, or it succeeds and the server is ended below.
    for (;;) {
      const server = this.#server;
      if (server !== undefined) await this.#end(server);
      const finished = await Promise.race([
        (this.#watching ?? Promise.resolve()).then(() => true),
        delay(PROBE_EVERY_MS, false),
      ]);
      if (finished) break;
    }
    const last = this.#server;
    if (last !== undefined) await this.#end(last);
  }

  async #end({ postmaster, ended }: ServerProcess): Promise<void> {
    const { log } = this.#options;
    const steps = [
      { signal: 'SIGINT', waitMs: FAST_SHUTDOWN_MS },
      { signal: 'SIGQUIT', waitMs: QUICK_SHUTDOWN_MS },
      { signal: 'SIGKILL', waitMs: QUICK_SHUTDOWN_MS },
    ] as const;
    for (const { signal, waitMs } of steps) {
      if (postmasterIsAlive(postmaster)) process.kill(postmaster.pid, signal);
      const wait = new AbortController();
      const done = await Promise.race([
        ended.then(() => true),
        delay(waitMs, false, { signal: wait.signal }).catch(() => false),
      ]);
      wait.abort();
      if (done) return;
      log.warn(
        `PostgreSQL (pid ${postmaster.pid}) did not end within ${waitMs / 1000} s of ${signal}`,
      );
    }
  }
}
