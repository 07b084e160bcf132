// Part of the engine contract: the machine that an engine runs on, and whether it keeps orgs apart.

/** Findings from trying real connections, not from reading settings. */
export interface IsolationReport {
  /** `unknown`: it could not be probed; treated as `weak`. */
  state: 'isolated' | 'weak' | 'unknown';
  /**
   * One sentence each: the source and target of a connection that should have failed, or why the state is unknown.
   */
  findings: string[];
  /** What an operator can do about it, one line each. */
  remedies: string[];
}

export interface Capacity {
  /** Bytes free where images and container layers are stored; null if unknown. */
  storageFreeBytes: number | null;
  /**
   * Why the isolation of orgs is no longer in place and cannot be restored, as a sentence; null while it is in place.
   */
  isolationFault: string | null;
  /**
   * For how long the engine's events have been silent, in milliseconds, though it says something now and then when
   * nothing happens; null: nobody listens. Omitted by an engine that can't tell.
   */
  eventsSilentMs?: number | null;
}

/** The machine that an engine runs on, for an engine that manages its host. */
export interface EngineHost {
  /**
   * Reaches the engine, checks its version, and installs the host's rules.
   * @throws EngineError with a sentence for the operator.
   */
  start(): Promise<void>;
  /** @throws EngineError `engine_closed` if `close` ends it. */
  probeIsolation(): Promise<IsolationReport>;
  /**
   * Finds out by trying whether containers get addresses. Omitted by an engine that does not assign them.
   * @returns what an operator has to do, as a sentence; null: they do.
   */
  probeAddresses?(): Promise<string | null>;
  capacity(): Promise<Capacity>;
}
