// Part of the engine contract: volumes.
import type { Readable } from 'node:stream';

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

/** What an engine does with volumes. */
export interface EngineVolumes {
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
}
