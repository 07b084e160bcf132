import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { wordsFormat, wordsParse } from './command-text.ts';

it('gives any words back', () => {
  const word = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc
      .array(fc.constantFrom("'", '"', '\\', ' ', '\n', '\r', '\t', '$', "$'", 'a'))
      .map((parts) => parts.join('')),
  );
  fc.assert(
    fc.property(fc.array(word), (words) => {
      const line = wordsFormat(words);
      assert.deepEqual(wordsParse(line).words, words);
      assert.doesNotMatch(line, /\r/);
    }),
    { numRuns: 2000 },
  );
});

it('splits as a shell does', () => {
  const cases = [
    ['', []],
    ['  nginx -g "daemon off;" ', ['nginx', '-g', 'daemon off;']],
    [`sh -c 'echo $A; sleep 1'`, ['sh', '-c', 'echo $A; sleep 1']],
    [String.raw`a\ b "c\"d" ''`, ['a b', 'c"d', '']],
    ['--x="$HOME"/y', ['--x=$HOME/y']],
    ['a \\\n  --b \\\nc', ['a', '--b', 'c']],
    ['jo\\\nined', ['joined']],
  ] as const;
  for (const [line, words] of cases) assert.deepEqual(wordsParse(line).words, words, line);
});

it('says what is wrong', () => {
  assert.match(wordsParse("a 'b").fault ?? '', /not closed/);
  assert.match(wordsParse('a\\').fault ?? '', /backslash/);
});
