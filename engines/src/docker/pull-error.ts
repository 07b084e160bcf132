import type { ImageFailure } from '../contract.ts';

/** Why an image can't be had. `message` is a sentence for the tenant: nothing of the registry's own text. */
export class PullError extends Error {
  readonly reason: ImageFailure;

  constructor(reason: ImageFailure, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = 'PullError';
    this.reason = reason;
  }
}
