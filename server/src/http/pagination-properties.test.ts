import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import fc from 'fast-check';
import { type Cursor, type PageRequest, pageCreate } from '../db/page.ts';
import { property } from '../../test/support/properties.ts';
import { cursorFormat, cursorParse, pageLinks, pageRequestParse } from './pagination.ts';

const cursor: fc.Arbitrary<Cursor> = fc.record(
  { position: fc.maxSafeNat(), backwards: fc.boolean() },
  { noNullPrototype: true },
);

describe('a cursor', () => {
  it('is read back as it was written, whatever it points to', () => {
    property(cursor, (each) => assert.deepEqual(cursorParse(cursorFormat(each)), each));
  });

  it('is either refused or one that we would write', () => {
    const text = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.base64String(),
      fc.string().map((inner) => Buffer.from(inner).toString('base64')),
      fc.stringMatching(/^(r=1&)?p=-?\d{0,20}$/).map((inner) => btoa(inner)),
      fc.tuple(cursor, fc.nat(20), fc.string({ maxLength: 2 })).map(([each, at, noise]) => {
        const written = cursorFormat(each);
        return written.slice(0, at) + noise + written.slice(at);
      }),
    );
    property(
      text,
      (each) => {
        const parsed = cursorParse(each);
        if (parsed === null) return;
        const plain = each.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '');
        assert.equal(plain, cursorFormat(parsed).replace(/=+$/, ''));
      },
      5000,
    );
  });
});

describe('the pages of a list', () => {
  const list = fc.record({
    ids: fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 30 }),
    limit: fc.integer({ min: 1, max: 12 }),
    filter: fc.string({ unit: 'binary' }),
  });

  it('have every row once, in order, forwards and back, and keep the filters', () => {
    property(list, ({ ids, limit, filter }) => {
      const newestFirst = ids.toSorted((a, b) => b - a);
      const query = new URLSearchParams({ name: filter, limit: String(limit) });
      const first = `/api/v1/things/?${query.toString()}`;
      const forwards = walk(newestFirst, first, 'next');
      assert.deepEqual(forwards.pages.flat(), newestFirst);
      const back = walk(newestFirst, forwards.last, 'previous');
      assert.deepEqual(back.pages.toReversed().flat(), newestFirst);
      for (const url of [forwards.last, back.last]) {
        const { searchParams } = new URL(url, 'https://panel.example');
        assert.equal(searchParams.get('name'), query.get('name'));
        assert.equal(searchParams.get('limit'), String(limit));
      }
    });
  });

  it('stay right while rows come and go between them', () => {
    const change = fc.record({
      added: fc.array(fc.integer({ min: 1001, max: 2000 }), { maxLength: 3 }),
      removed: fc.array(fc.nat(29), { maxLength: 3 }),
    });
    property(fc.tuple(list, fc.array(change, { maxLength: 10 })), ([{ ids, limit }, changes]) => {
      const kept = new Set(ids);
      let present = ids.toSorted((a, b) => b - a);
      let url: string | null = `/api/v1/things/?limit=${limit}`;
      const seen: number[] = [];
      for (let step = 0; url !== null; step += 1) {
        const page = pageOf(present, url);
        seen.push(...page.rows);
        url = page.next;
        const { added = [], removed = [] } = changes[step] ?? {};
        const gone = new Set(removed.map((index) => ids[index]));
        for (const id of gone) if (id !== undefined) kept.delete(id);
        present = [...new Set([...added, ...present])]
          .filter((id) => !gone.has(id))
          .toSorted((a, b) => b - a);
      }
      assert.equal(new Set(seen).size, seen.length, 'a row twice');
      // What was there all the time is seen, and what came later is on pages before.
      for (const id of kept) assert.ok(seen.includes(id), String(id));
    });
  });
});

/** Follows the links of a list until there is none. */
function walk(newestFirst: readonly number[], first: string, to: 'next' | 'previous') {
  const pages: number[][] = [];
  let [url, last]: [string | null, string] = [first, first];
  while (url !== null) {
    assert.ok(pages.length <= newestFirst.length, 'a circle');
    const page = pageOf(newestFirst, url);
    pages.push(page.rows);
    last = url;
    url = page[to];
  }
  return { pages, last };
}

/** A page as a list over these rows would answer it. */
function pageOf(newestFirst: readonly number[], url: string) {
  const { searchParams } = new URL(url, 'https://panel.example');
  const [limit, text] = [searchParams.get('limit'), searchParams.get('cursor')];
  const request: PageRequest = pageRequestParse({
    ...(limit === null ? {} : { limit }),
    ...(text === null ? {} : { cursor: text }),
  });
  const { cursor: from } = request;
  const rows = newestFirst.map((id) => ({ id }));
  const ahead = rows.filter(({ id }) => {
    if (from === null) return true;
    return from.backwards ? id > from.position : id < from.position;
  });
  const fetched = from?.backwards === true ? ahead.toReversed() : ahead;
  const taken = fetched.slice(0, request.limit + 1);
  const page = pageCreate(request, taken, ahead.length < rows.length);
  const links = pageLinks('https://panel.example', url, page);
  return { rows: page.rows.map(({ id }) => id), ...links };
}
