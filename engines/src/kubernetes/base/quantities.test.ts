import assert from 'node:assert/strict';
import { test } from 'node:test';
import { quantityParse } from './quantities.ts';

test('amounts are read as a quota counts them', () => {
  const amounts: [string | undefined, number][] = [
    ['1Gi', 2 ** 30],
    ['512Mi', 2 ** 29],
    ['1.5Ki', 1536],
    ['2G', 2e9],
    ['1e3', 1000],
    ['1E', 1e18],
    ['1500m', 2],
    ['100', 100],
    ['much', 0],
    [undefined, 0],
  ];
  for (const [text, bytes] of amounts) assert.equal(quantityParse(text), bytes);
});
