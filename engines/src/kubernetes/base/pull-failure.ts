/** What a node says about a pull that failed, in the contract's words. Pure. */
import type { ImageFailure } from '../../contract.ts';

/** Why a container waits: its node can't have the image. */
export const PULL_FAILURES: ReadonlySet<string> = new Set([
  ...['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'ErrImageNeverPull'],
  ...['RegistryUnavailable', 'SignatureValidationFailed', 'ImageInspectError'],
]);

/** @param said the node's message, which may hold words of the registry's: they are not repeated. */
export function pullFailure(said: string): { reason: ImageFailure; message: string } {
  if (/not found|manifest unknown|404/i.test(said)) {
    const message = 'A node of the cluster did not find the image in its registry.';
    return { reason: 'image_not_found', message };
  }
  if (/unauthori[sz]ed|forbidden|denied|authentication|40[13]/i.test(said)) {
    const message = 'The registry does not let a node of the cluster pull the image.';
    return { reason: 'image_pull_denied', message };
  }
  return {
    reason: 'image_pull_error',
    message: 'A node of the cluster could not pull the image.',
  };
}
