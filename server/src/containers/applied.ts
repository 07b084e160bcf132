// The version that the engine was last made to run, as its row keeps it: sealed, since it has env.
import type { SecretBox } from '../base/secrets.ts';
import type { Applied } from './state.ts';

const APPLIED_PURPOSE = 'containers.applied';

export function appliedSeal(secrets: SecretBox, applied: Applied): Buffer {
  return secrets.seal(APPLIED_PURPOSE, JSON.stringify(applied));
}

/**
 * @returns null if nothing was applied, or if what was applied can't be read any more: the turn then determines it
 * again.
 */
export function appliedOpen(secrets: SecretBox, sealed: Buffer | null): Applied | null {
  if (sealed === null) return null;
  try {
    const applied = JSON.parse(secrets.open(APPLIED_PURPOSE, sealed)) as Applied;
    const { version } = applied;
    // Versions that were recorded before these fields existed lack them.
    return {
      ...applied,
      version: { ...version, volumes: version.volumes ?? [], init: version.init ?? false },
    };
  } catch {
    return null;
  }
}
