import assert from 'node:assert/strict';
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { after, before, test } from 'node:test';
import {
  DollarboxError,
  type DollarboxClient,
  containerWait,
  dollarboxClientCreate,
  eventsFollow,
  listAll,
  unwrap,
} from '@dollarbox/client';
import { type ServerProcess, serverStart } from './server-process.ts';

let server: ServerProcess;
before(async () => {
  server = await serverStart({ ENGINE: 'fake', LOG_LEVEL: 'warn' });
});
after(() => server?.remove());

interface CuttingProxy {
  url: string;
  cuts(): number;
  close(): Promise<void>;
}

/** Forwards to the server, and cuts each connection when it has passed on a number of bytes, always another. */
async function cuttingProxyOpen(port: number): Promise<CuttingProxy> {
  let cuts = 0;
  const sockets = new Set<Socket>();
  const proxy: Server = createServer((client) => {
    let left = 1500 + ((cuts * 3391) % 9000);
    const upstream = connect(port, 'localhost');
    for (const socket of [client, upstream]) {
      sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        upstream.destroy();
      });
    }
    client.pipe(upstream);
    upstream.on('data', (chunk: Buffer) => {
      client.write(chunk.subarray(0, left));
      left -= chunk.length;
      if (left > 0 || client.destroyed) return;
      cuts += 1;
      client.resetAndDestroy();
    });
  });
  proxy.listen(0, '127.0.0.1');
  await new Promise((resolve) => {
    proxy.once('listening', resolve);
  });
  return {
    url: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`,
    cuts: () => cuts,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

const clientOf = (url: string): DollarboxClient =>
  dollarboxClientCreate({ baseUrl: url, token: server.token });

/** Creates and deletes a volume a number of times, each of which leaves at least two events. */
async function volumesMake(client: DollarboxClient, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    const body = { name: `v${index}`, size_gb: 1 };
    const { id } = await unwrap(client.POST('/volumes/', { body }));
    await unwrap(client.DELETE('/volumes/{id}/', { params: { path: { id } } }));
  }
}

test('a follower sees each event once, through cuts, a stop and a kill of the server', async () => {
  const proxy = await cuttingProxyOpen(Number(new URL(server.url).port));
  try {
    const client = clientOf(server.url);
    const controller = new AbortController();
    const seen: string[] = [];
    const { promise: opened, resolve: open } = Promise.withResolvers<void>();
    const { promise: done, resolve: finish } = Promise.withResolvers<void>();
    const following = (async () => {
      const options = { signal: controller.signal };
      for await (const { id, type, object } of eventsFollow(clientOf(proxy.url), options)) {
        seen.push(id);
        open();
        if (type === 'volume.deleted' && object['name'] === 'last') finish();
      }
    })();
    following.catch(() => undefined);
    // Until the stream is open, an event may be before its beginning.
    const named = async (name: string) => {
      const body = { name, size_gb: 1 };
      const { id } = await unwrap(client.POST('/volumes/', { body }));
      await unwrap(client.DELETE('/volumes/{id}/', { params: { path: { id } } }));
    };
    const opening = setInterval(() => void named(`o${performance.now()}`.replace('.', '-')), 500);
    await opened;
    clearInterval(opening);
    await volumesMake(client, 10);
    await server.stop('SIGTERM');
    await server.restart();
    await volumesMake(client, 10);
    await server.stop('SIGKILL');
    await server.restart();
    await volumesMake(client, 10);
    await named('last');
    await done;
    controller.abort();
    await assert.rejects(following);

    const all = (await Array.fromAsync(listAll(client, '/events/'))).map(({ id }) => id);
    const expected = all.slice(all.indexOf(seen[0] ?? ''));
    assert.deepEqual(seen.slice(0, expected.length), expected.slice(0, seen.length));
    assert.ok(seen.length > 60, `${seen.length}`);
    assert.ok(proxy.cuts() > 3, `${proxy.cuts()}`);
  } finally {
    await proxy.close();
  }
});

test('a write whose reply is lost is done once', async () => {
  const client = clientOf(server.url);
  let eaten = 0;
  const lossy = dollarboxClientCreate({
    ...{ baseUrl: server.url, token: server.token },
    // Each first reply to a write is lost after the server has sent it.
    async fetch(request) {
      const response = await fetch(request);
      const isFirst = request.method !== 'GET' && (eaten += 1) % 2 === 1;
      if (!isFirst) return response;
      await response.arrayBuffer();
      throw new TypeError('terminated');
    },
  });
  const body = { name: 'once', image: 'nginx:1.27' };
  const made = await unwrap(lossy.POST('/containers/', { body }));
  const found = await Array.fromAsync(listAll(client, '/containers/', { name: 'once' }));
  assert.deepEqual(
    found.map(({ id }) => id),
    [made.id],
  );
  const params = { path: { id: made.id } };
  const changed = await unwrap(lossy.PATCH('/containers/{id}/', { params, body: { init: true } }));
  assert.equal(changed.generation, 2);
  await unwrap(lossy.DELETE('/containers/{id}/', { params }));
  await assert.rejects(unwrap(client.GET('/containers/{id}/', { params })), DollarboxError);
  assert.equal(eaten, 6);
});

test('waiting ends when the object has settled, also while the server restarts', async () => {
  const client = clientOf(server.url);
  const body = { name: 'waited', image: 'nginx:1.27' };
  const { id } = await unwrap(client.POST('/containers/', { body }));
  const waiting = containerWait(client, id);
  await server.stop('SIGTERM');
  await server.restart();
  assert.equal((await waiting).status, 'running');
  await unwrap(client.POST('/containers/{id}/stop/', { params: { path: { id } } }));
  assert.equal((await containerWait(client, id, { until: 'stopped' })).status, 'stopped');
  await unwrap(client.POST('/containers/{id}/start/', { params: { path: { id } } }));
  assert.equal((await containerWait(client, id)).status, 'running');
});
