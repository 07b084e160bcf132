import { type EngineAccess, EngineError, type LogLine } from '@dollarbox/engines/contract';
import type { InstanceRow } from '../containers/instances.ts';
import { later } from '../base/moments.ts';
import type { LinePlace } from './cursor.ts';

/** A line of a container, or a place where lines were lost. */
export type LogItem =
  | (LogLine & LinePlace & { type: 'line'; instance: number | null })
  | { type: 'gap'; instance: number | null; lostLines: number | null };

/** The log of one object. */
export interface LogSource {
  object: number;
  /** The recorded starts of its process, oldest first. */
  instances: readonly InstanceRow[];
  /** `lost`: another object has followed, and its lines were not kept. */
  kind: 'kept' | 'engine' | 'lost';
}

/** Engines record a start a moment after the process may have written its first lines. */
const START_NOTED_MS = 900;

/** The objects of a container whose lines are wanted, oldest first. */
export function logSources(instances: readonly InstanceRow[]): LogSource[] {
  const byObject = [...Map.groupBy(instances, ({ object }) => object)];
  return byObject.map(([object, own], index) => {
    const isKept = own.some((instance) => instance.isKept);
    const isLast = index === byObject.length - 1;
    return { object, instances: own, kind: isKept ? 'kept' : isLast ? 'engine' : 'lost' };
  });
}

/**
 * Says which instance of an object wrote a line, for one line after the other: a start ends what came before it, also
 * when the clock was set back.
 */
export function instanceFinder({ object, instances }: LogSource): (at: string) => number | null {
  const starts = instances.map(({ number, startedAt }) => ({
    number,
    fromMs: later(startedAt, -START_NOTED_MS).getTime(),
  }));
  let index = 0;
  return (at) => {
    const atMs = Date.parse(at);
    for (let next = starts[index + 1]; next !== undefined && atMs >= next.fromMs;) {
      index += 1;
      next = starts[index + 1];
    }
    const found = starts[index];
    if (found === undefined) return null;
    // Of an object that was restarted very often, only the last starts are recorded.
    const isEarlier = index === 0 && found.number > object && atMs < found.fromMs;
    return isEarlier ? found.number - 1 : found.number;
  };
}

/** Which lines of an object are wanted; all if neither is given. */
export interface SourceRange {
  /** Those behind this position. */
  after?: string;
  /** At most so many, the last ones. */
  tail?: number;
}

/** Reads the lines of an object that should be on the engine. If it is not, they are lost. */
export async function* engineLines(
  access: EngineAccess | null,
  source: LogSource,
  range: SourceRange,
  signal: AbortSignal,
): AsyncGenerator<LogItem[]> {
  if (access === null) {
    const message = "This server process can't reach the container engine.";
    throw new EngineError('retryable', 'engine_unreachable', message);
  }
  const last = source.instances.at(-1);
  const instanceOf = instanceFinder(source);
  const { object } = source;
  try {
    for await (const part of access.lines(last?.ref ?? '', range, signal)) {
      const lines: LogItem[] = part.lines.map((line) => ({
        ...line,
        type: 'line',
        object,
        instance: instanceOf(line.at),
      }));
      if (part.hasGap === true) yield [{ type: 'gap', instance: null, lostLines: null }, ...lines];
      else if (lines.length > 0) yield lines;
    }
  } catch (error) {
    if (!(error instanceof EngineError && error.reason === 'container_missing')) throw error;
    yield [{ type: 'gap', instance: last?.number ?? null, lostLines: null }];
  }
}
