/** What users can see inside a container: its lines and what it uses. Part of the engine contract. */

export interface LogOptions {
  tailLines: number;
  maxBytes: number;
  /** The start of the run whose lines are wanted. An object also keeps the lines of its earlier runs. */
  since?: Date;
}

/** The longest text of one line, in bytes. What follows is a line of its own. */
export const LOG_LINE_MAX_BYTES = 64 * 1024;

/**
 * The first lines of an object are still there as long as all its lines together, with 100 bytes more for each, have no
 * more bytes than this, unless the engine says otherwise.
 */
export const LOG_WHOLE_BYTES = 1024 ** 2;

/** One line that a process wrote, or a part of one that is too long. */
export interface LogLine {
  /**
   * Identifies the line among all lines of its object, for good: opaque, at most 60 characters of `A-Za-z0-9._-`. Two
   * lines written at the same time, or after a clock went back, differ.
   */
  position: string;
  /** When the engine received it, RFC 3339 in UTC, as precisely as the engine knows it. */
  at: string;
  stream: 'stdout' | 'stderr';
  /** Without the line feed, with invalid UTF-8 replaced. Carriage returns are kept. */
  text: string;
  /** The line goes on in the next one of this stream. */
  isCut: boolean;
}

/** Lines in the order in which the engine received them. */
export interface LogPart {
  lines: readonly LogLine[];
  /**
   * Lines before the first one were asked for, and the engine does not have them any more. Of a reading from the first
   * line on, an engine may not know that; but it has all lines as long as they are shorter than `LOG_WHOLE_BYTES`.
   */
  hasGap?: true;
}

/** Which lines are wanted; all that the engine has if neither is given. */
export interface LogRange {
  /** Those behind this position. */
  after?: string;
  /** At most so many, the last ones. */
  tail?: number;
  run?: LogRun;
}

/**
 * When a run of the process was started. An engine that restarts processes by itself gives the lines of that run alone.
 * One whose objects keep the lines of all their runs ignores it.
 */
export type LogRun = Date;

/** Which lines are followed. */
export interface LogFrom {
  /** Behind a position that `lines` has given recently; null: from the first line on. */
  after: string | null;
  run?: LogRun;
}

/** What one container uses now; null where the engine can't tell. */
export interface ContainerUsage {
  memoryBytes: number | null;
  memoryLimitBytes: number | null;
  /** Since its process was started. */
  cpuSeconds: number | null;
  /** Since its process was started, as the container sees it. */
  networkReceivedBytes: number | null;
  networkSentBytes: number | null;
  processes: number | null;
  /** What it wrote outside its volumes. */
  diskBytes: number | null;
}

export interface UsageOptions {
  /** Whether `diskBytes` is wanted, for which an engine may have to look at all files. Default: true. */
  withDisk?: boolean;
}

/** What users can see inside a container. It requires neither `host.start` nor a reconciler in the same process. */
export interface EngineAccess {
  /**
   * The last lines that the process wrote to both streams, oldest first, with invalid UTF-8 replaced. If the object
   * is gone, there are no lines.
   */
  logs(ref: string, options: LogOptions): Promise<string>;
  /**
   * The lines of one object up to now. An object keeps those of its earlier runs; how many, the engine decides. If lines
   * behind `after` are lost, the first part says so, and everything that is left follows. The memory in use does not
   * depend on how many lines there are; they are read as fast as they are taken.
   * @throws EngineError `not_found` (reason `container_missing`) if the object is gone, or (reason `run_missing`) if the
   *   engine does not have the lines of that run any more.
   */
  lines(ref: string, range: LogRange, signal: AbortSignal): AsyncIterable<LogPart>;
  /**
   * The lines of one object behind a position as they are written, until its process ends. Take them at once: an engine
   * may lose what is not taken in time.
   * @throws EngineError `not_found` as `lines`; `retryable` if the position was not found.
   */
  follow(ref: string, from: LogFrom, signal: AbortSignal): AsyncIterable<LogPart>;
  /** @throws EngineError `not_found` (reason `container_missing`) if the object is gone. */
  usage(ref: string, options?: UsageOptions): Promise<ContainerUsage>;
}
