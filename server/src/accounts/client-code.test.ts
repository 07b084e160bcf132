import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemRandom } from '../base/system.ts';
import { clientCodeCreate, clientCodeParse } from './client-code.ts';

test('a code is read as it is typed', () => {
  const made = clientCodeCreate(systemRandom);
  assert.match(made.text, /^[B-DF-HJ-NP-TV-XZ]{4}(-[B-DF-HJ-NP-TV-XZ]{4}){2}$/);
  const letters = made.text.replaceAll('-', '');
  for (const typed of [
    made.text,
    letters,
    letters.toLowerCase(),
    ` ${letters.slice(0, 6)} ${letters.slice(6)}`,
  ]) {
    assert.deepEqual(clientCodeParse(typed), made);
  }
  for (const wrong of [
    '',
    letters.slice(1),
    `${letters}B`,
    `${letters.slice(1)}A`,
    '1234-5678-9012',
  ]) {
    assert.equal(clientCodeParse(wrong), null, wrong);
  }
});

test('each letter is as likely in each place', () => {
  const counts = new Map<string, number>();
  for (let made = 0; made < 2000; made += 1) {
    for (const letter of clientCodeCreate(systemRandom).text.replaceAll('-', '')) {
      counts.set(letter, (counts.get(letter) ?? 0) + 1);
    }
  }
  assert.equal(counts.size, 20);
  // 1200 expected, with a deviation of 34: this is over nine of them.
  for (const [letter, count] of counts)
    assert.ok(Math.abs(count - 1200) < 320, `${letter} ${count}`);
});
