import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type LogRow, logsFollow, unwrap } from '@dollarbox/client';
import { type EngineScene, engineSceneOpen } from './engine-scene.ts';
import { COUNTER, requireWhole, startsOf } from './numbered-lines.ts';
import { until } from './wait.ts';

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
    await patch({ VERSION: canaryOf('2') });
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
    await patch({ VERSION: canaryOf('3') });
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
