/**
 * What the control plane asks of a place that runs containers.
 *
 * Every verb is repeatable: called again after a crash, a time-out or by a second worker, it ends in
 * the same place. A verb succeeds or throws {@link EngineError}; it never logs a failure and returns.
 * Every verb has a deadline of its own (`VERB_DEADLINE_MS`), after which it throws a retryable error.
 * Engines know nothing of desired state, retries or statuses: that is the reconciler's.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';

/** The longest that one verb may take, in milliseconds. No verb is started with less lease left. */
export const VERB_DEADLINE_MS = 10_000;

/** What one container (one *dollarbox*) may use. */
export interface Limits {
  memoryMib: number;
  pids: number;
  /** Relative share of CPU when there is contention, 1024 = one share. */
  cpuShares: number;
}

export const DOLLARBOX_LIMITS: Limits = { memoryMib: 1024, pids: 512, cpuShares: 1024 };

/** An org, as an engine sees it: a network of its own. */
export interface TenantSpec {
  /** The org's id. */
  id: number;
  /** CIDR, a /26 of 10.0.0.0/8. */
  ipv4Subnet: string;
  /** CIDR, a /64. The first address (`…::1`) is the gateway's. */
  ipv6Subnet: string;
}

/**
 * Identity of a volume. `uid` is made with the volume (16 of a-z and 0-9) and never used again, so
 * that a restored database whose ids begin again can never take another's data for its own.
 */
export interface VolumeKey {
  id: number;
  uid: string;
}

export interface VolumeSpec extends VolumeKey {
  tenantId: number;
  name: string;
  sizeGb: number;
}

/** What the engine holds for one volume, just now. */
export interface VolumeObservation extends VolumeKey {
  /** The engine's own identity of this very object, the precondition of a removal. */
  ref: string;
  tenantId: number;
  /** How it is kept, e.g. `docker-loop`, `docker-local`. */
  storageClass: string;
  /** Whether the engine keeps it from growing past its size. */
  isSizeEnforced: boolean;
  /** Ids of the containers of which the engine has an object, running or not, that mounts it. */
  heldBy: number[];
}

/** The cheap form of an observation, for the sweep. */
export type VolumeListing = Pick<VolumeObservation, 'ref' | 'id' | 'uid' | 'tenantId'>;

export interface VolumeMount {
  volume: VolumeKey;
  /** Absolute, inside the container. */
  mountPath: string;
}

/** All that decides how a container runs. Two equal specs need no action between them. */
export interface ContainerSpec {
  /** The container's id in the API. */
  id: number;
  tenantId: number;
  /** DNS name inside the tenant's network. */
  name: string;
  /** The reference as the client wrote it. */
  image: string;
  /** The engine's own immutable id of the image that the reference was resolved to. */
  imageId: string;
  env: Readonly<Record<string, string>>;
  /** Replaces the image's entrypoint and command; empty = the image's own. */
  command: readonly string[];
  /** TCP ports; empty = those that the image exposes. */
  ports: readonly number[];
  /** One address inside the tenant's `ipv6Subnet`. */
  ipv6Address: string;
  /** In the client's order. No volume twice, no path twice or inside another. */
  volumes: readonly VolumeMount[];
}

export type ContainerState = 'created' | 'running' | 'paused' | 'exited';

/** What the engine holds for one container id, just now. */
export interface ContainerObservation {
  /** The engine's own identity of this very object (never reused), the precondition of a removal. */
  ref: string;
  id: number;
  tenantId: number;
  name: string;
  /** {@link containerSpecHash} of the spec it was made from. */
  specHash: string;
  state: ContainerState;
  /** On its tenant's network, with its address. Meaningful while running or paused. */
  connected: boolean;
  startedAt: Date | null;
  finishedAt: Date | null;
  /** Of the last exit; null if it never exited. */
  exitCode: number | null;
  outOfMemory: boolean;
  /** Why the engine could not start the process (command not found, say), one line; else null. */
  startError: string | null;
}

/** The cheap form of an observation, for the sweep. */
export type ContainerListing = Pick<
  ContainerObservation,
  'ref' | 'id' | 'tenantId' | 'specHash' | 'state' | 'connected'
>;

export interface LogOptions {
  tailLines: number;
  maxBytes: number;
  /** When the run began whose lines are wanted: an object keeps those of its earlier runs too. */
  since?: Date;
}

export type ImageFailure =
  | 'image_not_found'
  | 'image_pull_denied'
  | 'image_pull_error'
  | 'image_rejected';

/** How an image stands, relative to a moment `since` (see {@link ImageRequest}). */
export type ImageState =
  | { state: 'absent' }
  /** Waiting for a place in the tenant's pull pool. */
  | { state: 'queued' }
  | { state: 'pulling'; startedAt: Date }
  | { state: 'present'; imageId: string; exposedPorts: number[] }
  /** `message`: our sentence and the registry's HTTP status, never the registry's text. */
  | { state: 'failed'; reason: ImageFailure; message: string; failedAt: Date };

export interface ImageRequest {
  ref: string;
  tenantId: number;
  /**
   * Results of pulls that ended before this moment do not count, except that an image already
   * on the engine is `present` when its reference has a digest or a tag other than `latest`.
   */
  since: Date;
  /** The container to name in `changes()` when this pull ends. */
  containerId: number;
  /** All references that the container wants now, default `ref` alone: it lets go of its other pulls. */
  wanted?: readonly string[];
}

/** A hint that something may have changed. Never the truth: look again. */
export interface EngineChange {
  kind: 'container' | 'volume';
  id: number;
  /**
   * The engine said that the process of this very object has ended, and nothing since. It may take a moment more to
   * clear up after it before it answers an observation. A hint may come late: the object may run again.
   */
  ended?: ContainerEnd;
}

export interface ContainerEnd {
  ref: string;
  /** null: the engine did not tell. */
  exitCode: number | null;
}

/** What was found by connecting, not by reading settings. */
export interface IsolationReport {
  /** `unknown`: it could not be probed; treated like `weak`. */
  state: 'isolated' | 'weak' | 'unknown';
  /** One sentence each: from where to where a connection went that should not, or why unknown. */
  findings: string[];
  /** What an operator can do about it, one line each. */
  remedies: string[];
}

export interface Capacity {
  /** Bytes free where images and container layers are kept; null when it can't be told. */
  storageFreeBytes: number | null;
  /** Why what kept orgs apart is in place no longer and can't be put back, a sentence; null while it is. */
  isolationFault: string | null;
}

export interface Engine {
  readonly kind: string;
  /**
   * Reaches the engine, checks its version, and puts the host's rules in place.
   * @throws EngineError with a sentence for the operator.
   */
  start(): Promise<void>;
  /** Ends pulls and streams. Containers go on running. */
  close(): Promise<void>;
  ping(): Promise<void>;
  /** @throws EngineError `engine_closed` when `close` ends it. */
  probeIsolation(): Promise<IsolationReport>;
  capacity(): Promise<Capacity>;

  tenants: {
    /** @throws EngineError `conflict` with reason `subnet_in_use` when another network has that subnet. */
    ensure(tenant: TenantSpec): Promise<void>;
    /** Removes the tenant's network. Nothing to remove is success. */
    remove(id: number): Promise<void>;
    list(): Promise<{ ref: string; id: number }[]>;
  };

  images: {
    /** Starts a pull unless one is running or the image is there; returns at once. */
    ensure(request: ImageRequest): Promise<ImageState>;
    observe(request: ImageRequest): Promise<ImageState>;
    /** Lets go of all that a container waits for: a pull that nobody waits for ends. Never fails. */
    abandon(containerId: number): Promise<void>;
    /** Removes images that this installation pulled, no container uses, and `keep` does not name. Returns references removed. */
    collect(keep: ReadonlySet<string>): Promise<string[]>;
  };

  containers: {
    /**
     * Absent: creates and starts. Made from an equal spec: starts it, unpauses it or puts it back
     * on its network, as needed; running and connected: does nothing.
     * @throws EngineError `conflict` (reason `differs`) when the engine holds this id made from another spec;
     *   `not_found` (reason `image_missing`) when `imageId` is gone; `permanent` (reason `start_error`)
     *   when the process can't be started: the object stays, `exited` or `created`, with `startError`;
     *   `not_found` (reason `volume_missing`) when a volume of the spec is not there: none is ever made by
     *   mounting it; `conflict` (reason `volume_busy`) when another container's object, running or not,
     *   mounts one of them. Then nothing was started, and what has never run is removed again, so that
     *   it holds nothing: two that want the same volume at once may both fail, and never both run.
     */
    apply(spec: ContainerSpec, tenant: TenantSpec): Promise<ContainerObservation>;
    observe(id: number): Promise<ContainerObservation | null>;
    /** Asks the process to end (the image's stop signal); returns at once. Gone or ended already is success. */
    stop(ref: string): Promise<void>;
    /** Kills and removes that very object, and none of its volumes. Gone already is success. */
    remove(ref: string): Promise<void>;
    list(): Promise<ContainerListing[]>;
    /** The last lines that the process wrote, both streams, oldest first, invalid UTF-8 replaced. */
    logs(ref: string, options: LogOptions): Promise<string>;
  };

  volumes: {
    /**
     * Absent: makes it, empty. There already (same id and uid): does nothing. Never empties, never shrinks.
     * @throws EngineError `permanent` (reason `unschedulable`) when the host has no room for it or can't make it.
     */
    apply(spec: VolumeSpec): Promise<VolumeObservation>;
    observe(key: VolumeKey): Promise<VolumeObservation | null>;
    /**
     * Destroys that very object and its data. Gone already is success. A deletion that knows the reference asks
     * for it even when `observe` says null: what a crash left of it goes too.
     * @throws EngineError `conflict` (reason `volume_busy`) while a container's object mounts it.
     */
    remove(ref: string): Promise<void>;
    list(): Promise<VolumeListing[]>;
    /**
     * Bytes of data in it; null when it can't be told. May be slow (a walk over files), and take longer than
     * the other verbs: never in a turn.
     */
    usedBytes(ref: string): Promise<number | null>;
    /**
     * The data as a tar stream, paths relative to the volume's root. The stream fails when the data could not
     * be read to its end; destroy it to give up. Without the verbs' deadline: it takes as long as the data needs.
     * @throws EngineError `not_found` (reason `volume_missing`).
     */
    exportTar(ref: string): Promise<Readable>;
    /**
     * Fills it from what `exportTar` gave; what is in it already stays, unless the archive has it too. When it
     * fails, what was written by then stays.
     * Ends when all is written. Without the verbs' deadline.
     * @throws EngineError `not_found` (reason `volume_missing`); `conflict` (reason `volume_busy`) while a
     *   container's object mounts it; `permanent` (reason `volume_full` or `archive_broken`); what reading `tar` throws.
     */
    importTar(ref: string, tar: Readable): Promise<void>;
  };

  /**
   * Yields hints until `signal` aborts. Reconnects by itself; may lose or double any hint.
   * @param onGap called when it hears again after it could not: nobody hints at what happened meanwhile.
   */
  changes(signal: AbortSignal, onGap?: () => void): AsyncIterable<EngineChange>;
}

export type EngineErrorKind = 'retryable' | 'permanent' | 'not_found' | 'conflict';

/** `message` is a sentence that may be shown to the tenant; what only an operator may see is in `cause`. */
export class EngineError extends Error {
  readonly kind: EngineErrorKind;
  /** A machine word: `subnet_in_use`, `differs`, `image_missing`, `start_error`, `volume_missing`, `volume_busy`, `unschedulable`, …; `engine_error` when nothing better is known. */
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

/**
 * A hash over everything in a spec that decides how the container runs. Hex, 64 characters.
 * Without volumes it is as it was before there were any: nothing is made anew for an upgrade.
 */
export function containerSpecHash(spec: ContainerSpec): string {
  const volumes = spec.volumes.map(({ volume, mountPath }) => [volume.id, volume.uid, mountPath]);
  const canonical = JSON.stringify([
    spec.id,
    spec.tenantId,
    spec.name,
    spec.imageId,
    Object.entries(spec.env).toSorted(([a], [b]) => (a < b ? -1 : 1)),
    spec.command,
    spec.ports,
    spec.ipv6Address,
    ...(volumes.length > 0 ? [volumes] : []),
  ]);
  return createHash('sha256').update(canonical).digest('hex');
}
