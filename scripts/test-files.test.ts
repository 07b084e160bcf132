import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { LONG_FILES, testFiles } from './test-files.ts';

const folder = dirname(dirname(fileURLToPath(import.meta.url)));

test('the files that take long are there, and run first', () => {
  for (const file of LONG_FILES) assert.ok(existsSync(join(folder, file)), `${file} is gone`);
  const files = testFiles(folder, []);
  assert.deepEqual(files.slice(0, LONG_FILES.length), LONG_FILES);
  assert.equal(new Set(files).size, files.length);
  assert.ok(files.includes('scripts/test-files.test.ts'));
});

test('parts of a path choose files', () => {
  assert.deepEqual(testFiles(folder, ['./scripts/test-files']), ['scripts/test-files.test.ts']);
});
