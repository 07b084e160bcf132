import type { ImageFailure } from '../contract.ts';

/**
 * Why an image is not available. `message` is a sentence for the tenant that contains none of the registry's text.
 */
export class PullError extends Error {
  readonly reason: ImageFailure;
  /** The registry did not answer at all. */
  readonly isUnreachable: boolean;

  constructor(
    reason: ImageFailure,
    message: string,
    options: { cause?: unknown; isUnreachable?: boolean } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined);
    this.name = 'PullError';
    this.reason = reason;
    this.isUnreachable = options.isUnreachable ?? false;
  }
}
