import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type LogRow, unwrap } from '@dollarbox/client';
import { type EngineScene, engineSceneOpen } from './engine-scene.ts';
import { counterFollow, requireWhole, startsOf } from './numbered-lines.ts';

describe('the log of a container, with Docker', { skip: await dockerSkip() }, () => {
  let scene: EngineScene;
  before(async () => {
    scene = await engineSceneOpen();
  });
  after(() => scene?.close());

  it('has every line once, through updates, a crash loop, restarts, and a stop and a kill of the server', async (t) => {
    const { client, images, server } = scene;
    const counter = await counterFollow(client, images.shell);
    t.after(counter.close);
    const { starts, lines: followed } = counter;
    const path = { path: { id: counter.id } };
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
    await counter.stop();
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
    await counter.delete();
  });
});
