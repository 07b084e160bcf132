import assert from 'node:assert/strict';
import { test } from 'node:test';
import { tableFormat, timeShow } from './table.ts';

const COLUMNS = {
  ID: (row: { id: number; name: string }) => row.id,
  NAME: (row: { id: number; name: string }) => row.name,
};

test('columns are as wide as their widest cell', () => {
  const rows = [
    { id: 1, name: 'a' },
    { id: 1000, name: '' },
  ];
  assert.equal(tableFormat(rows, COLUMNS, 'None.'), 'ID    NAME\n1     a\n1000');
  assert.equal(tableFormat([], COLUMNS, 'None.'), 'None.');
});

test('names can neither steer the terminal nor break a row', () => {
  const text = tableFormat([{ id: 1, name: '\u001B[31m\n\u202E' }], COLUMNS, '');
  assert.equal(text, 'ID  NAME\n1   \\u{1b}[31m\\u{a}\\u{202e}');
});

test('times are shown to the second', () => {
  assert.equal(timeShow(new Date('2026-11-24T12:00:00.123Z')), '2026-11-24T12:00:00Z');
  assert.equal(timeShow(null), '-');
});
