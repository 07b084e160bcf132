import assert from 'node:assert/strict';
import { test } from 'node:test';
import { preferWaitParse } from './wait.ts';

void test('the seconds of a wait are read from the header Prefer', () => {
  for (const [header, seconds] of [
    [undefined, null],
    ['', null],
    ['wait=5', 5],
    ['Wait = "5"', 5],
    ['respond-async, wait=5', 5],
    ['wait=5; foo=bar', 5],
    ['return=minimal,wait=60', 60],
    ['wait=61', 60],
    ['wait=999999999', 60],
    ['wait=0', null],
    ['wait=-1', null],
    ['wait=1.5', null],
    ['wait', null],
    ['wait=', null],
    ['wait=ten', null],
    ['awaits=5', null],
    [['respond-async', 'wait=7'], 7],
  ] as const) {
    assert.equal(preferWaitParse(header as string | string[] | undefined), seconds, String(header));
  }
});
