import { canonicalReference } from './image-reference.ts';
import type { ImageReference } from './image-reference.ts';
import { PullError } from './pull-error.ts';

/** What a registry's status means for a pull. The status is the only part of its reply that is passed on. */
export function replyError(reference: ImageReference, status: number): PullError {
  const name = canonicalReference(reference);
  const suffix = `(HTTP ${status})`;
  if (status === 404) {
    return new PullError('image_not_found', `The registry has no image "${name}" ${suffix}.`);
  }
  if (status === 401 || status === 403) {
    // Docker Hub answers the same for a missing and for a private image. A mistyped name is far likelier.
    if (reference.registry === 'docker.io') {
      return new PullError(
        'image_not_found',
        `Docker Hub has no public image "${name}": check its name, or make it public ${suffix}.`,
      );
    }
    return new PullError(
      'image_pull_denied',
      `The registry does not allow a pull of "${name}" ${suffix}.`,
    );
  }
  if (status === 429) {
    return new PullError(
      'image_pull_error',
      `The registry allows no more pulls for now ${suffix}.`,
    );
  }
  return new PullError('image_pull_error', `The registry could not serve "${name}" ${suffix}.`);
}
