import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';

const SOURCE = new URL('./', import.meta.url);

test('a function name stands for one function', () => {
  const files = new Map<string, string[]>();
  for (const file of readdirSync(SOURCE, { recursive: true, encoding: 'utf8' })) {
    // Each migration exports `up`.
    if (!file.endsWith('.ts') || file.endsWith('.test.ts') || file.includes('migrations/'))
      continue;
    const text = readFileSync(new URL(file, SOURCE), 'utf8');
    for (const [, name = ''] of text.matchAll(/^export (?:async )?function (\w+)/gm)) {
      files.set(name, [...(files.get(name) ?? []), file]);
    }
  }
  const shared = [...files].filter(([, at]) => at.length > 1);
  assert.deepEqual(shared, []);
});
