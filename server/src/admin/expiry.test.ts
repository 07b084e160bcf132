import assert from 'node:assert/strict';
import { test } from 'node:test';
import { expiryParse } from './expiry.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const parse = (text: string) => expiryParse(text, NOW).toISOString();

test('reads durations from now', () => {
  assert.equal(parse('45m'), '2026-11-24T12:45:00.000Z');
  assert.equal(parse('12h'), '2026-11-25T00:00:00.000Z');
  assert.equal(parse('30d'), '2026-12-24T12:00:00.000Z');
  assert.equal(parse('2w'), '2026-12-08T12:00:00.000Z');
});

test('reads RFC 3339 with any offset', () => {
  assert.equal(parse('2027-01-31T12:00:00Z'), '2027-01-31T12:00:00.000Z');
  assert.equal(parse('2027-01-31t12:00:00.5+02:00'), '2027-01-31T10:00:00.500Z');
});

test('refuses what is no time', () => {
  for (const text of [
    'tomorrow',
    '30',
    'd',
    '1.5d',
    '-1d',
    '99999d',
    '2027-02-30T12:00:00Z',
    '2027-01-31',
    '2027-01-31T12:00:00',
    '2027-01-31T25:00:00Z',
  ]) {
    assert.throws(() => parse(text), /is no time/, text);
  }
});

test('refuses what has passed', () => {
  for (const text of ['0d', '2026-11-24T12:00:00Z', '2020-01-01T00:00:00Z']) {
    assert.throws(() => parse(text), /not in the future/, text);
  }
});
