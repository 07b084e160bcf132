import type { LogItem } from './items.ts';
import type { LogListQuery } from './schema.ts';

export type LogFilter = (item: LogItem) => boolean;

/** A time as text that sorts by time: to the nanosecond, in UTC. */
function momentSortable(moment: string): string {
  const fraction = /\.(\d+)/.exec(moment)?.[1] ?? '';
  return `${new Date(moment).toISOString().slice(0, 19)}.${fraction.padEnd(9, '0')}`;
}

/** Which rows a reader wants. A gap is shown to everyone: what was lost may have been wanted. */
export function logFilterCreate({
  since,
  until,
  stream,
  contains,
}: LogListQuery): LogFilter | null {
  if ((since ?? until ?? stream ?? contains) === undefined) return null;
  const from = since === undefined ? null : momentSortable(since);
  const to = until === undefined ? null : momentSortable(until);
  return (item) => {
    if (item.type === 'gap') return true;
    if (stream !== undefined && item.stream !== stream) return false;
    if (contains !== undefined && !item.text.includes(contains)) return false;
    if (from === null && to === null) return true;
    const at = momentSortable(item.at);
    return (from === null || at >= from) && (to === null || at < to);
  };
}
