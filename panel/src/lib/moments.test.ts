import assert from 'node:assert/strict';
import { it } from 'node:test';
import { relativeText, waitText } from './moments.ts';

const NOW = new Date('2026-11-24T12:00:00.000Z');

it('says how far a moment is, in the largest unit that fits', () => {
  const cases = [
    ['2026-11-24T12:00:00.000Z', 'just now'],
    ['2026-11-24T11:59:01.000Z', 'just now'],
    ['2026-11-24T12:00:30.000Z', 'in less than a minute'],
    ['2026-11-24T11:58:00.000Z', '2 minutes ago'],
    ['2026-11-24T09:00:00.000Z', '3 hours ago'],
    ['2026-11-23T11:00:00.000Z', 'yesterday'],
    ['2026-12-01T11:59:59.000Z', 'in 7 days'],
    ['2027-11-24T12:00:00.000Z', 'next year'],
  ] as const;
  for (const [moment, text] of cases) assert.equal(relativeText(moment, NOW), text, moment);
});

it('says a wait as people plan with it', () => {
  assert.deepEqual([0.2, 1, 59, 120, 899].map(waitText), [
    '1 second',
    '1 second',
    '59 seconds',
    '2 minutes',
    '15 minutes',
  ]);
});
