import type { VolumeStatus } from '../db/types.ts';

/** The reason of a volume that the engine binds only when a container mounts it. */
export const WAITS_FOR_CONSUMER = 'waits_for_consumer';

/**
 * Whether the row of a volume allows a container that mounts it to start: it is bound, or it will be bound when that
 * container starts.
 */
export function isStartable(volume: {
  status: VolumeStatus;
  statusReason: string | null;
}): boolean {
  const { status, statusReason } = volume;
  return status === 'bound' || (status === 'provisioning' && statusReason === WAITS_FOR_CONSUMER);
}
