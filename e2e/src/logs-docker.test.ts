import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { type LogRow, logsFollow, unwrap } from '@dollarbox/client';
import { type EngineScene, engineSceneOpen } from './engine-scene.ts';
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

/** The lines of each start, in the order of their first lines. */
function startsOf(rows: readonly LogRow[]): string[][] {
  const starts = new Map<string, string[]>();
  for (const { text } of rows) {
    const [boot = '', what = ''] = text?.split(' ') ?? [];
    starts.set(boot, [...(starts.get(boot) ?? []), what]);
  }
  return [...starts.values()];
}

/** Every start wrote its lines in order, each once, and the last one of all but the newest start is its end. */
function requireWhole(rows: readonly LogRow[]): void {
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

describe('the log of a container, with Docker', { skip: await dockerSkip() }, () => {
  let scene: EngineScene;
  before(async () => {
    scene = await engineSceneOpen();
  });
  after(() => scene?.close());

  it('has every line once, through updates, a crash loop, restarts, and a stop and a kill of the server', async () => {
    const { client, images, server } = scene;
    const body = {
      ...{ name: 'counter', image: images.shell, command: ['/bin/sh', '-c', COUNTER] },
      stop_grace_seconds: 60,
    };
    const { id } = await unwrap(client.POST('/containers/', { body }));
    const path = { path: { id } };
    const followed: LogRow[] = [];
    const following = (async () => {
      for await (const row of logsFollow(client, id, { tail: 1000 })) followed.push(row);
    })();
    following.catch(() => undefined);
    const starts = (count: number) =>
      until(`${count} starts`, async () => {
        const seen = startsOf(followed);
        return seen.length > count || (seen.length === count && (seen.at(-1)?.length ?? 0) > 5);
      });
    const patch = (env: Record<string, string>) =>
      unwrap(client.PATCH('/containers/{id}/', { params: path, body: { env } }));
    await starts(1);
    await patch({ VERSION: '2' });
    await starts(2);
    await unwrap(client.POST('/containers/{id}/restart/', { params: path }));
    await starts(3);
    await server.stop('SIGTERM');
    await server.restart();
    await patch({ LINES: '300' });
    // Each writes 300 lines and ends.
    await starts(6);
    await server.stop('SIGKILL');
    await server.restart();
    await patch({ VERSION: '3' });
    await starts(startsOf(followed).length + 1);
    await unwrap(client.POST('/containers/{id}/stop/', { params: path }));
    await until('its end', async () => {
      const { status } = await unwrap(client.GET('/containers/{id}/', { params: path }));
      return status === 'stopped' && startsOf(followed).at(-1)?.at(-1) === 'end';
    });
    requireWhole(followed);

    const listed: LogRow[] = [];
    let cursor = followed[0]?.cursor ?? assert.fail('no cursor');
    for (;;) {
      const query = { cursor, limit: 97 };
      const params = { ...path, query };
      const reply = await unwrap(client.GET('/containers/{id}/logs/', { params }));
      assert.ok(typeof reply === 'object');
      const page = reply as { results: LogRow[]; next: string | null };
      listed.push(...page.results);
      if (page.next === null) break;
      cursor = page.results.at(-1)?.cursor ?? assert.fail('no cursor');
    }
    const textsOf = (rows: readonly LogRow[]) => rows.map(({ text }) => text);
    assert.deepEqual(textsOf(listed), textsOf(followed.slice(1)));
    await unwrap(client.DELETE('/containers/{id}/', { params: path }));
    await following;
  });
});
