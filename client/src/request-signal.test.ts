import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, test } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { type DollarboxClient, dollarboxClientCreate } from './connect.ts';
import { eventsFollow } from './follow.ts';
import { containerWait } from './wait.ts';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Collects what nothing refers to any more, including what is found out in a later turn. */
async function garbageCollect(): Promise<void> {
  for (let round = 0; round < 5; round += 1) {
    collect();
    await delay(10);
  }
}

let heard = Promise.withResolvers<void>();
/** Sends one event and no more; anything else gets no reply at all. */
const server = createServer((request, response) => {
  if (request.url?.startsWith('/api/v1/events/') === true) {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`id: 1\nevent: volume.created\ndata: {"id":"1"}\n\n`);
  }
  heard.resolve();
  heard = Promise.withResolvers();
});
let baseUrl: string;
before(async () => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
after(() => {
  server.closeAllConnections();
  server.close();
});

const clientOf = (options: Partial<Parameters<typeof dollarboxClientCreate>[0]> = {}) =>
  dollarboxClientCreate({ baseUrl, token: 'dbx_test', ...options });

const clients: Record<string, () => DollarboxClient> = {
  'a client': () => clientOf(),
  'a client that repeats nothing': () => clientOf({ retries: 0 }),
};

for (const [name, create] of Object.entries(clients)) {
  test(`${name}: a signal ends a wait whose Request has been collected`, async () => {
    const controller = new AbortController();
    const { promise: asked } = heard;
    const waiting = containerWait(create(), 1, { signal: controller.signal });
    await asked;
    await garbageCollect();
    controller.abort(new Error('enough'));
    await assert.rejects(waiting, /enough/);
  });
}

clients['a client whose `fetch` ignores the signal'] = () =>
  clientOf({ fetch: (request) => fetch(request) });

for (const [name, create] of Object.entries(clients)) {
  test(`${name}: a signal ends a stream whose Request has been collected`, async () => {
    const controller = new AbortController();
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const following = (async () => {
      for await (const _event of eventsFollow(create(), { signal: controller.signal })) open();
    })();
    await opened;
    await garbageCollect();
    controller.abort(new Error('enough'));
    await assert.rejects(following, /enough/);
  });

  test(`${name}: a silent stream whose Request has been collected is given up`, async () => {
    let seen = 0;
    // Long enough that the garbage is collected before the stream counts as silent.
    for await (const _event of eventsFollow(create(), { silenceMs: 1000 })) {
      seen += 1;
      if (seen === 2) break;
      void garbageCollect();
    }
    assert.equal(seen, 2);
  });
}
