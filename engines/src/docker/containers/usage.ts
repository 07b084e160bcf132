/** What a container uses, as Docker measures it. */
import type { ContainerUsage, UsageOptions } from '../../contract.ts';
import type { DockerApi } from '../daemon/api.ts';
import { isDockerStatus } from '../daemon/errors.ts';

/** The parts of Docker's reply that are used. All are missing or zero while nothing runs. */
interface DockerStats {
  memory_stats?: {
    usage?: number;
    limit?: number;
    stats?: { inactive_file?: number; total_inactive_file?: number };
  };
  cpu_stats?: { cpu_usage?: { total_usage?: number } };
  networks?: Record<string, { rx_bytes: number; tx_bytes: number }>;
  pids_stats?: { current?: number };
}

const NANOSECONDS = 1e9;

/** @param stats as Docker reports it. @param diskBytes what it wrote outside its volumes; null: unknown. */
function usageOf(stats: DockerStats, diskBytes: number | null): ContainerUsage {
  const { memory_stats: memory, cpu_stats: cpu, networks, pids_stats: pids } = stats;
  const usage = memory?.usage ?? 0;
  const isRunning = usage > 0;
  // The cache of files that the kernel gives back at once. Docker's own command leaves it out, too.
  const cache = memory?.stats?.inactive_file ?? memory?.stats?.total_inactive_file ?? 0;
  const traffic = (key: 'rx_bytes' | 'tx_bytes') =>
    networks === undefined
      ? null
      : Object.values(networks).reduce((sum, network) => sum + network[key], 0);
  const cpuTime = cpu?.cpu_usage?.total_usage;
  return {
    memoryBytes: isRunning ? Math.max(0, usage - cache) : null,
    memoryLimitBytes: isRunning ? (memory?.limit ?? null) : null,
    cpuSeconds: isRunning && cpuTime !== undefined ? cpuTime / NANOSECONDS : null,
    networkReceivedBytes: isRunning ? traffic('rx_bytes') : null,
    networkSentBytes: isRunning ? traffic('tx_bytes') : null,
    processes: isRunning ? (pids?.current ?? null) : null,
    diskBytes,
  };
}

export async function usageRead(
  api: DockerApi,
  ref: string,
  { withDisk = true }: UsageOptions,
  signal: AbortSignal,
): Promise<ContainerUsage> {
  const [stats, diskBytes] = await Promise.all([
    // A single look. Without `one-shot`, Docker looks twice, a second apart.
    api.call<DockerStats>({
      method: 'GET',
      path: `/containers/${ref}/stats`,
      query: { stream: 'false', 'one-shot': 'true' },
      signal,
    }),
    withDisk ? diskRead(api, ref, signal) : null,
  ]);
  return usageOf(stats, diskBytes);
}

/** Bytes that a container wrote outside its volumes; null: unknown. Docker looks at each of its files. */
async function diskRead(api: DockerApi, ref: string, signal: AbortSignal): Promise<number | null> {
  try {
    const sizes = await api.call<{ SizeRw?: number }>({
      method: 'GET',
      path: `/containers/${ref}/json`,
      query: { size: 'true' },
      signal,
    });
    return sizes.SizeRw ?? null;
  } catch (error) {
    if (isDockerStatus(error, 404)) throw error;
    return null;
  }
}
