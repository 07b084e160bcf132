import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loopbackRequestOf, refusalUrl } from './loopback.ts';

const SEARCH = {
  client: 'dollarbox on laptop',
  redirect_uri: 'http://127.0.0.1:50123/callback',
  state: 'abc',
  code_challenge: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM',
  code_challenge_method: 'S256',
};

test('a request is complete, and leads to this computer', () => {
  const request = loopbackRequestOf(SEARCH);
  assert.ok(request !== null);
  assert.deepEqual([request.scope, request.org], ['write', null]);
  assert.equal(
    refusalUrl(request),
    'http://127.0.0.1:50123/callback?error=access_denied&state=abc',
  );
  assert.equal(loopbackRequestOf({ ...SEARCH, scope: 'read' })?.scope, 'read');
  for (const name of Object.keys(SEARCH)) {
    assert.equal(loopbackRequestOf({ ...SEARCH, [name]: undefined }), null, name);
  }
  for (const uri of [
    'https://127.0.0.1:50123/callback',
    'http://127.0.0.1/callback',
    'http://127.0.0.1:50123/callback?x',
    'http://127.0.0.1:50123@evil.example/callback',
    'http://evil.example:80/callback',
    'javascript:alert(1)//http://127.0.0.1:1/callback',
  ]) {
    assert.equal(loopbackRequestOf({ ...SEARCH, redirect_uri: uri }), null, uri);
  }
  assert.equal(loopbackRequestOf({ ...SEARCH, code_challenge_method: 'plain' }), null);
});
