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

interface LogLine {
  /** pino's: 40 warns, 50 is an error. */
  level: number;
  msg: string;
}

function logLines(server: Pick<ServerProcess, 'output'>): LogLine[] {
  const lines = server.output().split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

/**
 * And its log, from now on.
 * @returns how often each message has come since, of those of a level or above.
 */
export function logWatch(
  server: Pick<ServerProcess, 'output'>,
): (minLevel: number) => Record<string, number> {
  const from = logLines(server).length;
  return (minLevel) => {
    const counts: Record<string, number> = {};
    for (const { level, msg } of logLines(server).slice(from)) {
      if (level >= minLevel) counts[msg] = (counts[msg] ?? 0) + 1;
    }
    return counts;
  };
}

/** Its warnings and worse so far, causes and all: what a test that fails on one has to say. */
export function logWarnings(server: Pick<ServerProcess, 'output'>): string {
  const warnings = logLines(server).filter(({ level }) => level >= 40);
  return warnings.map((line) => JSON.stringify(line)).join('\n');
}
