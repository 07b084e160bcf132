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

/** Where a verb is half done: a container is made and not started; an image is loaded and not recorded. */
export type DockerStep = 'container-created' | 'image-loaded';

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
  /** What pulls leave free where Docker keeps its data; default 2 GiB. */
  storageReserveBytes?: number;
  /** Longest that one verb may take; default `VERB_DEADLINE_MS`. */
  verbDeadlineMs?: number;
  /** Called between two steps of one verb, so that a test can end the process there. */
  onStep?: (step: DockerStep) => void;
}

/** What all parts of one Docker engine share. */
export interface DockerContext {
  installationId: string;
  log: EngineLog;
  now: () => Date;
}
