import assert from 'node:assert/strict';
import { it } from 'node:test';
import { returnPathOf } from './return-path.ts';

const ORIGIN = 'https://panel.example';

it('leads to paths of this origin', () => {
  for (const path of ['/', '/settings/account/', '/orgs/a/?x=1&y=%2F#z', '/api/v1/docs/']) {
    assert.equal(returnPathOf(path, ORIGIN), path);
  }
});

it('leads home instead of anywhere else', () => {
  const bad = [
    ...[
      'https://evil.example/',
      '//evil.example',
      '/\\evil.example',
      '/\t/evil.example',
      '\\/evil',
    ],
    ...[
      'javascript:alert(1)',
      'settings',
      '',
      '/sign-in',
      '/sign-in/?next=/x',
      '/..//evil.example',
    ],
  ];
  for (const wanted of [undefined, ...bad])
    assert.equal(returnPathOf(wanted, ORIGIN), '/', String(wanted));
});
