import type { LinePlace, LogCursor } from './cursor.ts';
import type { LogFilter } from './filter.ts';
import type { LogItem, LogSource } from './items.ts';
import { GAP, type LogReadDeps, gapsMerge, gapsMergeAll, sourceLines } from './lines.ts';

/** One page of a log, oldest first. */
export interface LogPage {
  items: LogItem[];
  hasOlder: boolean;
  hasNewer: boolean;
}

/** Everything behind a place, oldest first; from the beginning if it is null. */
export function linesAfter(
  deps: LogReadDeps,
  sources: readonly LogSource[],
  place: LinePlace | null,
): AsyncGenerator<LogItem[]> {
  return gapsMergeAll(partsAfter(deps, sources, place));
}

async function* partsAfter(
  deps: LogReadDeps,
  sources: readonly LogSource[],
  place: LinePlace | null,
): AsyncGenerator<LogItem[]> {
  const left = sources.filter(({ object }) => place === null || object >= place.object);
  if (place !== null && left[0]?.object !== place.object) yield [GAP];
  for (const source of left) {
    const isPlace = place !== null && source.object === place.object;
    yield* sourceLines(deps, source, isPlace ? { after: place } : {});
  }
}

async function forwardRead(
  deps: LogReadDeps,
  sources: readonly LogSource[],
  { cursor, limit, filter }: PageRange,
): Promise<LogPage> {
  const items: LogItem[] = [];
  for await (const some of linesAfter(deps, sources, cursor)) {
    items.push(...(filter === null ? some : some.filter(filter)));
    if (items.length > limit) break;
  }
  return {
    items: items.slice(0, limit),
    hasOlder: cursor !== null,
    hasNewer: items.length > limit,
  };
}

interface PageRange {
  /** null: the end, backwards. */
  cursor: LogCursor | null;
  limit: number;
  /** null: all. */
  filter: LogFilter | null;
}

/** The last rows of a source before a position. */
async function lastBefore(
  deps: LogReadDeps,
  source: LogSource,
  position: string | null,
  { filter, limit }: PageRange,
): Promise<LogItem[]> {
  // Only the last lines of the whole can be asked for as such.
  const range = position === null && filter === null ? { tail: limit } : {};
  let items: LogItem[] = [];
  for await (const some of sourceLines(deps, source, range)) {
    const end =
      position === null
        ? -1
        : some.findIndex((item) => item.type === 'line' && item.position === position);
    const before = end === -1 ? some : some.slice(0, end);
    items.push(...(filter === null ? before : before.filter(filter)));
    if (items.length > 2 * limit) items = items.slice(-limit);
    if (end !== -1) break;
  }
  return items.slice(-limit);
}

async function backwardRead(
  deps: LogReadDeps,
  sources: readonly LogSource[],
  range: PageRange,
): Promise<LogPage> {
  const { cursor, limit } = range;
  // One more than is shown, to know whether there is more.
  let missing = limit + 1;
  const parts: LogItem[][] = [];
  for (const source of sources.toReversed()) {
    if (missing === 0) break;
    if (cursor !== null && source.object > cursor.object) continue;
    const position = cursor?.object === source.object ? cursor.position : null;
    const items = await lastBefore(deps, source, position, { ...range, limit: missing });
    parts.push(items);
    missing -= items.length;
  }
  const items = gapsMerge(parts.toReversed().flat());
  return {
    items: items.slice(-limit),
    hasOlder: missing === 0,
    hasNewer: cursor !== null,
  };
}

/** A page of a container's log: the last lines, or those behind or before a cursor. */
export async function logPageRead(
  deps: LogReadDeps,
  sources: readonly LogSource[],
  range: PageRange,
): Promise<LogPage> {
  if (range.limit === 0) return { items: [], hasOlder: true, hasNewer: false };
  const isForward = range.cursor !== null && !range.cursor.backwards;
  return isForward ? forwardRead(deps, sources, range) : backwardRead(deps, sources, range);
}
