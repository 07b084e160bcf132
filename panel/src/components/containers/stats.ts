import type { StatsPair } from '../../api/org-queries.ts';

/**
 * The share of one processor that was used between two measurements, in percent; null if it is not known: there is only
 * one yet, they are the same, or the process was started in between.
 */
export function cpuPercent({ now, before }: StatsPair): number | null {
  if (now.cpu_seconds === null || before === null || before.cpu_seconds === null) return null;
  const seconds = (Date.parse(now.observed_at) - Date.parse(before.observed_at)) / 1000;
  const used = now.cpu_seconds - before.cpu_seconds;
  return seconds <= 0 || used < 0 ? null : (used / seconds) * 100;
}
