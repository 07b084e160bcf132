import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { generatedFiles, generatedStale, projectFolder } from './gen-files.ts';

test('the generated files are those that npm run gen would write', async () => {
  const files = await generatedFiles();
  assert.deepEqual(
    files.map(({ path }) => path),
    [
      'openapi.json',
      'client/src/schema.ts',
      'openapi-account.json',
      'client/src/account-schema.ts',
      'docs/permissions.md',
      'server/src/db/schema.sql',
    ],
  );
  const stale = generatedStale(files, projectFolder).map(({ path }) => path);
  assert.deepEqual(stale, [], 'run npm run gen');
});

test('a file that is missing or differs is stale', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gen-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [same, changed, missing] = ['same', 'changed', 'missing'].map((path) => ({
    path,
    text: 'text\n',
  }));
  assert.ok(same && changed && missing);
  writeFileSync(join(folder, 'same'), 'text\n');
  writeFileSync(join(folder, 'changed'), 'text');
  assert.deepEqual(generatedStale([same, changed, missing], folder), [changed, missing]);
});
