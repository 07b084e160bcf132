import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import http, { type ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { type DockerApi, DockerCallError, dockerApiCreate } from './api.ts';

describe('a reply of Docker', () => {
  let folder = '';
  let server: http.Server;
  let api: DockerApi;
  let answer: (reply: ServerResponse) => void;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'docker-api-'));
    const socketPath = join(folder, 'socket');
    server = http.createServer((_request, reply) => answer(reply));
    await new Promise<void>((resolve) => server.listen(socketPath, resolve));
    api = dockerApiCreate({ socketPath });
  });
  after(async () => {
    api.close();
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });

  const call = (signal = new AbortController().signal) =>
    api.call({ method: 'GET', path: '/networks', signal });
  const isUnanswered = (error: unknown): boolean =>
    error instanceof DockerCallError && error.status === null;

  for (const status of [200, 500]) {
    for (const head of [{ 'content-length': '100' }, { 'transfer-encoding': 'chunked' }]) {
      test(`of status ${status} that is cut, ${Object.keys(head).join()}, is a failure of the connection`, async () => {
        answer = (reply) => {
          reply.writeHead(status, head);
          reply.write('[{"Id":', () => reply.destroy());
        };
        await assert.rejects(call(), isUnanswered);
      });
    }
  }

  test('that stops in the middle is awaited only until its deadline', async () => {
    const abort = new AbortController();
    answer = (reply) => {
      reply.writeHead(200, { 'content-length': '100' });
      reply.write('[{"Id":', () => abort.abort());
    };
    await assert.rejects(call(abort.signal), isUnanswered);
  });

  test('is JSON, a word, or nothing', async () => {
    for (const [body, read] of [
      ['[{"Id":"ü"}]', [{ Id: 'ü' }]],
      ['OK', 'OK'],
      ['', ''],
    ] as const) {
      answer = (reply) => reply.end(body);
      assert.deepEqual(await call(), read);
    }
  });

  test('comes on an open connection while the daemon refuses new ones, unless it has to be on a new one', async () => {
    const socketPath = join(folder, 'stopping');
    const stopping = http.createServer((_request, reply) => reply.end('OK'));
    await new Promise<void>((resolve) => stopping.listen(socketPath, resolve));
    const own = dockerApiCreate({ socketPath });
    const { signal } = new AbortController();
    const ping = { method: 'GET', path: '/_ping', signal } as const;
    try {
      assert.equal(await own.call({ ...ping, opensConnection: true }), 'OK');
      assert.equal(await own.call(ping), 'OK');
      // Like Docker's: only the socket is closed. Node's own `close` would end idle connections, too.
      rmSync(socketPath);
      assert.equal(await own.call(ping), 'OK');
      await assert.rejects(own.call({ ...ping, opensConnection: true }), isUnanswered);
    } finally {
      own.close();
      stopping.closeAllConnections();
      stopping.close();
    }
  });

  test('that refuses contains the reason', async () => {
    answer = (reply) => reply.writeHead(409).end('{"message":"It is in use."}');
    await assert.rejects(call(), (error: unknown) => {
      assert.ok(error instanceof DockerCallError);
      assert.deepEqual([error.status, error.message], [409, 'It is in use.']);
      return true;
    });
  });
});
