import { type ContainerUsage, EngineError } from '@dollarbox/engines/contract';
import type { ApiDeps } from '../http/deps.ts';
import type { ContainerStats } from './schema.ts';
import type { ContainerObject } from './store.ts';

/** How long a look at the engine serves everyone who asks, in milliseconds. */
const KEPT_MS = 2000;
const KEPT_MAX = 10_000;

interface Look {
  atMs: number;
  observedAt: Date;
  usage: Promise<ContainerUsage>;
}

/** The last looks, by the engine's identity of the object, oldest first. */
const looks = new Map<string, Look>();

const NOTHING: ContainerUsage = {
  memoryBytes: null,
  memoryLimitBytes: null,
  cpuSeconds: null,
  networkReceivedBytes: null,
  networkSentBytes: null,
  processes: null,
  diskBytes: null,
};

function lookNew(deps: Pick<ApiDeps, 'access' | 'clock'>, ref: string | null): Look {
  const { access, clock } = deps;
  const usage = access === null || ref === null ? Promise.resolve(NOTHING) : access.usage(ref);
  return {
    atMs: performance.now(),
    observedAt: clock.now(),
    // What the engine does not answer is not known.
    usage: usage.catch((error: unknown) => {
      if (error instanceof EngineError) return NOTHING;
      throw error;
    }),
  };
}

function look(deps: Pick<ApiDeps, 'access' | 'clock'>, ref: string | null): Look {
  if (ref === null) return lookNew(deps, ref);
  const nowMs = performance.now();
  const known = looks.get(ref);
  if (known !== undefined && nowMs - known.atMs < KEPT_MS) return known;
  const fresh = lookNew(deps, ref);
  looks.delete(ref);
  looks.set(ref, fresh);
  for (const [oldest, { atMs }] of looks) {
    if (looks.size <= KEPT_MAX && nowMs - atMs < KEPT_MS) break;
    looks.delete(oldest);
  }
  return fresh;
}

/** What a container uses now, as the API shows it. */
export async function statsRead(
  deps: Pick<ApiDeps, 'access' | 'clock'>,
  { ref, volumeBytes }: ContainerObject,
): Promise<ContainerStats> {
  const { observedAt, usage } = look(deps, ref);
  const found = await usage;
  return {
    observed_at: observedAt.toISOString(),
    memory_bytes: found.memoryBytes,
    memory_limit_bytes: found.memoryLimitBytes,
    cpu_seconds: found.cpuSeconds,
    network_received_bytes: found.networkReceivedBytes,
    network_sent_bytes: found.networkSentBytes,
    processes: found.processes,
    disk_bytes: found.diskBytes,
    volume_bytes: volumeBytes,
  };
}
