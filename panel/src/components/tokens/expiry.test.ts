import assert from 'node:assert/strict';
import { it } from 'node:test';
import { EXPIRIES, expiryOf } from './expiry.ts';

const NOW = new Date('2026-11-24T12:00:00.000Z');

it('is so many days from now, or never', () => {
  assert.equal(expiryOf('7', NOW), '2026-12-01T12:00:00.000Z');
  assert.equal(expiryOf('365', NOW), '2027-11-24T12:00:00.000Z');
  for (const choice of ['never', undefined, '', '-1', '1.5']) {
    assert.equal(expiryOf(choice, NOW), null, String(choice));
  }
});

it('is something for each choice but one', () => {
  const never = EXPIRIES.filter(({ value }) => expiryOf(value, NOW) === null);
  assert.deepEqual(
    never.map(({ value }) => value),
    ['never'],
  );
});
