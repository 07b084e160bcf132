import assert from 'node:assert/strict';
import { type DollarboxClient, type LogRow, logsFollow, unwrap } from '@dollarbox/client';
import { until } from './wait.ts';

/**
 * Numbers its lines, with a name of its own for each start. It says when it ends: at the image's stop signal, and after
 * `$LINES` lines if that is set.
 */
const COUNTER = `
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

/** Who follows a container that numbers its lines. */
export interface CounterFollower {
  id: number;
  lines: readonly LogRow[];
  /** Waits until it has been started so many times, and some lines of the last start are there. */
  starts(count: number): Promise<unknown>;
  /** Stops the container. The last line of its last start is there afterwards. */
  stop(): Promise<void>;
  /** Deletes the container, and waits for the end of its log. */
  delete(): Promise<void>;
  /** Stops following, which would otherwise go on after a failed test. */
  close(): void;
}

/** Creates a container that numbers its lines, and follows it from its first line on. */
export async function counterFollow(
  client: DollarboxClient,
  image: string,
): Promise<CounterFollower> {
  const command = ['/bin/sh', '-c', COUNTER];
  const body = { name: 'counter', image, command, stop_grace_seconds: 60 };
  const { id } = await unwrap(client.POST('/containers/', { body }));
  const params = { path: { id } };
  const lines: LogRow[] = [];
  const giveUp = new AbortController();
  const following = (async () => {
    const options = { tail: 1000, signal: giveUp.signal };
    for await (const row of logsFollow(client, id, options)) lines.push(row);
  })();
  following.catch(() => undefined);
  return {
    id,
    lines,
    starts: (count) =>
      until(`${count} starts`, async () => {
        const seen = startsOf(lines);
        return seen.length > count || (seen.length === count && (seen.at(-1)?.length ?? 0) > 5);
      }),
    async stop() {
      await unwrap(client.POST('/containers/{id}/stop/', { params }));
      await until('its end', async () => {
        const { status } = await unwrap(client.GET('/containers/{id}/', { params }));
        return status === 'stopped' && startsOf(lines).at(-1)?.at(-1) === 'end';
      });
    },
    async delete() {
      await unwrap(client.DELETE('/containers/{id}/', { params }));
      await following;
    },
    close: () => giveUp.abort(),
  };
}

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
