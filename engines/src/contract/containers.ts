// Part of the engine contract: containers.
import { createHash } from 'node:crypto';
import type { ImageFailure } from './images.ts';
import type { VolumeMount } from './volumes.ts';

/** What one container (one *dollarbox*) may use. */
export interface Limits {
  memoryMib: number;
  pids: number;
  /** Relative share of CPU when there is contention, 1024 = one share. */
  cpuShares: number;
}

export const DOLLARBOX_LIMITS: Limits = { memoryMib: 1024, pids: 512, cpuShares: 1024 };

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
  /**
   * {@link containerSpecHash} of the spec it was created from, as noted on the object. Empty if somebody else has
   * changed the object since: it is made from no spec.
   */
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

export interface ContainerEnd {
  ref: string;
  /** null: the engine did not report it. */
  exitCode: number | null;
}

/** What an engine does with containers. */
export interface EngineContainers {
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
