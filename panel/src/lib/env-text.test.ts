import assert from 'node:assert/strict';
import { it } from 'node:test';
import fc from 'fast-check';
import { envFaults, envFormat, envOf, envParse, envRowsOf } from './env-text.ts';

/** Any string, with many of those that a format could trip over. */
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc
    .array(
      fc.constantFrom(
        ...['"', "'", '\\', '\n', '\r', '\r\n', '\t', ' ', '#', '=', '$', 'export ', '\\n', 'é'],
        ...['\uD83D\uDE00', '\uFEFF', '\u2028', '\0', 'a', '`', '\\u0041'],
      ),
    )
    .map((parts) => parts.join('')),
);

it('gives any map back byte for byte, through rows, text and what is saved', () => {
  fc.assert(
    fc.property(
      fc.dictionary(
        anyText.filter((name) => name !== ''),
        anyText,
      ),
      (env) => {
        const rows = envRowsOf(env);
        const parsed = envParse(envFormat(rows));
        assert.deepEqual(parsed.fault, undefined);
        assert.deepEqual(parsed.rows, rows);
        assert.deepEqual({ ...envOf(parsed.rows ?? []) }, { ...env });
        // A text area shows every line break as \n: the text must not contain another.
        assert.doesNotMatch(envFormat(rows), /\r/);
      },
    ),
    { numRuns: 2000 },
  );
});

it('reads .env files as people write them', () => {
  const text = `# settings
export PORT=8080
URL = http://host/?a=b#c   # a comment
EMPTY=
SINGLE='as $it \\n is'
DOUBLE="two\\nlines and a \\"quote\\" \\d"
KEY="-----BEGIN-----
abc
-----END-----"

NAME=a b c\r
LAST=x`;
  assert.deepEqual(envParse(text).rows, [
    { name: 'PORT', value: '8080' },
    { name: 'URL', value: 'http://host/?a=b#c' },
    { name: 'EMPTY', value: '' },
    { name: 'SINGLE', value: 'as $it \\n is' },
    { name: 'DOUBLE', value: 'two\nlines and a "quote" \\d' },
    { name: 'KEY', value: '-----BEGIN-----\nabc\n-----END-----' },
    { name: 'NAME', value: 'a b c' },
    { name: 'LAST', value: 'x' },
  ]);
});

it('names the line of a fault', () => {
  const cases = [
    ['A=1\nB', 2, /NAME=value/],
    ['A="x\ny', 1, /not closed/],
    ['A="x" y', 1, /line break/],
  ] as const;
  for (const [text, line, message] of cases) {
    const { fault } = envParse(text);
    assert.equal(fault?.line, line, text);
    assert.match(fault.message, message);
  }
});

it('reports a name that occurs twice or is missing, and ignores empty rows', () => {
  const rows = [
    { name: 'A', value: '1' },
    { name: '', value: '' },
    { name: 'A', value: '2' },
    { name: '', value: 'x' },
  ];
  assert.deepEqual(Object.keys(envFaults(rows)), ['2', '3']);
  assert.deepEqual(envOf([{ name: '', value: '' }]), {});
});
