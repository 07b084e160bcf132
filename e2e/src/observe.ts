import type { ServerProcess } from './server-process.ts';

/** What an operator sees of a server: its metrics. @returns the sum over the labels that are not named. */
export async function metricRead(
  server: Pick<ServerProcess, 'metricsUrl'>,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): Promise<number> {
  const text = await (await fetch(server.metricsUrl)).text();
  let sum = 0;
  for (const line of text.split('\n')) {
    const [, found, inside = '', value] = /^(\w+)(?:\{(.*)\})? (\S+)$/.exec(line) ?? [];
    if (found !== name) continue;
    const isMeant = Object.entries(labels).every(([key, want]) =>
      inside.includes(`${key}="${want}"`),
    );
    if (isMeant) sum += Number(value);
  }
  return sum;
}

export interface LogLine {
  /** pino's: 40 warns, 50 is an error. */
  level: number;
  msg: string;
  [field: string]: unknown;
}

/** And its log: the lines of a level or above, from a place in its output on. */
export function logLines(output: string, minLevel: number): LogLine[] {
  return output.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return [];
    const parsed = JSON.parse(line) as LogLine;
    return parsed.level >= minLevel ? [parsed] : [];
  });
}

/** How often each message came. */
export function logCounts(lines: readonly LogLine[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { msg } of lines) counts[msg] = (counts[msg] ?? 0) + 1;
  return counts;
}
