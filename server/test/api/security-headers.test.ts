import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Reply, assertError, httpSend } from '../support/http-client.ts';
import { ACCOUNT, personAdd, signIn } from '../support/people.ts';

const API_POLICY = "default-src 'none'; frame-ancestors 'none'";

let folder: string;
let unbuilt: Harness;
let harness: Harness;
let plain: Harness;
let caller: TestCaller;
before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'panel-test-'));
  unbuilt = await harnessOpen({ PANEL_DIR: folder });
  build();
  harness = await harnessOpen({ PANEL_DIR: folder });
  plain = await harnessOpen({ PANEL_DIR: folder, PUBLIC_URL: 'http://localhost:8080' });
  caller = await harness.callerAdd();
});
after(async () => {
  await unbuilt.close();
  await harness.close();
  await plain.close();
  rmSync(folder, { recursive: true });
});

const get = (path: string, headers = {}, of: Harness = harness): Promise<Reply> =>
  httpSend(of.agent, of.origin, 'GET', path, headers);

/** Builds the panel: a page, a script with a hash in its name, and a picture. */
function build(): void {
  mkdirSync(join(folder, 'assets'), { recursive: true });
  writeFileSync(join(folder, 'assets', 'app-1a2b3c.js'), `console.log(${'1 + '.repeat(500)}1);`);
  writeFileSync(join(folder, 'favicon.svg'), '<svg xmlns="http://www.w3.org/2000/svg"/>');
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>one</title>');
}

function assertSafe(reply: Reply, policy: string | RegExp, what: string): void {
  const { headers } = reply;
  const found = String(headers['content-security-policy']);
  if (typeof policy === 'string') assert.equal(found, policy, what);
  else assert.match(found, policy, what);
  assert.equal(headers['x-content-type-options'], 'nosniff', what);
  assert.equal(headers['referrer-policy'], 'no-referrer', what);
  assert.equal(headers['cross-origin-opener-policy'], 'same-origin', what);
  assert.equal(headers['cross-origin-resource-policy'], 'same-origin', what);
  assert.equal(headers['strict-transport-security'], 'max-age=31536000', what);
  assert.equal(headers['access-control-allow-origin'], undefined, what);
}

describe('every reply has headers that keep browsers from doing harm:', () => {
  it('the API’s replies and refusals', async () => {
    for (const [path, headers, status] of [
      ['/healthz', {}, 200],
      ['/readyz', {}, 200],
      ['/api/v1/containers/', {}, 401],
      ['/api/v1/nowhere/', {}, 404],
      ['/api', {}, 404],
      ['/api/', {}, 404],
      ['/api/v1/schema/', {}, 401],
      ['/api/v1/%zz/', {}, 400],
      ['/api/account/', {}, 401],
      ['/api/account/setup/', {}, 200],
      ['/api/account/nowhere/', {}, 404],
      ['/api/account/sign-in/', {}, 405],
    ] as const) {
      const reply = await get(path, headers);
      assert.equal(reply.status, status, `${path} ${reply.text}`);
      assertSafe(reply, API_POLICY, path);
      assert.equal(reply.headers['cache-control'], 'no-store', path);
      assert.match(String(reply.headers['content-type']), /^application\/json/, path);
    }
    const unknown = await httpSend(harness.agent, harness.origin, 'PUT', '/anything');
    assertError(unknown, 404, 'not_found');
    assertSafe(unknown, API_POLICY, 'PUT');
  });

  it('replies to our own pages, by session', async () => {
    const browser = await harness.sessionAdd(caller.userId);
    for (const path of ['/api/v1/containers/', '/api/account/', '/api/v1/schema/']) {
      const reply = await browser.get(path);
      assert.equal(reply.status, 200, path);
      assertSafe(reply, API_POLICY, path);
      assert.equal(reply.headers['cache-control'], 'no-store', path);
    }
  });

  it('replies to programs, by token: the few that are not for browsers alone', async () => {
    const reply = await get('/api/v1/containers/', { authorization: `Bearer ${caller.token}` });
    assert.equal(reply.status, 200);
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
    assert.equal(reply.headers['cache-control'], 'no-store');
    assert.equal(reply.headers['content-security-policy'], undefined);
  });

  it('Strict-Transport-Security only where PUBLIC_URL is https', async () => {
    const reply = await get('/healthz', {}, plain);
    assert.equal(reply.headers['strict-transport-security'], undefined);
    assert.equal(reply.headers['x-content-type-options'], 'nosniff');
  });
});

describe('the cookie of a session', () => {
  it('is out of reach for scripts, other sites, other hosts and clear text', async () => {
    const { email } = await personAdd(harness);
    const reply = await signIn(harness.browser(), email);
    const [line, ...more] = reply.headers['set-cookie'] ?? [];
    assert.equal(more.length, 0);
    assert.match(
      line ?? '',
      /^__Host-dollarbox_session=[0-9A-Za-z]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax; Secure$/,
    );
  });

  it('in clear is named by the port, so that installations on one machine do not meet', async () => {
    const { email } = await personAdd(plain);
    const reply = await signIn(plain.browser(), email);
    assert.match(
      reply.headers['set-cookie']?.[0] ?? '',
      /^dollarbox_session_8080=[0-9A-Za-z]{43}; Path=\/; Max-Age=2592000; HttpOnly; SameSite=Lax$/,
    );
  });

  it('is set by signing in and by no other public route', async () => {
    for (const path of ['/', `${ACCOUNT}/setup/`, '/api/v1/docs/', '/sign-in']) {
      assert.equal((await get(path)).headers['set-cookie'], undefined, path);
    }
  });
});

describe('the panel', () => {
  const PAGE_POLICY = /^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/;

  it('says how to build it while it is missing', async () => {
    const reply = await get('/', {}, unbuilt);
    assert.equal(reply.status, 503);
    assert.match(reply.text, /is not built/);
    assertSafe(reply, PAGE_POLICY, '/');
    assert.equal(reply.headers['cache-control'], 'no-store');
  });

  it('is its page for every path of its own, with a policy that runs no inline script', async () => {
    for (const path of [
      '/',
      '/index.html',
      '/sign-in?next=/',
      '/settings/account/',
      '/o/a.b/c',
      '//x',
    ]) {
      const reply = await get(path);
      assert.equal(reply.status, 200, path);
      assert.match(reply.text, /<title>one/);
      assert.equal(reply.headers['content-type'], 'text/html; charset=utf-8');
      assert.equal(reply.headers['cache-control'], 'no-cache');
      assertSafe(reply, PAGE_POLICY, path);
      const { 'content-security-policy': policy = '' } = reply.headers;
      assert.doesNotMatch(String(policy).replace(/style-src [^;]*/, ''), /unsafe|\*|https?:/);
      const again = await get(path, { 'if-none-match': reply.headers['etag'] });
      assert.deepEqual([again.status, again.text], [304, '']);
    }
    const head = await httpSend(harness.agent, harness.origin, 'HEAD', '/settings/');
    assert.deepEqual([head.status, head.text], [200, '']);
    assertError(await get('/api/settings/'), 404, 'not_found');
  });

  it('has compressed files, cached permanently if their names contain a hash', async () => {
    const script = await get('/assets/app-1a2b3c.js');
    assert.equal(script.headers['cache-control'], 'public, max-age=31536000, immutable');
    assert.equal(script.headers['content-type'], 'text/javascript; charset=utf-8');
    assert.match(script.text, /^console/);
    const packed = await fetch(`${harness.origin}/assets/app-1a2b3c.js`, {
      headers: { 'accept-encoding': 'gzip' },
    });
    assert.equal(packed.headers.get('content-encoding'), 'gzip');
    assert.equal(await packed.text(), script.text);
    assert.equal((await get('/favicon.svg')).headers['cache-control'], 'no-cache');
    assertError(await get('/assets/app-gone.js'), 404, 'not_found');
  });

  it('serves only what was built, whatever path is requested', async () => {
    writeFileSync(join(folder, '..', 'panel-test-secret.txt'), 'secret');
    for (const path of [
      '/../panel-test-secret.txt',
      '/%2e%2e/panel-test-secret.txt',
      '/assets/../../panel-test-secret.txt',
      '/assets/..%2f..%2fpanel-test-secret.txt',
      '/..%5cpanel-test-secret.txt',
      '//etc/passwd',
      '/./assets/%00',
    ]) {
      const reply = await get(path);
      assert.doesNotMatch(reply.text, /secret|root:/, path);
    }
    rmSync(join(folder, '..', 'panel-test-secret.txt'));
  });
});
