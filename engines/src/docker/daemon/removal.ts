/** The removal of a container from Docker. */
import { setTimeout as delay } from 'node:timers/promises';
import type { DockerApi } from './api.ts';
import { isDockerStatus } from './errors.ts';

/** Interval between checks of a removal that is in progress. */
const POLL_MS = 20;
const UNDER_WAY = /already in progress/i;

/**
 * Kills and removes a container, with the anonymous volumes that were created for it. It is gone when this returns,
 * even if Docker was already removing it: Docker then answers 409 until the removal is finished.
 * @param signal ends the wait.
 */
export async function containerRemove(
  api: DockerApi,
  ref: string,
  signal: AbortSignal,
): Promise<void> {
  const path = `/containers/${ref}`;
  const query = { force: '1', v: '1' };
  for (;;) {
    try {
      await api.call({ method: 'DELETE', path, query, signal });
      return;
    } catch (error) {
      if (isDockerStatus(error, 404)) return;
      if (!isDockerStatus(error, 409, UNDER_WAY)) throw error;
    }
    await delay(POLL_MS, undefined, { signal });
  }
}
