/** Starts and restarts the processes of a fake world as a kubelet does, in a world whose engine does that. */
import { EngineError } from '../contract.ts';
import type { FakeContainer, Processes } from './containers.ts';
import { volumesAreThere, volumesConsume } from './volumes.ts';
import type { VolumesWorld } from './volumes.ts';

interface RestartingWorld extends VolumesWorld {
  containers: Map<string, FakeContainer>;
  processes: Processes;
  up: boolean;
}

/** How long the engine needs to start what was created. */
const START_MS = 50;
const FIRST_DELAY_MS = 1000;
const MOUNT_RETRY_MS = 10_000;
const MAX_DELAY_MS = 300_000;
/** After a run of this length, the delays begin again with the first. */
const STABLE_MS = 600_000;

/** Schedules the first start of a container that was created. Does nothing if it is scheduled already. */
export function startSchedule(
  world: RestartingWorld,
  container: FakeContainer,
  delayMs = START_MS,
): void {
  container.cancelStart ??= world.clock.schedule(delayMs, () => {
    container.cancelStart = null;
    start(world, container);
  });
}

/** Schedules the restart of a container that has exited, after a delay that doubles with each exit. */
export function restartSchedule(world: RestartingWorld, container: FakeContainer): void {
  const { startedAtMs = null, finishedAtMs = 0 } = container.lastExit ?? {};
  const ranMs = startedAtMs === null ? 0 : finishedAtMs - startedAtMs;
  container.failures = ranMs >= STABLE_MS ? 1 : container.failures + 1;
  const delayMs = Math.min(FIRST_DELAY_MS * 2 ** (container.failures - 1), MAX_DELAY_MS);
  startSchedule(world, container, delayMs);
}

/** Restarts everything that does not run, as an engine does that is back. */
export function restartAll(world: RestartingWorld): void {
  for (const container of world.containers.values()) startSchedule(world, container);
}

function start(world: RestartingWorld, container: FakeContainer): void {
  const { ref, state, isEnding, installationId, spec } = container;
  if (!world.up || isEnding || !world.containers.has(ref)) return;
  if (state !== 'created' && state !== 'exited') return;
  if (container.obstacle !== null) return;
  // As when a mount fails: the engine tries again.
  if (!volumesAreThere(world, installationId, spec)) {
    startSchedule(world, container, MOUNT_RETRY_MS);
    return;
  }
  volumesConsume(world, installationId, spec);
  try {
    world.processes.start(container);
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    world.processes.failStart(container);
  }
}
