import assert from 'node:assert/strict';
import type { LogRow } from '@dollarbox/client';

/**
 * Numbers its lines, with a name of its own for each start. It says when it ends: at the image's stop signal, and after
 * `$LINES` lines if that is set.
 */
export const COUNTER = `
  read -r boot < /proc/sys/kernel/random/uuid
  finish() { echo "$boot end"; exit 1; }
  trap finish USR1
  count=0
  while [ "$count" != "$LINES" ]; do
    count=$((count + 1))
    echo "$boot $count"
    [ -n "$LINES" ] || sleep 0.05
  done
  finish`;

/** The lines of each start, in the order of their first lines. */
export function startsOf(rows: readonly LogRow[]): string[][] {
  const starts = new Map<string, string[]>();
  for (const { text } of rows) {
    const [boot = '', what = ''] = text?.split(' ') ?? [];
    starts.set(boot, [...(starts.get(boot) ?? []), what]);
  }
  return [...starts.values()];
}

/** Every start wrote its lines in order, each once, and the last one of all but the newest start is its end. */
export function requireWhole(rows: readonly LogRow[]): void {
  assert.deepEqual(
    rows.filter(({ type }) => type !== 'line'),
    [],
  );
  const starts = startsOf(rows);
  for (const [index, lines] of starts.entries()) {
    const isEnded = lines.at(-1) === 'end';
    assert.ok(isEnded || index === starts.length - 1, `start ${index} of ${starts.length} ends`);
    const counts = isEnded ? lines.slice(0, -1) : lines;
    assert.deepEqual(
      counts,
      Array.from(counts, (_, at) => String(at + 1)),
    );
  }
}
