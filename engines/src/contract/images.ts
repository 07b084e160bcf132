// Part of the engine contract: images, and the pulls of them.

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

/** What an engine does with images. */
export interface EngineImages {
  /** Starts a pull unless one is running or the image is present. Returns immediately. */
  ensure(request: ImageRequest): Promise<ImageState>;
  observe(request: ImageRequest): Promise<ImageState>;
  /** Cancels everything that a container waits for. A pull that no container waits for ends. Never fails. */
  abandon(containerId: number): Promise<void>;
  /**
   * Removes images that this installation pulled, that no container uses, and that are not kept, and returns their
   * references. An image that is pulled, or pulled again, during the collection stays.
   * @param keep gives the references and ids to keep. It is called once the images to choose from are known, so that it
   * covers whatever wanted one of them by then.
   */
  collect(keep: () => Promise<ReadonlySet<string>>): Promise<string[]>;
}
