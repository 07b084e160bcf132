/** What a Docker engine is made with. */
import type { DockerAddress } from './api.ts';

/** The part of pino that is used here. */
export interface EngineLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/**
 * Remembers which images this installation pulled, since Docker can't label an image.
 * One entry a reference; adding it again replaces its image id.
 */
export interface PulledImageStore {
  add(ref: string, imageId: string): Promise<void>;
  list(): Promise<{ ref: string; imageId: string }[]>;
  remove(ref: string): Promise<void>;
}

/** Where a verb is half done. */
export type DockerStep =
  /** A container is made, and not started. */
  | 'container-created'
  /** An image is loaded, and not recorded. */
  | 'image-loaded'
  /** A volume's file system is made, and nobody knows of it. */
  | 'volume-filled'
  /** It has its place, and is not mounted. */
  | 'volume-placed'
  /** It is mounted, and Docker does not know of it. */
  | 'volume-mounted'
  /** Docker has let go of a volume, and its data is there. */
  | 'volume-released'
  /** Its file system is not mounted any more. */
  | 'volume-unmounted'
  /** It has lost its place, and is not deleted yet. */
  | 'volume-trashed';

export interface DockerEngineOptions extends DockerAddress {
  /** Random, 12 characters of a–z and 0–9. In names and labels of all that is made. */
  installationId: string;
  /** `host[:port]` entries that tenants may pull from though they are local or private. */
  allowedRegistries: readonly string[];
  pulledImages: PulledImageStore;
  log: EngineLog;
  now: () => Date;
  /** Default 300 000. */
  pullTimeoutMs?: number;
  /** Most that the layers of one image may have, compressed, together; default 10 GiB. */
  imageMaxBytes?: number;
  /** What pulls and new volumes leave free where they are kept; default 2 GiB. */
  storageReserveBytes?: number;
  /**
   * Where volumes get file systems of their own, of their size, if this machine can do that; an absolute
   * path. Left out: they are Docker's own, which may grow.
   */
  volumesDir?: string;
  /** Whether the room of a new volume there is taken from the disk at once; default: as it is written to. */
  reservesVolumes?: boolean;
  /**
   * The containers' IPv6 addresses that other machines must not reach, a CIDR; default all, `::/0`. All
   * others are opened to them. Asked each time that the host's rules are put in place.
   */
  closedIpv6?: () => string;
  /** Longest that one verb may take; default `VERB_DEADLINE_MS`. */
  verbDeadlineMs?: number;
  /** Called, and waited for, between two steps of one verb, so that a test can stall it or end the process there. */
  onStep?: (step: DockerStep) => void | Promise<void>;
}

/** What all parts of one Docker engine share. */
export interface DockerContext {
  installationId: string;
  log: EngineLog;
  now: () => Date;
  closedIpv6: () => string;
}
