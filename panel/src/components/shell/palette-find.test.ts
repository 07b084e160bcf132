import assert from 'node:assert/strict';
import { it } from 'node:test';
import { paletteFind } from './palette-find.ts';

const find = (typed: string, ...texts: string[]) =>
  paletteFind(
    texts.map((text) => ({ text, also: 'nginx:1.27' })),
    typed,
  ).map(({ text }) => text);

it('finds what contains every word, and what begins with the first before others', () => {
  const texts = ['my-web', 'API web', 'web', 'Volumes'];
  assert.deepEqual(find('WEB', ...texts), ['web', 'API web', 'my-web']);
  assert.deepEqual(find(' web  a', ...texts), ['API web']);
  assert.deepEqual(find('', ...texts), texts);
  assert.deepEqual(find('nginx', 'a', 'nginx'), ['nginx', 'a']);
  assert.equal(find('a', ...Array.from({ length: 80 }, (_, index) => `a${index}`)).length, 50);
});
