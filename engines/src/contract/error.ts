// Part of the engine contract: how a verb fails, and how long it may take.

/**
 * The longest that one verb may take, in milliseconds. A verb is not started if less than this remains of the lease.
 */
export const VERB_DEADLINE_MS = 10_000;

/** The reason of the EngineError of a verb that has not ended within its deadline. */
export const ENGINE_TIMEOUT = 'engine_timeout';

export type EngineErrorKind = 'retryable' | 'permanent' | 'not_found' | 'conflict';

/** `message` is a sentence that may be shown to the tenant. Details that only an operator may see are in `cause`. */
export class EngineError extends Error {
  readonly kind: EngineErrorKind;
  /**
   * A machine-readable word: `differs`, `image_missing`, `start_error`, `volume_missing`, `volume_unready`,
   * `volume_busy`, `image_volumes`, `unschedulable`, …; `engine_error` if nothing more specific is known.
   */
  readonly reason: string;

  constructor(
    kind: EngineErrorKind,
    reason: string,
    message: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.name = 'EngineError';
    this.kind = kind;
    this.reason = reason;
  }
}
