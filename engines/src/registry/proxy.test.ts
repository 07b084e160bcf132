import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import type { AddressInfo, LookupFunction } from 'node:net';
import { test } from 'node:test';
import { PullError } from './pull-error.ts';
import { proxyFor } from './proxy.ts';
import { registrySend, replyRead } from './registry-http.ts';
import { playRegistry } from '../docker/test/registry.ts';

const PROXY = 'http://proxy.example:3128';
const never = new AbortController().signal;

const CHOICES: readonly (readonly [url: string, noProxy: string, isProxied: boolean])[] = [
  ['https://reg.example', '', true],
  ['https://reg.example', '*', false],
  ['https://reg.example', 'reg.example', false],
  ['https://REG.example', 'reg.EXAMPLE', false],
  ['https://a.reg.example', 'reg.example', false],
  ['https://areg.example', 'reg.example', true],
  ['https://a.reg.example', '.reg.example', false],
  ['https://reg.example', '.reg.example', true],
  ['https://a.reg.example', '*.reg.example', false],
  ['https://reg.example', 'other.example, reg.example', false],
  ['https://reg.example:5000', 'reg.example:5000', false],
  ['https://reg.example', 'reg.example:443', false],
  ['https://reg.example', 'reg.example:5000', true],
  ['https://10.1.2.3', '10.0.0.0/8', false],
  ['https://11.1.2.3', '10.0.0.0/8', true],
  ['https://10.1.2.3', '10.1.2.3', false],
  ['https://[fd00::1]', 'fd00::/8', false],
  ['https://[fd00::1]', 'fd00::1', false],
  ['https://[fd00::1]:5000', '[fd00::1]:5000', false],
  ['https://reg.example', ',,', true],
  ['https://reg.example', '10.0.0.0/99', true],
  ['https://localhost:5000', '', false],
  ['https://127.0.0.1:5000', '', false],
  ['https://[::1]', '', false],
];

for (const [url, noProxy, isProxied] of CHOICES) {
  test(`${url} is ${isProxied ? '' : 'not '}proxied with NO_PROXY="${noProxy}"`, () => {
    const proxy = proxyFor(new URL(url), { HTTPS_PROXY: PROXY, NO_PROXY: noProxy });
    assert.equal(proxy?.host, isProxied ? 'proxy.example:3128' : undefined);
  });
}

test('each protocol has its own variable, in either case; a bare host is HTTP', () => {
  const [plain, tls] = [new URL('http://reg.example'), new URL('https://reg.example')];
  assert.equal(proxyFor(plain, { HTTPS_PROXY: PROXY }), null);
  assert.equal(proxyFor(tls, { HTTP_PROXY: PROXY }), null);
  assert.equal(proxyFor(plain, { http_proxy: PROXY })?.host, 'proxy.example:3128');
  assert.equal(proxyFor(tls, { https_proxy: 'proxy.example:3128' })?.protocol, 'http:');
  assert.equal(proxyFor(tls, {}), null);
});

/** A resolver that returns the same address for every name, or none. */
function resolvingTo(address: string | null): LookupFunction {
  return (_, options, callback) => {
    if (address === null) {
      return callback(Object.assign(new Error('unknown'), { code: 'ENOTFOUND' }), '', 0);
    }
    if (options.all) callback(null, [{ address, family: 4 }]);
    else callback(null, address, 4);
  };
}

test('requests pass through the proxy, by its rules and ours', async (t) => {
  const registry = await playRegistry(new Map());
  registry.rule((path, reply) => {
    reply.end(path);
    return true;
  });
  const seen: string[] = [];
  const proxy = createServer((request, reply) => {
    seen.push(`${request.method} ${request.url} ${request.headers['proxy-authorization'] ?? ''}`);
    reply.end('by way of the proxy');
  });
  proxy.on('connect', ({ url, headers }, socket) => {
    seen.push(`CONNECT ${url} ${headers['proxy-authorization'] ?? ''}`);
    if (url?.startsWith('denied.')) return socket.end('HTTP/1.1 403 Forbidden\r\n\r\n');
    const [host = '', port = ''] = registry.host.split(':');
    const upstream = connect(Number(port), host, () => {
      socket.write('HTTP/1.1 200 OK\r\n\r\n');
      upstream.pipe(socket).pipe(upstream);
    });
    upstream.on('error', () => socket.destroy());
    socket.on('error', () => upstream.destroy());
  });
  proxy.listen(0, '127.0.0.1');
  await once(proxy, 'listening');
  t.after(async () => {
    proxy.closeAllConnections();
    proxy.close();
    await registry.close();
  });
  const address = `http://user:pass@127.0.0.1:${(proxy.address() as AddressInfo).port}`;
  const get = (url: string, lookup: LookupFunction) =>
    registrySend(
      new URL(url),
      { headersFor: () => ({}) },
      {
        ...{ trusted: [], isInsecure: () => true, lookup },
        proxyEnvironment: { HTTP_PROXY: address, HTTPS_PROXY: address },
      },
      never,
    );

  const reply = await get('http://reg.example/v2/', resolvingTo('8.8.8.8'));
  assert.equal((await replyRead(reply, 1000)).toString(), 'by way of the proxy');
  assert.deepEqual(seen.splice(0), ['GET http://reg.example/v2/ Basic dXNlcjpwYXNz']);

  // Perhaps only the proxy can resolve a name. The test registry behind it does not speak TLS.
  await assert.rejects(get('https://reg.example/v2/', resolvingTo(null)));
  assert.deepEqual(seen.splice(0), ['CONNECT reg.example:443 Basic dXNlcjpwYXNz']);
  await assert.rejects(get('https://denied.example/v2/', resolvingTo(null)), /answered 403/);
  seen.length = 0;

  for (const url of ['https://inside.example/v2/', 'http://inside.example/v2/']) {
    await assert.rejects(get(url, resolvingTo('10.0.0.1')), { code: 'ENOTFOUND' });
  }
  await assert.rejects(get('http://10.0.0.1/v2/', resolvingTo(null)), PullError);
  assert.deepEqual(seen, []);
});
