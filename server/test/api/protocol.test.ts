import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { type Socket, connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { setImmediate } from 'node:timers/promises';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Client, assertContainer, assertError } from '../support/http-client.ts';
import { type RawReply, rawRequest, rawSend } from '../support/raw-http.ts';

let harness: Harness;
let caller: TestCaller;
let api: Client;
let id: number;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  api = caller.api;
  id = assertContainer(await api.post('/containers/', { name: 'web', image: 'x' }), 201).id;
});
after(() => harness.close());

function raw(line: string, headers: readonly string[] = [], body = ''): Promise<RawReply> {
  const authorization = `Authorization: Bearer ${caller.token}`;
  return rawSend(harness.origin, rawRequest(line, [authorization, ...headers], body));
}

describe('the trailing slash', () => {
  it('makes no difference, and is never asked for by a redirect', async () => {
    const pairs = [
      '/containers/',
      `/containers/${id}/`,
      '/orgs/',
      `/orgs/${caller.org.slug}/`,
      `/orgs/${caller.org.slug}/usage/`,
    ];
    for (const path of pairs) {
      const [withSlash, without] = [await api.get(path), await api.get(path.slice(0, -1))];
      assert.deepEqual([without.status, without.text], [200, withSlash.text], path);
      assert.equal((await api.get(`${path.slice(0, -1)}?limit=x`)).status, 400);
    }
  });

  it('makes no difference to writes', async () => {
    const made = await api.post('/containers', { name: 'slash', image: 'x' });
    const path = `/containers/${assertContainer(made, 201).id}`;
    assert.equal(assertContainer(await api.patch(path, { image: 'y' }), 200).image, 'y');
    assert.equal((await api.delete(path)).status, 204);
    assertError(await api.get(path), 404, 'not_found');
  });
});

describe('HEAD', () => {
  it('answers as GET does, without the body', async () => {
    for (const path of [
      '/containers/',
      '/containers',
      `/containers/${id}/`,
      '/orgs/',
      '/containers/999/',
      '/containers/?limit=x',
    ]) {
      const [get, head] = [await api.get(path), await api.send('HEAD', path)];
      assert.deepEqual([head.status, head.text], [get.status, ''], path);
      for (const name of ['content-type', 'content-length', 'etag', 'x-dollarbox-org']) {
        assert.equal(head.headers[name], get.headers[name], `${path} ${name}`);
      }
    }
    assert.equal((await harness.client(null).send('HEAD', '/containers/')).status, 401);
  });

  it('is allowed to a read token', async () => {
    const reader = harness.client(await harness.tokenAdd(caller.userId, { scope: 'read' }));
    assert.equal((await reader.send('HEAD', `/containers/${id}/`)).status, 200);
  });
});

describe('a method that a path does not have', () => {
  const ALLOWED: Record<string, string> = {
    '/containers/': 'GET, HEAD, POST',
    '/containers': 'GET, HEAD, POST',
    '/containers/1/': 'GET, HEAD, PATCH, DELETE',
    '/containers/abc': 'GET, HEAD, PATCH, DELETE',
    '/orgs/': 'GET, HEAD, POST',
    '/orgs/x/': 'GET, HEAD, PATCH, DELETE',
    '/orgs/x/usage/': 'GET, HEAD',
  };
  const METHODS = [
    'GET',
    'POST',
    'PUT',
    'PATCH',
    'DELETE',
    'OPTIONS',
    'TRACE',
    'PROPFIND',
    'MKCOL',
    'PURGE',
    'LINK',
    'M-SEARCH',
    'QUERY',
  ];

  it('is 405 with Allow, whatever the body', async () => {
    for (const [path, allow] of Object.entries(ALLOWED)) {
      for (const method of METHODS.filter((one) => !allow.split(', ').includes(one))) {
        for (const body of [undefined, '{broken']) {
          const reply = await api.send(method, `${path}?x=1`, body);
          assert.deepEqual(assertError(reply, 405, 'method_not_allowed'), {}, `${method} ${path}`);
          assert.equal(reply.headers.allow, allow);
        }
      }
    }
  });

  it('is 405 with Allow also where no such method exists', async () => {
    for (const method of ['FOO', 'get', 'GETT', 'X']) {
      const reply = await raw(`${method} /api/v1/containers/ HTTP/1.1`);
      assert.deepEqual(
        [reply.status, reply.headers.get('allow')],
        [405, 'GET, HEAD, POST'],
        method,
      );
      assert.match(reply.text, /"code":"method_not_allowed"/);
      assert.ok(reply.headers.get('x-request-id'));
    }
    const elsewhere = await raw('FOO /nowhere/ HTTP/1.1');
    assert.equal(elsewhere.status, 400);
    assert.match(elsewhere.text, /"code":"validation_error"/);
  });

  it('is 404 in JSON on a path below the API that is not a route', async () => {
    for (const target of [
      '//api/v1/containers/',
      '/api//v1/containers/',
      '///API/v1/',
      '/%61pi/v2/',
      '/%2Fapi/v1/containers/',
      '/api%2Fv1%2Fcontainers/',
      '/./api/v1/containers/',
      '/x/../api/v1/containers/',
      '\\\\api/v1/',
      '/api',
      '/api/',
      '/api?x=1',
      '/api/v1/nothing',
      'http://other.example/api/v1/nothing/',
      'HTTP://other.example//api/v1/',
      'https://other.example/%61pi/nothing',
      '/%2561pi/v1/',
      '/%25252e%25252e/api/v1/',
      '/api;x=1/v1/containers/',
      '*',
      'ftp://other.example/api/v1/containers/',
      'other:nothing',
    ]) {
      const reply = await raw(`GET ${target} HTTP/1.1`, ['Accept: text/html']);
      assert.ok(reply.status === 404 || reply.status === 400, `${target} ${reply.status}`);
      assert.match(reply.text, /^\{"error":\{"code":"(not_found|validation_error)"/, target);
    }
  });

  it('is served if the target is a whole URL, whatever host it names', async () => {
    for (const start of ['http://other.example', 'HTTP://other.example:1', 'https://[::1]']) {
      const reply = await raw(`GET ${start}/api/v1/containers/?limit=1 HTTP/1.1`);
      assert.equal(reply.status, 200, start);
      assert.ok(!reply.text.includes('other.example'));
      const refused = await raw(`PUT ${start}/api/v1/containers/ HTTP/1.1`);
      assert.equal(refused.status, 405);
      assert.equal(
        (await raw(`GET ${start} HTTP/1.1`)).headers.get('content-type'),
        'text/html; charset=utf-8',
      );
    }
  });

  it('is 404 on a path that does not exist, whatever the body', async () => {
    for (const method of METHODS) {
      for (const body of [undefined, '{broken', 'x'.repeat(2_000_000)]) {
        const reply = await api
          .send(method, '/nothing/here/', body)
          .catch((error: NodeJS.ErrnoException) => {
            // A reply that arrived before the body was sent may be cut off when the server closes the connection.
            assert.ok(['EPIPE', 'ECONNRESET'].includes(error.code ?? ''), error.message);
            return null;
          });
        if (reply !== null) assertError(reply, 404, 'not_found');
      }
    }
  });
});

describe('a body that never arrives completely', () => {
  /** Begins a request of an anonymous client. @returns the client's end, and the server's request. */
  async function begin(id: string, headers: readonly string[], body: string) {
    const socket = connect(Number(new URL(harness.origin).port), '127.0.0.1');
    const begun = once(harness.app.server.server, 'request') as Promise<[IncomingMessage]>;
    const { origin } = new URL(harness.deps.config.publicUrl);
    const ours = ['Content-Type: application/json', `Origin: ${origin}`, `X-Request-Id: ${id}`];
    socket.write(rawRequest('POST /api/account/sign-in/ HTTP/1.1', [...ours, ...headers], body));
    const [request] = await begun;
    return { socket, request };
  }

  /** If a request's client is gone, only the log reports it. */
  async function assertClientsFault(id: string): Promise<void> {
    for (;;) {
      const lines = harness.logText().split('\n');
      const told = lines.filter((line) => line.includes(`"reqId":"${id}"`));
      if (told.length > 0) {
        for (const line of told) assert.match(line, /^\{"level":20,/);
        return;
      }
      await setImmediate();
    }
  }

  it('is the client’s fault if it breaks off, and not logged as an error', async () => {
    const bodies = [
      ['Content-Length: 100', '{"em'],
      ['Transfer-Encoding: chunked', '4\r\n{"em'],
    ] as const;
    for (const [index, [header, body]] of bodies.entries()) {
      const { socket } = await begin(`broken-off-${index}`, [header], body);
      socket.destroy();
      await assertClientsFault(`broken-off-${index}`);
    }
  });

  it('is reported to the client when its time is over', async () => {
    const { socket, request } = await begin('late', ['Content-Length: 100'], '{"em');
    // What Node does then; it checks its clock twice a minute.
    const late = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
    harness.app.server.server.emit('clientError', late, request.socket);
    const [reply] = (await once(socket, 'data')) as [Buffer];
    assert.match(reply.toString(), /^HTTP\/1\.1 400 .*Was not sent whole in time\./s);
    socket.destroy();
    await assertClientsFault('late');
  });
});

describe('input that is not HTTP', () => {
  it('is answered in the envelope, and the server keeps running', async () => {
    const broken = [
      'GET\r\n\r\n',
      'hello\r\n\r\n',
      'GET / HTTP/9.9\r\n\r\n',
      '\u0016\u0003\u0001\r\n\r\n',
      'GET /api/v1/ HTTP/1.1\r\nbad header\r\n\r\n',
    ];
    for (const bytes of broken) {
      const reply = await rawSend(harness.origin, bytes);
      assert.equal(reply.status, 400, bytes);
      assert.equal(
        (JSON.parse(reply.text) as { error: { code: string } }).error.code,
        'validation_error',
      );
      assert.ok(reply.headers.get('x-request-id'));
    }
    assert.equal((await api.get('/containers/')).status, 200);
  });

  it('keeps no connection of a client that never ends its own half', async () => {
    const { hostname, port } = new URL(harness.origin);
    const accepted = once(harness.app.server.server, 'connection') as Promise<[Socket]>;
    const client = connect({ host: hostname, port: Number(port), allowHalfOpen: true });
    const [socket] = await accepted;
    client.write('hello\r\n\r\n');
    client.resume();
    await once(client, 'end');
    if (!socket.destroyed) await once(socket, 'close');
    client.destroy();
  });

  it('can not smuggle a second request', async () => {
    const both = [
      'Content-Type: application/json',
      'Content-Length: 5',
      'Transfer-Encoding: chunked',
    ];
    const reply = await raw(
      'POST /api/v1/containers/ HTTP/1.1',
      both,
      '0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
    );
    assert.equal(reply.status, 400);
  });
});

describe('the request id', () => {
  it('is on every reply, and a new one each time', async () => {
    const replies = [
      await api.get('/containers/'),
      await api.get('/containers/999/'),
      await api.get('/nowhere/'),
      await api.get('/%zz/'),
      await api.send('PUT', '/containers/'),
      await harness.client(null).get('/containers/'),
      await api.post('/containers/', '{broken'),
      await api.delete('/containers/999/'),
    ];
    const ids = replies.map((reply) => reply.headers['x-request-id']);
    assert.ok(
      ids.every((one) => typeof one === 'string' && one.length >= 16),
      String(ids),
    );
    assert.equal(new Set(ids).size, replies.length);
  });

  it('is kept when the client sent a valid one', async () => {
    for (const sent of ['abc', 'a-b_c.d:e', 'x'.repeat(128)]) {
      for (const path of ['/containers/', '/nowhere/', '/%zz/']) {
        const reply = await api.get(path, { 'x-request-id': sent });
        assert.equal(reply.headers['x-request-id'], sent, path);
      }
    }
  });

  it('is replaced if the client sent nonsense', async () => {
    for (const sent of ['', ' ', 'a b', 'x'.repeat(129), 'a\tb', '<script>', 'é', '{"a":1}']) {
      const reply = await api.get('/containers/', { 'x-request-id': sent });
      assert.notEqual(reply.headers['x-request-id'], sent);
      assert.match(String(reply.headers['x-request-id']), /^[0-9a-f-]{36}$/);
    }
  });
});

describe('the health pages', () => {
  it('report that it is alive and ready', async () => {
    const root = (path: string) => rawSend(harness.origin, rawRequest(`GET ${path} HTTP/1.1`));
    assert.deepEqual([(await root('/healthz')).status, (await root('/readyz')).status], [200, 200]);
  });
});
