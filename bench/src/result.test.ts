import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compare, resultsTable } from './result.ts';

test('a ratio is held against its goal, and one without a goal against nothing', () => {
  const found = { id: 'X1', what: 'a start', ours: 300, raw: 100, unit: 'ms' } as const;
  const rows = resultsTable([
    compare({ ...found, goal: { atMost: 1.5 } }),
    compare({ ...found, goal: { atLeast: 1.5 } }),
    compare(found),
  ]).split('\n');
  const cells = rows.slice(2).map((row) => row.split('|').map((cell) => cell.trim()));
  assert.deepEqual(
    cells.map((row) => row.slice(5, 8)),
    [
      ['3.00', '≤ 1.5', '**no**'],
      ['3.00', '≥ 1.5', 'yes'],
      ['3.00', '', ''],
    ],
  );
});
