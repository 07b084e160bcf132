/**
 * What the control plane asks of an engine that runs containers.
 *
 * Every verb is idempotent: called again after a crash, a time-out or by a second worker, it reaches the same result.
 * A verb succeeds or throws {@link EngineError}; it never logs a failure and returns. Every verb has its own deadline
 * (`VERB_DEADLINE_MS`), after which it throws a retryable error. Engines know nothing about desired state, retries or
 * statuses: the reconciler handles those.
 */
import type { EngineAccess } from './contract/access.ts';
import type { ContainerEnd, EngineContainers } from './contract/containers.ts';
import type { EngineHost } from './contract/host.ts';
import type { EngineImages } from './contract/images.ts';
import type { EngineTenants } from './contract/tenants.ts';
import type { EngineVolumes } from './contract/volumes.ts';
import type { EngineCredentials } from './credentials.ts';
import type { EngineWorkloads } from './workloads.ts';

// Callers import the whole contract from here.
export * from './contract/access.ts';
export * from './contract/containers.ts';
export * from './contract/error.ts';
export * from './contract/host.ts';
export * from './contract/images.ts';
export * from './contract/tenants.ts';
export * from './contract/volumes.ts';

/** A hint that something may have changed. A hint is never proof: observe again. */
export interface EngineChange {
  kind: 'container' | 'volume';
  id: number;
  /**
   * The engine reported that the process of this exact object has ended, and has reported nothing since. The engine
   * may need a moment to clean up before it answers an observation. A hint may be late: the object may be running
   * again.
   */
  ended?: ContainerEnd;
}

export interface Engine {
  readonly kind: string;
  /**
   * Who restarts a process that has exited. `reconciler`: the caller does, with `apply`. `engine`: the engine does, by
   * its own rules and delays; it also starts what was created. The caller counts the exits and reports them.
   */
  readonly restarts: 'reconciler' | 'engine';
  /**
   * Who chooses a container's address. `given`: the spec names it. `assigned`: the engine assigns one, perhaps some time
   * after the container was created, and reports it in the observation.
   */
  readonly addressing: 'given' | 'assigned';
  /** Ends pulls and streams. Containers keep running. */
  close(): Promise<void>;
  ping(): Promise<void>;
  /** Omitted by an engine that has no host to manage. */
  host?: EngineHost;
  access: EngineAccess;
  /** Access for people's own tools, such as kubectl. Omitted by an engine that has none to give. */
  credentials?: EngineCredentials;
  /** What people run with such tools. Omitted by an engine that gives them no access. */
  workloads?: EngineWorkloads;
  tenants: EngineTenants;
  images: EngineImages;
  containers: EngineContainers;
  volumes: EngineVolumes;

  /**
   * Yields hints until `signal` aborts. Reconnects by itself. May lose or duplicate any hint.
   * @param onGap called when it receives events again after an interruption: there are no hints about what happened
   *   in between.
   */
  changes(signal: AbortSignal, onGap?: () => void): AsyncIterable<EngineChange>;
}
