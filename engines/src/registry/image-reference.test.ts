import assert from 'node:assert/strict';
import { test } from 'node:test';
import { canonicalReference, isPinnedReference, imageReferenceParse } from './image-reference.ts';

const SHA256 = `sha256:${'a1'.repeat(32)}`;
const SHA512 = `sha512:${'b2'.repeat(64)}`;

const CANONICAL: Record<string, string> = {
  nginx: 'docker.io/library/nginx:latest',
  'nginx:1.27': 'docker.io/library/nginx:1.27',
  'docker.io/nginx': 'docker.io/library/nginx:latest',
  'index.docker.io/a/b:2': 'docker.io/a/b:2',
  'a/b/c': 'docker.io/a/b/c:latest',
  'host:5000': 'docker.io/library/host:5000',
  'host:5000/a/b:T_1.x-y': 'host:5000/a/b:T_1.x-y',
  'localhost/a': 'localhost/a:latest',
  'Host/a': 'Host/a:latest',
  'ghcr.io/a/b-c__d.e/f': 'ghcr.io/a/b-c__d.e/f:latest',
  '[::1]:5000/a': '[::1]:5000/a:latest',
  '[fd00::1]/a:1': '[fd00::1]/a:1',
  [`a@${SHA256}`]: `docker.io/library/a@${SHA256}`,
  [`x.y/a:1@${SHA256}`]: `x.y/a:1@${SHA256}`,
  [`x.y/a@${SHA512}`]: `x.y/a@${SHA512}`,
  [`${'a'.repeat(237)}`]: `docker.io/library/${'a'.repeat(237)}:latest`,
  [`a:${'t'.repeat(128)}`]: `docker.io/library/a:${'t'.repeat(128)}`,
};

for (const [text, canonical] of Object.entries(CANONICAL)) {
  test(`${text.slice(0, 60)} is read`, () => {
    const reference = imageReferenceParse(text);
    assert.ok(reference !== null);
    assert.equal(canonicalReference(reference), canonical);
    const again = imageReferenceParse(canonical);
    assert.ok(again !== null);
    assert.equal(canonicalReference(again), canonical);
  });
}

const NONE = [
  ...[
    '',
    ' ',
    '/',
    ':',
    '@',
    'a b',
    ' a',
    'a ',
    'a\n',
    'a;b',
    '$(a)',
    '`a`',
    'a|b',
    'ä',
    'A',
    'a/B',
  ],
  ...[
    'a//b',
    '/a',
    'a/',
    '-a',
    'a-',
    'a..b',
    'a___b',
    '.a',
    'a:',
    'a:.t',
    'a:-t',
    'a:b:c',
    'a:b/c',
  ],
  ...[
    'x.y:port/a',
    'x.y:123456/a',
    'x.y:65536/a',
    'x.y:0/a',
    '[::1]:65536/a',
    'x.y./a',
    '.x/a',
    'x.-y/a',
    '[::1/a',
    '::1/a',
    '[x]/a',
    'http://x.y/a',
  ],
  ...['a@', 'a@sha256:', 'a@sha256:zz', `a@md5:${'a'.repeat(32)}`, `a@${SHA256.toUpperCase()}`],
  ...[
    `a@${SHA256}a`,
    `a@${SHA256}@${SHA256}`,
    'a'.repeat(64),
    'a'.repeat(256),
    `a:${'t'.repeat(129)}`,
  ],
];
for (const text of NONE) {
  test(`${JSON.stringify(text).slice(0, 60)} is not a reference`, () => {
    assert.equal(imageReferenceParse(text), null);
  });
}

test('a digest or a tag other than latest is pinned', () => {
  for (const [text, isPinned] of [
    ['a', false],
    ['a:latest', false],
    ['x.y/a', false],
    ['a:1', true],
    [`a@${SHA256}`, true],
    [`a:latest@${SHA256}`, true],
  ] as const) {
    const reference = imageReferenceParse(text);
    assert.ok(reference !== null);
    assert.equal(isPinnedReference(reference), isPinned, text);
  }
});
