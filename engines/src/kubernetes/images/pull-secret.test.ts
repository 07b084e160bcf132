import assert from 'node:assert/strict';
import { test } from 'node:test';
import { pullSecretRender } from './pull-secret.ts';

const CREDENTIAL = { username: 'ada', secret: 'pässword' };

function auths(registry: string): Record<string, { username: string; auth: string }> {
  const made = pullSecretRender('aaaabbbbcccc', 'pull-1', registry, CREDENTIAL);
  const { stringData } = made as { stringData: Record<string, string> };
  return JSON.parse(stringData['.dockerconfigjson'] ?? '').auths;
}

test('a credential is for its own registry only', () => {
  const found = auths('registry.example:5000');
  assert.deepEqual(Object.keys(found), ['registry.example:5000']);
  const { auth = '' } = found['registry.example:5000'] ?? {};
  assert.equal(Buffer.from(auth, 'base64').toString(), 'ada:pässword');
});

test('Docker Hub has the name that Docker gave it', () => {
  assert.deepEqual(Object.keys(auths('docker.io')), ['https://index.docker.io/v1/']);
});
