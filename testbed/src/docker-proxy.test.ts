import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, createServer, get, request } from 'node:http';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { after, before, beforeEach, describe, it } from 'node:test';
import Docker from 'dockerode';
import { type DockerProxy, dockerProxyStart } from './docker-proxy.ts';

/** A daemon that replies with the call it received, and counts calls. */
function daemonCreate() {
  const folder = mkdtempSync(join(tmpdir(), 'docker-proxy-test-'));
  const heard: string[] = [];
  const server = createServer((incoming, outgoing) => {
    const { method, url = '' } = incoming;
    heard.push(`${method} ${url}`);
    if (url.startsWith('/events')) {
      outgoing.writeHead(200);
      outgoing.write('{"Action":"start"}\n');
      return;
    }
    if (url === '/broken') {
      outgoing.writeHead(200, { 'content-length': '100' });
      outgoing.write('half');
      setImmediate(() => outgoing.destroy());
      return;
    }
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      outgoing.end(JSON.stringify({ method, url, body: Buffer.concat(chunks).toString() }));
    });
  });
  return { folder, server, heard, socketPath: join(folder, 'sock') };
}

describe('a proxy before a Docker daemon', () => {
  const daemon = daemonCreate();
  let proxy: DockerProxy;
  let client: Docker;
  before(async () => {
    daemon.server.listen(daemon.socketPath);
    await once(daemon.server, 'listening');
    proxy = await dockerProxyStart(daemon.socketPath);
    client = new Docker({ socketPath: proxy.host.slice('unix://'.length) });
  });
  after(async () => {
    await proxy?.close();
    daemon.server.closeAllConnections();
    daemon.server.close();
    rmSync(daemon.folder, { recursive: true });
  });
  beforeEach(() => daemon.heard.splice(0));

  const info = (): Promise<Record<string, unknown>> => client.info();
  const events = (): Promise<NodeJS.ReadableStream> => client.getEvents();

  it('passes calls on, and their bodies', async () => {
    assert.deepEqual(await info(), { method: 'GET', url: '/info', body: '' });
    const socketPath = proxy.host.slice('unix://'.length);
    const call = request({ socketPath, path: '/v1.41/networks/create', method: 'POST' });
    call.end('{"Name":"x"}');
    const [reply] = (await once(call, 'response')) as [IncomingMessage];
    assert.match(await text(reply), /"body":"\{\\"Name\\":\\"x\\"\}"/);
    assert.deepEqual(daemon.heard, ['GET /info', 'POST /v1.41/networks/create']);
    assert.equal(proxy.count('POST', /^\/networks/), 1);
  });

  it('passes streams on as they come, and cuts them', async () => {
    const stream = await events();
    const [line] = (await once(stream, 'data')) as [Buffer];
    assert.equal(line.toString(), '{"Action":"start"}\n');
    const ended = Promise.race([once(stream, 'error'), once(stream, 'close')]);
    assert.equal(proxy.cut(/^\/events/), 1);
    await ended;
    assert.equal(proxy.cut(/^\/events/), 0);
  });

  it('silences a stream that goes on', async () => {
    const lift = proxy.rule({ path: /^\/events/, action: { do: 'silence' } });
    const stream = await events();
    let heard = '';
    stream.on('data', (chunk: Buffer) => (heard += chunk.toString()));
    // A whole call later, the event would have arrived.
    await info();
    assert.equal(heard, '');
    lift();
    stream.on('error', () => undefined);
    proxy.cut(/^\/events/);
  });

  it('holds a call until the rule is lifted', async () => {
    const lift = proxy.rule({ path: /^\/info/, action: { do: 'hold' } });
    const held = info();
    await client.version();
    assert.deepEqual(daemon.heard, ['GET /version']);
    lift();
    assert.equal((await held)['url'], '/info');
  });

  it('has the daemon hear of a call though the caller has gone', async () => {
    proxy.rule({ path: /^\/networks/, action: { do: 'late', ms: 50 }, times: 1 });
    const socketPath = proxy.host.slice('unix://'.length);
    const call = request({ socketPath, path: '/networks/create', method: 'POST' });
    call.on('error', () => undefined).end('{}', () => call.destroy());
    const arrival = once(daemon.server, 'request');
    await arrival;
    assert.deepEqual(daemon.heard, ['POST /networks/create']);
  });

  it('cuts before the daemon hears, or after it did', async () => {
    const liftCut = proxy.rule({ path: /^\/info/, action: { do: 'cut' } });
    await assert.rejects(info(), /hang up|ECONNRESET/);
    assert.deepEqual(daemon.heard, []);
    liftCut();
    proxy.rule({ path: /^\/info/, action: { do: 'loseReply' }, times: 1 });
    await assert.rejects(info(), /hang up|ECONNRESET/);
    assert.deepEqual(daemon.heard, ['GET /info']);
    await info();
  });

  it('fails as told, for as many calls as told', async () => {
    const action = { do: 'fail', status: 507, message: 'no room' } as const;
    proxy.rule({ method: 'GET', path: /^\/info/, action, times: 1 });
    await assert.rejects(info(), { statusCode: 507 });
    await info();
  });

  it('changes what is told', async () => {
    const lift = proxy.rule({
      path: /^\/info/,
      action: { do: 'rewrite', change: (body) => ({ ...body, DockerRootDir: '/small' }) },
    });
    assert.equal((await info())['DockerRootDir'], '/small');
    lift();
  });

  it('breaks off where the daemon does', async () => {
    const socketPath = proxy.host.slice('unix://'.length);
    const [reply] = (await once(get({ socketPath, path: '/broken' }), 'response')) as [
      IncomingMessage,
    ];
    await assert.rejects(async () => {
      for await (const chunk of reply) assert.equal(String(chunk), 'half');
    });
  });
});
