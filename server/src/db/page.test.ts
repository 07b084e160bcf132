import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { pageCreate } from './page.ts';

const NO_CURSOR = { limit: 2, cursor: null };
const rows = (...ids: number[]) => ids.map((id) => ({ id }));

describe('a page', () => {
  it('detects further rows by fetching one more', () => {
    assert.deepEqual(pageCreate(NO_CURSOR, rows(5, 4, 3), false), {
      rows: rows(5, 4),
      hasNewer: false,
      hasOlder: true,
    });
    assert.deepEqual(pageCreate(NO_CURSOR, rows(5, 4), false), {
      rows: rows(5, 4),
      hasNewer: false,
      hasOlder: false,
    });
  });

  it('fetched backwards is turned round', () => {
    const request = { limit: 2, cursor: { position: 3, backwards: true } };
    assert.deepEqual(pageCreate(request, rows(4, 5, 6), true), {
      rows: rows(5, 4),
      hasNewer: true,
      hasOlder: true,
    });
  });
});
