import assert from 'node:assert/strict';
import type { ServerProcess } from './server-process.ts';

/** The level of a warning in pino. */
const WARN = 40;
/** How often one warning may occur in a burst, and then once more per so many seconds. */
const WARNINGS_AT_ONCE = 10;
const SECONDS_PER_WARNING = 4;

/** Reads a server's metrics as an operator does. @returns the sum over the labels that are not named. */
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
  level: number;
  msg: string;
  err?: { reason?: string };
}

/** Watches a server's log from now on. */
export interface LogWatch {
  /** How often each warning or error has occurred. */
  warnings(): Record<string, number>;
  /** Warnings and errors, as lines of JSON, except those that a slow engine causes. */
  faults(): string[];
  /** Fails if a warning occurred so often that it would fill a disk within an hour. */
  assertQuiet(): void;
}

function logLines(server: Pick<ServerProcess, 'output'>): LogLine[] {
  const lines = server.output().split('\n');
  return lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
}

export function logWatch(server: Pick<ServerProcess, 'output'>): LogWatch {
  const from = logLines(server).length;
  const startedAt = performance.now();
  const lines = (): LogLine[] =>
    logLines(server)
      .slice(from)
      .filter(({ level }) => level >= WARN);
  function warnings(): Record<string, number> {
    const counts: Record<string, number> = {};
    for (const { msg } of lines()) counts[msg] = (counts[msg] ?? 0) + 1;
    return counts;
  }
  return {
    warnings,
    faults: () =>
      lines()
        .filter((line) => !isOfSlowEngine(line))
        .map((line) => JSON.stringify(line)),
    assertQuiet() {
      const seconds = (performance.now() - startedAt) / 1000;
      const most = WARNINGS_AT_ONCE + seconds / SECONDS_PER_WARNING;
      for (const [message, count] of Object.entries(warnings())) {
        assert.ok(count <= most, `${count} times in ${seconds} s: ${message}`);
      }
    },
  };
}

/** A call that exceeded a verb's deadline, and what a sweep found before the engine's own event arrived. */
function isOfSlowEngine({ msg, err }: LogLine): boolean {
  return (
    err?.reason === 'engine_timeout' ||
    err?.reason === 'engine_unreachable' ||
    msg === 'the engine does not answer' ||
    msg === 'the container engine did not answer a call in time' ||
    msg.startsWith('the sweep found ')
  );
}
