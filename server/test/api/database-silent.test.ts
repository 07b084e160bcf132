import assert from 'node:assert/strict';
import { type AddressInfo, type Server, type Socket, connect, createServer } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { REQUEST_PATIENCE_MS } from '../../src/db/database.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertError } from '../support/http-client.ts';
import { rawRequest, rawSend } from '../support/raw-http.ts';

let harness: Harness;
let caller: TestCaller;
/** An app that reaches its database through `gate`. */
let app: TestApp;
let gate: Gate;
before(async () => {
  harness = await harnessOpen({}, { patienceMs: REQUEST_PATIENCE_MS });
  caller = await harness.callerAdd();
  gate = await gateOpen(harness.databaseUrl);
  app = await harness.appOn(gate.url);
});
after(async () => {
  gate.resume();
  await harness.close();
  gate.close();
});

/** A connection to the database that can be blocked: it then still accepts connections but answers nothing. */
interface Gate {
  url: string;
  pause(): void;
  resume(): void;
  close(): void;
}

async function gateOpen(databaseUrl: string): Promise<Gate> {
  const target = new URL(databaseUrl);
  const folder = target.searchParams.get('host');
  const port = Number(target.port || target.searchParams.get('port') || 5432);
  const sockets = new Set<Socket>();
  let isPaused = false;
  const server: Server = createServer((near) => {
    const far =
      folder === null ? connect(port, target.hostname) : connect(`${folder}/.s.PGSQL.${port}`);
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from);
      if (isPaused) from.pause();
      from.on('data', (bytes) => to.write(bytes));
      from.on('error', () => undefined);
      from.on('close', () => {
        sockets.delete(from);
        to.destroy();
      });
      if (isPaused) from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = new URL(databaseUrl);
  url.searchParams.delete('host');
  url.searchParams.delete('port');
  url.hostname = '127.0.0.1';
  url.port = String((server.address() as AddressInfo).port);
  return {
    url: url.href,
    pause() {
      isPaused = true;
      for (const socket of sockets) socket.pause();
    },
    resume() {
      isPaused = false;
      for (const socket of sockets) socket.resume();
    },
    close() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe('a database that stops answering without closing connections', () => {
  it('is 503 on open connections, on new ones, and if all are in use', async () => {
    const api = app.client(caller.token);
    const many = 60;
    assert.equal((await api.get('/containers/')).status, 200);
    gate.pause();
    const replies = await Promise.all([
      ...Array.from({ length: many }, (_, n) => api.get(`/containers/${n + 1}/`)),
      api.post('/containers/', { name: 'web', image: 'x' }),
      api.get('/orgs/'),
    ]);
    for (const reply of replies) assertError(reply, 503, 'service_unavailable');
    harness.clock.advance(1000);
    const ready = await rawSend(app.origin, rawRequest('GET /readyz HTTP/1.1'));
    assert.equal(ready.status, 503);
    gate.resume();

    // The connections that received no answer are not used again.
    for (;;) {
      const reply = await api.get('/containers/');
      if (reply.status === 200) break;
      assertError(reply, 503, 'service_unavailable');
    }
    assert.equal((await api.post('/containers/', { name: 'web', image: 'x' })).status, 201);
  });
});
