import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type Socket, connect } from 'node:net';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { rawConversation, rawRequest, rawSend, rawStatuses } from '../support/raw-http.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
});
after(() => harness.close());

/** What Node reports if a request takes too long; it checks its clock twice a minute. */
function timeOut(socket: Socket): void {
  const error = Object.assign(new Error('Request timeout'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
  harness.app.server.server.emit('clientError', error, socket);
}

/** Both ends of a new connection. */
async function connectionOpen(): Promise<{ client: Socket; server: Socket; received(): string }> {
  const { hostname, port } = new URL(harness.origin);
  const accepted = once(harness.app.server.server, 'connection') as Promise<[Socket]>;
  const client = connect(Number(port), hostname);
  let text = '';
  client.setEncoding('latin1');
  client.on('data', (part: string) => (text += part));
  client.on('error', () => undefined);
  const [server] = await accepted;
  return { client, server, received: () => text };
}

async function closed(socket: Socket): Promise<void> {
  if (!socket.closed) await once(socket, 'close');
}

function post(name: string, more: readonly string[] = []): string {
  const body = JSON.stringify({ name, image: 'x' });
  const headers = [
    `Authorization: Bearer ${caller.token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
  ];
  return rawRequest('POST /api/v1/containers/ HTTP/1.1', [...headers, ...more], body);
}

const JUNK = [
  '\u0000\u0001junk\r\n\r\n',
  'FOO / HTTP/1.1\r\n\r\n',
  'GET / HTTP/9.9\r\n\r\n',
  '}}\r\n',
];

describe('a valid request followed by junk', () => {
  it('gets its own reply, and the junk none', async () => {
    for (const [index, junk] of JUNK.entries()) {
      const text = await rawConversation(harness.origin, post(`junk-${index}`) + junk);
      assert.deepEqual(rawStatuses(text), [201], junk);
      assert.match(text, new RegExp(`"name":"junk-${index}"`));
      assert.match(text, /^connection: close\r$/im);
    }
  });

  it('gets its own reply if several were sent at once', async () => {
    const two = `${post('first')}${post('second')}`;
    const text = await rawConversation(harness.origin, `${two}${JUNK[0]}`);
    assert.deepEqual(rawStatuses(text), [201, 201]);
    assert.ok(text.indexOf('"name":"first"') < text.indexOf('"name":"second"'));
  });

  it('is followed by one refusal if the junk comes after the reply', async () => {
    const { client, received } = await connectionOpen();
    client.write(post('later'));
    while (!received().includes('"name":"later"')) await once(client, 'data');
    for (let count = 0; count < 3; count += 1) client.write('junk\r\n\r\n');
    await closed(client);
    assert.deepEqual(rawStatuses(received()), [201, 400]);
  });
});

describe('a request whose body is broken', () => {
  const head = (path: string, token: string) =>
    rawRequest(`POST ${path} HTTP/1.1`, [
      `Authorization: Bearer ${token}`,
      'Content-Type: application/json',
      'Transfer-Encoding: chunked',
      'X-Request-Id: broken-body',
    ]);

  it('is refused once, under its own id', async () => {
    for (const parts of [
      [`${head('/api/v1/containers/', caller.token)}zz\r\n`],
      [head('/api/v1/containers/', caller.token), '2\r\n{}', 'zz\r\n', 'zz\r\n'],
    ]) {
      const text = await rawConversation(harness.origin, ...parts);
      assert.deepEqual(rawStatuses(text), [400], text);
      assert.match(text, /^x-request-id: broken-body\r$/m);
      assert.match(text, /"code":"validation_error"/);
    }
  });

  it('gets no second reply if it was answered before its body', async () => {
    for (const [path, token, status] of [
      ['/api/v1/containers/', 'dbx_nonsense', 401],
      ['/api/v1/nowhere/', caller.token, 404],
    ] as const) {
      const { client, server, received } = await connectionOpen();
      client.write(head(path, token));
      while (!received().includes('"error"')) await once(client, 'data');
      if (status === 401) client.write('zz\r\n');
      else timeOut(server);
      await closed(client);
      assert.deepEqual(rawStatuses(received()), [status]);
    }
  });
});

describe('a connection that takes too long', () => {
  it('is closed silently if nothing was sent', async () => {
    const { client, server, received } = await connectionOpen();
    timeOut(server);
    await closed(client);
    assert.equal(received(), '');
  });

  it('gets one error if a request was begun', async () => {
    const begun = [
      'GET /api/v1/containers/ HTTP/1.1\r\nHost: te',
      rawRequest('POST /api/v1/containers/ HTTP/1.1', [
        `Authorization: Bearer ${caller.token}`,
        'Content-Type: application/json',
        'Content-Length: 100',
      ]),
    ];
    for (const bytes of begun) {
      const { client, server, received } = await connectionOpen();
      client.write(bytes);
      while (server.bytesRead < bytes.length) await new Promise(setImmediate);
      timeOut(server);
      timeOut(server);
      await closed(client);
      assert.deepEqual(rawStatuses(received()), [400], received());
      assert.match(received(), /Was not sent whole in time/);
    }
  });
});

describe('what Node would answer by itself', () => {
  const refused: Record<string, [string, number]> = {
    'no host': ['GET /api/v1/containers/ HTTP/1.1\r\n\r\n', 400],
    'two hosts': [rawRequest('GET /api/v1/containers/ HTTP/1.1', ['Host: other']), 400],
    'an expectation': [rawRequest('GET /api/v1/containers/ HTTP/1.1', ['Expect: 200-ok']), 400],
    'HTTP/2': [rawRequest('GET /api/v1/containers/ HTTP/2.0'), 400],
    'an HTTP/2 preface': ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 400],
    'CONNECT to a path': [rawRequest('CONNECT /api/v1/containers/ HTTP/1.1'), 405],
    'CONNECT to a host': [rawRequest('CONNECT example.com:443 HTTP/1.1'), 400],
    'an unknown transfer coding': [
      rawRequest(
        'POST /api/v1/containers/ HTTP/1.1',
        ['Transfer-Encoding: gzip, chunked'],
        '0\r\n\r\n',
      ),
      400,
    ],
    'large headers': [rawRequest('GET / HTTP/1.1', [`X: ${'x'.repeat(20_000)}`]), 413],
  };
  for (const [name, [bytes, status]] of Object.entries(refused)) {
    it(`is an error in the envelope: ${name}`, async () => {
      const reply = await rawSend(harness.origin, bytes);
      assert.equal(reply.status, status, reply.text);
      assert.match(reply.text, /^\{"error":\{"code":"/);
      assert.ok(reply.headers.get('x-request-id'));
      assert.match(reply.headers.get('content-type') ?? '', /^application\/json/);
      assert.equal(reply.headers.get('cache-control'), 'no-store');
    });
  }

  it('is an error in the envelope: large chunk extensions', async () => {
    const headers = [
      `Authorization: Bearer ${caller.token}`,
      'Transfer-Encoding: chunked',
      'Content-Type: application/json',
    ];
    const extension = `2;${'x'.repeat(20_000)}\r\n`;
    const request = rawRequest('POST /api/v1/containers/ HTTP/1.1', headers, extension);
    const reply = await rawSend(harness.origin, request);
    assert.equal(reply.status, 413, reply.text);
    assert.match(reply.text, /"code":"payload_too_large"/);
  });

  it('serves HTTP/1.0 without a host, and bodies announced by 100-continue', async () => {
    assert.equal((await rawSend(harness.origin, 'GET /healthz HTTP/1.0\r\n\r\n')).status, 200);
    const text = await rawConversation(
      harness.origin,
      post('continued', ['Expect: 100-continue', 'Connection: close']),
    );
    assert.deepEqual(rawStatuses(text), [100, 201]);
  });
});
