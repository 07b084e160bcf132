/**
 * What the control plane asks of an engine that runs containers.
 *
 * Every verb is idempotent: called again after a crash, a time-out or by a second worker, it reaches the same result.
 * A verb succeeds or throws {@link EngineError}; it never logs a failure and returns. Every verb has its own deadline
 * (`VERB_DEADLINE_MS`), after which it throws a retryable error. Engines know nothing about desired state, retries or
 * statuses: the reconciler handles those.
 */
import { createHash } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { EngineAccess } from './access.ts';
import type { EngineCredentials } from './credentials.ts';

export { LOG_LINE_MAX_BYTES, LOG_WHOLE_BYTES } from './access.ts';
export type {
  ContainerUsage,
  EngineAccess,
  LogLine,
  LogOptions,
  LogPart,
  LogRange,
} from './access.ts';

/**
 * The longest that one verb may take, in milliseconds. A verb is not started if less than this remains of the lease.
 */
export const VERB_DEADLINE_MS = 10_000;

/** The reason of the EngineError of a verb that has not ended within its deadline. */
export const ENGINE_TIMEOUT = 'engine_timeout';

/** What one container (one *dollarbox*) may use. */
export interface Limits {
  memoryMib: number;
  pids: number;
  /** Relative share of CPU when there is contention, 1024 = one share. */
  cpuShares: number;
}

export const DOLLARBOX_LIMITS: Limits = { memoryMib: 1024, pids: 512, cpuShares: 1024 };

/** An org, as an engine sees it: containers that can reach each other and no other org's containers. */
export interface TenantSpec {
  /** The org's id. */
  id: number;
}

/** What an engine has for an org. */
export interface TenantListing {
  ref: string;
  id: number;
  /**
   * Why it has to be ensured again. `update`: what it was made from has changed since, such as the org's limits.
   * `repair`: somebody else removed or changed something. Omitted: it is as it should be, or the engine can't tell.
   */
  needs?: 'update' | 'repair';
}

/**
 * Identity of a volume. `uid` is created with the volume (16 characters of a-z and 0-9) and never reused. So a
 * restored database whose ids start over can never mistake another volume's data for its own.
 */
export interface VolumeKey {
  id: number;
  uid: string;
}

/** How a volume is stored. */
export interface VolumeStorage {
  /** A word, e.g. `docker-loop`, `docker-local`. */
  storageClass: string;
  /** Whether the engine enforces the volume's size limit. */
  isSizeEnforced: boolean;
}

export interface VolumeSpec extends VolumeKey {
  tenantId: number;
  name: string;
  sizeGb: number;
  /** How it is stored; default: as `storage` says. */
  storageClass?: string;
  /**
   * The volume holds what a container's image declares as a `VOLUME`. If the container's object has data there that is
   * in no volume of ours, because an earlier version created the object, that data becomes the volume's.
   */
  imageVolume?: { containerId: number; path: string };
}

/**
 * `provisioning`: the object exists, and the engine has not found or made a place for its data yet.
 * `bound`: its data has a place. It stays bound unless it is lost.
 * `lost`: the object exists, and its data is gone.
 */
export type VolumePhase = 'provisioning' | 'bound' | 'lost';

/** What the engine currently has for one volume. That an object exists does not mean that it is bound. */
export interface VolumeObservation extends VolumeKey, VolumeStorage {
  /** The engine's own identity of this exact object: the precondition of a removal. */
  ref: string;
  tenantId: number;
  phase: VolumePhase;
  /**
   * Whether a container that mounts it may be started. Every bound volume is startable. One that is provisioning is
   * startable if it waits for its first consumer: the engine binds it only when a container mounts it, so a container
   * that waited for it to be bound would wait forever.
   */
  isStartable: boolean;
  /** Ids of the containers that mount it and have an object on the engine, running or not. */
  heldBy: number[];
}

/** The short form of an observation, for the sweep. */
export type VolumeListing = Pick<VolumeObservation, 'ref' | 'id' | 'uid' | 'tenantId' | 'phase'>;

export interface VolumeMount {
  volume: VolumeKey;
  /** Absolute, inside the container. */
  mountPath: string;
}

/** The `VOLUME`s of an image that are neither at nor below one of these mounts. */
export function volumePathsUncovered(
  paths: readonly string[],
  mounts: readonly VolumeMount[],
): string[] {
  return paths.filter(
    (path) =>
      !mounts.some(({ mountPath }) => path === mountPath || path.startsWith(`${mountPath}/`)),
  );
}

/** Everything that decides how a container runs. If two specs are equal, no action is needed between them. */
export interface ContainerSpec {
  /** The container's id in the API. */
  id: number;
  tenantId: number;
  /** DNS name inside the tenant's network. */
  name: string;
  /** The reference as the client wrote it. */
  image: string;
  /** The engine's own immutable id of the image that the reference resolved to. */
  imageId: string;
  env: Readonly<Record<string, string>>;
  /** Replaces the image's entrypoint and command. Empty: the image's own are used. */
  command: readonly string[];
  /** TCP ports. Empty: the ports that the image exposes. */
  ports: readonly number[];
  /** The container's own address; null if the engine assigns addresses. */
  ipv6Address: string | null;
  /**
   * The client's in its order, then those of the image's `VOLUME`s. No volume and no path appears twice. Only paths of
   * the image's may be inside one another.
   */
  volumes: readonly VolumeMount[];
  /** Whether the engine runs a process of its own as PID 1, which reaps and forwards signals to the container's. */
  init: boolean;
}

/**
 * `created`: its process has not been started yet. If the engine restarts processes, it starts this one by itself.
 */
export type ContainerState = 'created' | 'running' | 'paused' | 'exited';

/** Something that the engine noticed about a running process. It runs all the same. */
export interface ContainerWarning {
  /** A word: `ipv4_only_listener`; the list may grow. */
  code: string;
  /** One sentence or two that say what to do. */
  message: string;
}

/** The end of one process of a container. */
export interface ContainerExit {
  /** null: unknown. */
  code: number | null;
  isOutOfMemory: boolean;
  /** When the process that ended had started; null: unknown. */
  startedAt: Date | null;
  finishedAt: Date;
  /** What the process wrote last, if the engine keeps it with the exit; null: `access.logs` has it. */
  lastLines: string | null;
}

/** The exits of one object's processes, including failed starts by the engine itself. */
export interface ContainerExits {
  /**
   * How many there were, as far as the engine remembers. For one object it only grows. An engine that restarts
   * processes counts every exit, whether or not anybody was watching. Another engine may remember the last exit only,
   * and then counts 1 from the first exit on: an exit that was not seen before has another `finishedAt`.
   */
  count: number;
  /** null if there was none. */
  last: ContainerExit | null;
}

/**
 * Why a process does not run, or is not known to, though the engine is to run it: what the engine says itself. It goes on
 * trying.
 */
export interface ContainerObstacle {
  reason: 'unschedulable' | 'quota' | 'node_lost' | 'engine_error' | ImageFailure;
  /** One sentence or two, for the tenant. */
  message: string;
  since: Date;
}

/** What the engine currently has for one container id. */
export interface ContainerObservation {
  /** The engine's own identity of this exact object (never reused): the precondition of a removal. */
  ref: string;
  id: number;
  tenantId: number;
  name: string;
  /** {@link containerSpecHash} of the spec it was created from, as noted on the object. */
  specHash: string;
  /** The image that it has. Another tool may have recreated it with our notes on it but with another image. */
  imageId: string;
  state: ContainerState;
  /** Whether it is on its tenant's network with its address. Meaningful only while running or paused. */
  connected: boolean;
  /**
   * Its address; null while it has none. An assigned address belongs to the container's id: later objects of that id
   * have the same.
   */
  ipv6Address: string | null;
  /** When the object was created. */
  createdAt: Date;
  startedAt: Date | null;
  exits: ContainerExits;
  /** Why the engine could not start the process (for example, command not found), in one line; otherwise null. */
  startError: string | null;
  /** Omitted: there is none, or the engine can't tell. */
  obstacle?: ContainerObstacle;
  /** What is noticed about the process while it runs; null: this engine can't tell, or it does not run. */
  warnings: ContainerWarning[] | null;
}

/** The short form of an observation, for the sweep. */
export type ContainerListing = Pick<
  ContainerObservation,
  'ref' | 'id' | 'tenantId' | 'specHash' | 'state' | 'connected' | 'ipv6Address'
> & {
  /** As `exits.count` in an observation. null: unknown. An engine that restarts processes always knows it. */
  exitCount: number | null;
};

export type ImageFailure =
  | 'image_not_found'
  | 'image_pull_denied'
  | 'image_pull_error'
  | 'image_rejected';

export type PullPolicy = 'if_not_present' | 'always';

/** The state of an image, relative to a moment `since` (see {@link ImageRequest}). */
export type ImageState =
  | { state: 'absent' }
  /** Waiting for a place in the tenant's pull pool. */
  | { state: 'queued' }
  /** `progressAt`: when the last full MiB had been received, if any. */
  | { state: 'pulling'; startedAt: Date; progressAt?: Date }
  /** `pulledAt`: when its pull ended, if this engine pulled it. */
  | {
      state: 'present';
      imageId: string;
      exposedPorts: number[];
      /** Its `VOLUME`s, as absolute paths, ascending. */
      volumePaths: string[];
      pulledAt?: Date;
    }
  /**
   * `message`: our own sentence and the registry's HTTP status, never the registry's text.
   * `isUnreachable`: the registry could not be found or did not answer at all.
   */
  | {
      state: 'failed';
      reason: ImageFailure;
      message: string;
      failedAt: Date;
      isUnreachable?: true;
    };

export interface ImageRequest {
  ref: string;
  tenantId: number;
  /**
   * Results of pulls that ended before this moment do not count. Exception: an image already on the engine is
   * `present` if its reference has a digest or a tag other than `latest`.
   */
  since: Date;
  /** `always`: an image already on the engine never counts, whatever its reference. Default: `if_not_present`. */
  pullPolicy?: PullPolicy;
  /** The container to report in `changes()` when this pull ends. */
  containerId: number;
  /** All references that the container currently wants. Default: `ref` alone. Its other pulls are abandoned. */
  wanted?: readonly string[];
}

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

export interface ContainerEnd {
  ref: string;
  /** null: the engine did not report it. */
  exitCode: number | null;
}

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

  tenants: {
    /**
     * Creates what the tenant's containers need, such as a network, and repairs or updates what is there. Does nothing if
     * it is as it should be.
     */
    ensure(tenant: TenantSpec): Promise<void>;
    /** Removes what `ensure` created. Succeeds if there is nothing to remove. */
    remove(id: number): Promise<void>;
    list(): Promise<TenantListing[]>;
  };

  images: {
    /** Starts a pull unless one is running or the image is present. Returns immediately. */
    ensure(request: ImageRequest): Promise<ImageState>;
    observe(request: ImageRequest): Promise<ImageState>;
    /** Cancels everything that a container waits for. A pull that no container waits for ends. Never fails. */
    abandon(containerId: number): Promise<void>;
    /**
     * Removes images that this installation pulled, that no container uses, and that are not in `keep`. Returns the
     * references removed.
     */
    collect(keep: ReadonlySet<string>): Promise<string[]>;
  };

  containers: {
    /**
     * If absent, creates and starts it. If created from an equal spec, starts it, unpauses it or reconnects it to its
     * network, as needed. If running and connected, does nothing. An engine that restarts processes leaves starting to
     * itself: the call may return before the process runs, does not start one that has exited, and reports in `exits`
     * and `startError` that a process can't be started.
     * @throws EngineError `conflict` (reason `differs`) if the engine has this id created from another spec or image;
     *   `not_found` (reason `image_missing`) if `imageId` is gone; `conflict` (reason `image_volumes`) if it is absent
     *   and the image has a `VOLUME` that is not at or below a mount of the spec: an engine keeps no data that is in no
     *   volume; `permanent` (reason `start_error`) if the process
     *   can't be started: the object stays, `exited` or `created`, with `startError`; `not_found` (reason
     *   `volume_missing`) if a volume of the spec does not exist or is lost: mounting never creates one; `retryable`
     *   (reason `volume_unready`) if one is not startable yet; `conflict` (reason `volume_busy`) if another container's
     *   object, running or not, mounts one of them. In the last three cases nothing was started, and an object that has
     *   never run is removed again, so that it holds nothing. If two containers want the same volume at once, both may
     *   fail, but they never both run.
     */
    apply(spec: ContainerSpec): Promise<ContainerObservation>;
    observe(id: number): Promise<ContainerObservation | null>;
    /**
     * Ends this exact object, and none of its volumes. Succeeds if it is already gone.
     *
     * If `graceMs` is above 0, a running process is asked to end (with the image's stop signal), and the call returns
     * without waiting for it. The caller counts that time from the first signal and passes the remainder. An engine
     * that restarts processes removes the object by itself, once `graceMs` have passed at the latest, or as soon as no
     * process runs. Another engine keeps the object, with the lines of its process, until a later call removes it.
     * If it is 0, the object is removed and its process killed before the call returns.
     */
    end(ref: string, graceMs: number): Promise<void>;
    /**
     * Kills the process of this exact object before the call returns. The object stays, with the lines of its process.
     * Succeeds if no process runs or the object is gone. Omitted by an engine that restarts processes.
     */
    kill?(ref: string): Promise<void>;
    list(): Promise<ContainerListing[]>;
    /**
     * Gives up what a deleted container keeps between its objects: its address and its name. Succeeds if there is
     * nothing. Omitted by an engine that keeps nothing.
     */
    release?(id: number): Promise<void>;
  };

  volumes: {
    /** How new volumes are stored. It may change when the engine's host changes. */
    storage(): Promise<VolumeStorage>;
    /**
     * If absent, creates it, empty or with the data that it takes over. If it exists (same id and uid), does nothing.
     * Never empties, never shrinks. Does not wait for it to be bound.
     * @throws EngineError `permanent` (reason `unschedulable`) if the host has no room for it or can't create it, not
     *   with the spec's storage class, or can't take the data over.
     */
    apply(spec: VolumeSpec): Promise<VolumeObservation>;
    observe(key: VolumeKey): Promise<VolumeObservation | null>;
    /**
     * Destroys this exact object and its data. Succeeds if it is already gone. A deletion that knows the reference
     * calls this even if `observe` returns null, so that the remains of a crash are removed too.
     * @throws EngineError `conflict` (reason `volume_busy`) while a container's object mounts it.
     */
    remove(ref: string): Promise<void>;
    list(): Promise<VolumeListing[]>;
    /**
     * Removes the remains of creations and removals that their processes did not survive, and nothing that a living
     * process is creating.
     */
    tidy(): Promise<void>;
    /**
     * Bytes of data in it; null if unknown. May be slow (a walk over files) and take longer than the other verbs, so
     * it is never called in a turn.
     */
    usedBytes(ref: string): Promise<number | null>;
    /**
     * The data as a tar stream, with paths relative to the volume's root. The stream fails if the data could not be
     * read to its end. Destroy it to cancel. The verbs' deadline does not apply: it takes as long as the data needs.
     * @throws EngineError `not_found` (reason `volume_missing`).
     */
    exportTar(ref: string): Promise<Readable>;
    /**
     * Fills it from the output of `exportTar`. Existing files stay, unless the archive contains them too. If the
     * import fails, what was already written stays.
     * Ends when everything is written. The verbs' deadline does not apply.
     * @throws EngineError `not_found` (reason `volume_missing`); `conflict` (reason `volume_busy`) while a
     *   container's object mounts it; `permanent` (reason `volume_full` or `archive_broken`); any error from reading
     *   `tar`.
     */
    importTar(ref: string, tar: Readable): Promise<void>;
  };

  /**
   * Yields hints until `signal` aborts. Reconnects by itself. May lose or duplicate any hint.
   * @param onGap called when it receives events again after an interruption: there are no hints about what happened
   *   in between.
   */
  changes(signal: AbortSignal, onGap?: () => void): AsyncIterable<EngineChange>;
}

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

/**
 * A hash over everything in a spec that decides how the container runs. Hex, 64 characters.
 * A field with its default does not count, so that an upgrade that adds the field recreates no container.
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
    ...(spec.init ? ['init'] : []),
  ]);
  return createHash('sha256').update(canonical).digest('hex');
}
