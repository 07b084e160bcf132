import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import type { Page } from '../db/page.ts';
import { cursorFormat, cursorParse, pageLinks, pageRequestParse } from './pagination.ts';

const rows = (...ids: number[]) => ids.map((id) => ({ id }));

describe('a cursor', () => {
  it("is the text's example", () => {
    assert.equal(cursorFormat({ position: 2, backwards: false }), 'cD0y');
    assert.deepEqual(cursorParse('cD0y'), { position: 2, backwards: false });
  });

  it('backwards is r=1&p=<position>', () => {
    const text = Buffer.from('r=1&p=77').toString('base64');
    assert.equal(cursorFormat({ position: 77, backwards: true }), text);
    assert.deepEqual(cursorParse(text), { position: 77, backwards: true });
  });

  it('is read back as it was written', () => {
    for (const position of [0, 1, 9, 10, 12_345, Number.MAX_SAFE_INTEGER]) {
      for (const backwards of [true, false]) {
        const cursor = { position, backwards };
        assert.deepEqual(cursorParse(cursorFormat(cursor)), cursor);
        assert.deepEqual(cursorParse(cursorFormat(cursor).replaceAll('=', '')), cursor, 'unpadded');
      }
    }
  });

  it('is refused when it is noise', () => {
    const coded = [
      'p=',
      'p=-1',
      'p=01',
      'p=1.5',
      'p=1e3',
      'p=9007199254740992',
      'p=1&r=1',
      'r=0&p=1',
      ' p=1',
    ];
    const noise = [
      '',
      ' ',
      '=',
      'cD0y!',
      'cD0 y',
      'c\nD0y',
      '🦊',
      'cD0',
      'p=2',
      'cD0y'.repeat(1000),
    ];
    for (const text of [...noise, ...coded.map((code) => Buffer.from(code).toString('base64'))]) {
      assert.equal(cursorParse(text), null, JSON.stringify(text.slice(0, 40)));
    }
  });
});

describe('a page request', () => {
  it('has 50 rows by default, and never more than 200', () => {
    assert.equal(pageRequestParse({}).limit, 50);
    assert.equal(pageRequestParse({ limit: '1' }).limit, 1);
    assert.equal(pageRequestParse({ limit: '200' }).limit, 200);
    assert.equal(pageRequestParse({ limit: '201' }).limit, 200);
    assert.equal(pageRequestParse({ limit: `1${'0'.repeat(30)}` }).limit, 200);
    assert.equal(pageRequestParse({ limit: `1${'0'.repeat(400)}` }).limit, 200);
  });
});

describe('the links of a page', () => {
  const middle: Page<{ id: number }> = { rows: rows(5, 4), hasNewer: true, hasOlder: true };
  const cursorOf = (link: string | null): string | null =>
    new URL(link ?? '').searchParams.get('cursor');

  it('are absolute, on the public URL', () => {
    const { next } = pageLinks('https://panel.example', '/api/v1/containers/?limit=2', middle);
    assert.equal(next, 'https://panel.example/api/v1/containers/?limit=2&cursor=cD00');
  });

  it('keep every other parameter', () => {
    const { next, previous } = pageLinks(
      'http://h:1',
      '/api/v1/containers/?org=a&limit=2&cursor=cD02&name=x%26y',
      middle,
    );
    for (const link of [next, previous]) {
      const { searchParams, origin } = new URL(link ?? '');
      assert.equal(origin, 'http://h:1');
      assert.deepEqual(
        [searchParams.get('org'), searchParams.get('limit'), searchParams.get('name')],
        ['a', '2', 'x&y'],
      );
      assert.equal(searchParams.getAll('cursor').length, 1);
    }
    assert.equal(cursorOf(next), cursorFormat({ position: 4, backwards: false }));
    assert.equal(cursorOf(previous), cursorFormat({ position: 5, backwards: true }));
  });

  it('end in a slash before the query, however they were asked for', () => {
    const { next } = pageLinks('http://h', '/api/v1/containers?limit=2', middle);
    assert.match(next ?? '', /^http:\/\/h\/api\/v1\/containers\/\?/);
  });

  it('never leave the public URL', () => {
    const { next } = pageLinks(
      'https://panel.example',
      'http://evil.example/api/v1/containers/',
      middle,
    );
    assert.match(next ?? '', /^https:\/\/panel\.example\//);
  });

  it('are null where there is no more', () => {
    const only = { rows: rows(1), hasNewer: false, hasOlder: false };
    assert.deepEqual(pageLinks('http://h', '/x/', only), { next: null, previous: null });
    assert.deepEqual(pageLinks('http://h', '/x/', { ...only, rows: [] }), {
      next: null,
      previous: null,
    });
  });

  it('lead back from a page whose rows have all gone', () => {
    const gone = { rows: [], hasNewer: true, hasOlder: false };
    const { next, previous } = pageLinks('http://h', '/x/?cursor=cD02', gone);
    assert.equal(next, null);
    assert.deepEqual(cursorParse(cursorOf(previous) ?? ''), { position: 5, backwards: true });
  });
});
