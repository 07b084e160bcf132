import { logCursorFormat } from './cursor.ts';
import type { LogItem } from './items.ts';
import type { LogRow } from './schema.ts';

/** A row as the API shows it. */
export function logRowShow(item: LogItem): LogRow {
  if (item.type === 'line') {
    const { at, stream, instance, text, isCut: cut } = item;
    return { type: 'line', cursor: logCursorFormat(item), at, stream, instance, text, cut };
  }
  return {
    type: 'gap',
    cursor: null,
    at: null,
    stream: null,
    instance: item.instance,
    text: null,
    cut: false,
    lost_lines: item.lostLines,
  };
}
