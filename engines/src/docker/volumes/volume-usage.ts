/** How much data is in volumes. */
import { statfs } from 'node:fs/promises';
import type { DockerApi } from '../daemon/api.ts';
import type { VolumeStore } from './volume-store.ts';

/**
 * Docker always measures everything that it has, whatever the request asks for, so a result is reused for this long.
 */
const MEASURE_EVERY_MS = 60_000;

interface DockerUsage {
  Volumes: { Name: string; UsageData?: { Size: number } | null }[] | null;
}

/** @returns a function that returns a volume's bytes, or null if they are unknown. */
export function volumeUsageCreate(
  api: DockerApi,
  store: VolumeStore,
  now: () => Date,
): (ref: string, signal: AbortSignal) => Promise<number | null> {
  let measured = new Map<string, number>();
  let measuredAtMs = Number.NEGATIVE_INFINITY;

  async function measureAll(signal: AbortSignal): Promise<Map<string, number>> {
    if (now().getTime() - measuredAtMs < MEASURE_EVERY_MS) return measured;
    const path = '/system/df';
    const query = { type: 'volume' };
    const { Volumes } = await api.call<DockerUsage>({ method: 'GET', path, query, signal });
    measured = new Map((Volumes ?? []).map(({ Name, UsageData }) => [Name, UsageData?.Size ?? -1]));
    measuredAtMs = now().getTime();
    return measured;
  }

  return async (ref, signal) => {
    const volume = await store.open(ref, signal);
    if (volume === null) return null;
    if (volume.isLoop) {
      const { blocks, bfree, bsize } = await statfs(volume.dataFolder);
      return (blocks - bfree) * bsize;
    }
    const bytes = (await measureAll(signal)).get(ref) ?? -1;
    return bytes < 0 ? null : bytes;
  };
}
