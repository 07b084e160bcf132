import assert from 'node:assert/strict';
import { gunzipSync } from 'node:zlib';
import { after, before, describe, it } from 'node:test';
import { API_ROUTES } from '../../src/app.ts';
import type { Browser } from '../support/browser.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertError } from '../support/http-client.ts';
import { openapiCreate } from '../../src/http/openapi.ts';
import { readerScriptLoad } from '../../src/http/reader-script.ts';

const SCHEMA = '/api/v1/schema/';
const DOCS = '/api/v1/docs/';

let harness: Harness;
let caller: TestCaller;
let browser: Browser;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  browser = await harness.sessionAdd(caller.userId);
});
after(() => harness.close());

/** Every kind of caller that is not signed in to the panel. */
function outsiders(): { browser: Browser; headers: Record<string, string> }[] {
  const authorization = `Bearer ${caller.token}`;
  return [
    { browser: harness.browser(), headers: {} },
    { browser: harness.browser(), headers: { authorization } },
    // With a token, the cookie is ignored.
    { browser, headers: { authorization } },
    { browser, headers: { authorization: 'Bearer dbx_wrong' } },
  ];
}

describe('the schema', () => {
  it('is for people who are signed in to the panel, and is the document of the routes', async () => {
    for (const path of [SCHEMA, SCHEMA.slice(0, -1)]) {
      const reply = await browser.get(path);
      assert.equal(reply.status, 200, reply.text);
      assert.deepEqual(JSON.parse(reply.text), openapiCreate(API_ROUTES));
    }
  });

  it('is closed to everyone else, tokens included', async () => {
    for (const { browser: outsider, headers } of outsiders()) {
      for (const path of [SCHEMA, `${DOCS}schema.json`]) {
        const reply = await outsider.get(path, headers);
        assertError(reply, 401, 'authentication_failed');
        assert.equal(reply.headers['www-authenticate'], 'Bearer');
      }
    }
  });
});

describe('the reader of the schema', () => {
  it('is a page without inline script, whose scripts come from here', async () => {
    const page = await browser.get(DOCS);
    assert.equal(page.status, 200);
    assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
    assert.match(String(page.headers['content-security-policy']), /script-src 'self';/);
    const scripts = [...page.text.matchAll(/<script([^>]*)>([^<]*)/g)];
    assert.equal(scripts.length, 2);
    for (const [, attributes = '', inside] of scripts) {
      assert.equal(inside, '');
      const [, source = ''] = /src="([^"]+)"/.exec(attributes) ?? [];
      const script = await browser.get(source);
      assert.equal(script.status, 200, source);
      assert.match(String(script.headers['content-type']), /^text\/javascript/);
      assert.match(script.text, /createApiReference/);
    }
    assert.doesNotMatch(page.text, /\bon\w+=|https?:/);
  });

  it('is given the document in a form that fills in nothing by itself', async () => {
    const reply = await browser.get(`${DOCS}schema.json`);
    assert.equal(reply.status, 200);
    const shown = JSON.parse(reply.text) as ReturnType<typeof openapiCreate>;
    const document = openapiCreate(API_ROUTES);
    // Its commands name this installation, and it says what the requests of the page are made with.
    const { description, ...info } = document['info'] as { description: string };
    const { description: told, ...rest } = shown['info'] as { description: string };
    assert.deepEqual(rest, info);
    assert.match(told, /^> You are signed in: .*\n\n/);
    const own = description.replaceAll('http://localhost:8080', 'https://panel.example');
    assert.equal(told.replace(/^> .*\n\n/, ''), own);
    assert.deepEqual(Object.keys(shown['paths'] ?? {}), Object.keys(document['paths'] ?? {}));
    assert.deepEqual(
      (shown['servers'] as { url: string }[]).map(({ url }) => url),
      ['/api/v1'],
    );
    const { parameters, securitySchemes } = shown['components'] as Record<string, object>;
    assert.doesNotMatch(JSON.stringify(parameters), /"example"/);
    assert.deepEqual(Object.keys(securitySchemes ?? {}), ['apiToken']);
    assert.match(JSON.stringify(shown['paths']), /"name":"id","in":"path".*?"example":17/);
  });

  it('serves its scripts to signed-in users only, and rate limits requests for them', async () => {
    for (const path of [`${DOCS}start.js`, `${DOCS}reader.js`]) {
      const policies = new Set<unknown>();
      for (const { browser: outsider, headers } of outsiders()) {
        const reply = await outsider.get(path, headers);
        assertError(reply, 401, 'authentication_failed');
        policies.add(reply.headers['ratelimit-policy']);
      }
      assert.deepEqual([...policies], ['"anonymous";q=1000000;w=60']);
      const reply = await browser.get(path);
      assert.equal(reply.status, 200);
      assert.equal(reply.headers['ratelimit-policy'], '"default";q=1000000;w=60');
      assert.match(String(reply.headers['ratelimit']), /^"default";r=\d+;t=\d+$/);
    }
  });

  it('serves its script compressed to clients that accept that', async () => {
    const { bytes, packed } = await readerScriptLoad();
    assert.ok(packed.length < bytes.length / 3);
    assert.ok(gunzipSync(packed).equals(bytes));
    const reply = await browser.get(`${DOCS}reader.js`, { 'accept-encoding': 'br, gzip' });
    assert.equal(reply.headers['content-encoding'], 'gzip');
  });

  it('redirects signed-out users to the sign-in page, and nowhere else, for every path', async () => {
    const paths = ['', '?next=https://evil.example', '?next=//evil.example', '?/\\evil.example'];
    for (const { browser: outsider, headers } of outsiders()) {
      for (const path of paths) {
        const reply = await outsider.get(`${DOCS}${path}`, {
          ...headers,
          host: 'evil.example',
          'x-forwarded-host': 'evil.example',
        });
        assert.equal(reply.status, 302);
        assert.equal(reply.headers['location'], '/sign-in?next=%2Fapi%2Fv1%2Fdocs%2F');
      }
    }
  });
});
