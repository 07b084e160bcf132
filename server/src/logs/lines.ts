import { type EngineAccess, EngineError } from '@dollarbox/engines/contract';
import { instanceFinder } from '../containers/instance-finder.ts';
import type { LinePlace } from './cursor.ts';
import type { LogGap, LogItem, LogSource } from './items.ts';
import { type KeptLines, keptLines } from './kept.ts';
import type { InstanceRow } from './store.ts';

/** Where lines are read from. */
export interface LogReadDeps {
  /** null: this process can't reach the engine. */
  access: EngineAccess | null;
  kept: KeptLines;
  signal: AbortSignal;
}

/** Which lines of an object are wanted; all if neither is given. */
export interface SourceRange {
  /** Those behind this place. */
  after?: LinePlace;
  /** At most so many, the last ones. More may be returned. */
  tail?: number;
}

export const GAP: LogGap = { type: 'gap', instance: null, lostLines: null };

/** The objects of a container whose lines are wanted, oldest first. */
export function logSources(instances: readonly InstanceRow[]): LogSource[] {
  const byObject = [...Map.groupBy(instances, ({ object }) => object)];
  let lastNumber = 0;
  return byObject.map(([object, own], index) => {
    const isAfterGap = object > lastNumber + 1;
    const last = own.at(-1);
    lastNumber = last?.number ?? lastNumber;
    const isOnEngine = index === byObject.length - 1 && last?.isKept === false;
    return { object, instances: own, kind: isOnEngine ? 'engine' : 'kept', isAfterGap };
  });
}

/** Reads the lines of one object, from where they are. */
export async function* sourceLines(
  deps: LogReadDeps,
  source: LogSource,
  range: SourceRange,
): AsyncGenerator<LogItem[]> {
  if (source.isAfterGap && range.after === undefined) yield [GAP];
  if (source.kind === 'engine') yield* engineLines(deps, source, range);
  else yield* keptLines(deps.kept, source, range.after ?? null);
}

/** Reads lines that should be on the engine. If it has removed them meanwhile, it goes on with what is kept. */
async function* engineLines(
  { access, kept, signal }: LogReadDeps,
  source: LogSource,
  { after, tail }: SourceRange,
): AsyncGenerator<LogItem[]> {
  if (access === null) {
    const message = "This server process can't reach the container engine.";
    throw new EngineError('retryable', 'engine_unreachable', message);
  }
  const newest = source.instances.at(-1);
  const instanceOf = instanceFinder(source);
  const { object } = source;
  let place = after ?? null;
  const range = {
    ...(after === undefined ? tail !== undefined && { tail } : { after: after.position }),
    ...(newest && { run: newest.startedAt }),
  };
  try {
    for await (const part of access.lines(newest?.ref ?? '', range, signal)) {
      const lines = part.lines.map((line) => ({
        ...line,
        type: 'line' as const,
        object,
        instance: instanceOf(line.at),
      }));
      place = lines.at(-1) ?? place;
      if (part.hasGap === true) yield [GAP, ...lines];
      else if (lines.length > 0) yield lines;
    }
  } catch (error) {
    if (!(error instanceof EngineError && error.kind === 'not_found')) throw error;
    const sources = logSources(await kept.instances());
    const now = sources.find((each) => each.object === object);
    if (now?.kind === 'kept') yield* keptLines(kept, now, place);
    else yield [{ ...GAP, instance: newest?.number ?? null }];
  }
}

/** One gap for those that follow each other. */
export function gapsMerge(items: readonly LogItem[]): LogItem[] {
  const merged: LogItem[] = [];
  for (const item of items) {
    const last = merged.at(-1);
    if (item.type === 'gap' && last?.type === 'gap') merged[merged.length - 1] = gapAdd(last, item);
    else merged.push(item);
  }
  return merged;
}

function gapAdd(a: LogGap, b: LogGap): LogGap {
  const isKnown = a.lostLines !== null && b.lostLines !== null;
  return {
    type: 'gap',
    instance: a.instance === b.instance ? a.instance : null,
    lostLines: isKnown ? (a.lostLines ?? 0) + (b.lostLines ?? 0) : null,
  };
}

/** The same as `gapsMerge`, for items that come in parts. */
export async function* gapsMergeAll(parts: AsyncIterable<LogItem[]>): AsyncGenerator<LogItem[]> {
  let pending: LogGap | null = null;
  for await (const part of parts) {
    const items = gapsMerge(pending === null ? part : [pending, ...part]);
    const last = items.at(-1);
    pending = last?.type === 'gap' ? last : null;
    const ready = pending === null ? items : items.slice(0, -1);
    if (ready.length > 0) yield ready;
  }
  if (pending !== null) yield [pending];
}
