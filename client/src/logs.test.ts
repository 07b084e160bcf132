import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dollarboxClientCreate } from './connect.ts';
import { logsRead } from './logs.ts';

const LAST = 2500;

/** A server with a log of lines 1 to 2500, whose cursors are the numbers of lines. */
function logServer() {
  const asked: string[] = [];
  const client = dollarboxClientCreate({
    ...{ baseUrl: 'http://box.example', token: 'dbx_test', retries: 0 },
    async fetch({ url }) {
      const { searchParams: query, search, pathname } = new URL(url);
      asked.push(search);
      const cursor = query.get('cursor');
      const end = cursor === null ? LAST : Number(cursor) - 1;
      const rows = Math.min(Number(query.get(cursor === null ? 'tail' : 'limit')), 1000);
      const first = Math.max(end - rows, 0) + 1;
      const results = Array.from({ length: end - first + 1 }, (_, index) => {
        return { type: 'line', cursor: String(first + index), text: `line ${first + index}` };
      });
      const previous =
        first === 1 ? null : `http://elsewhere.example${pathname}?cursor=${first}&limit=5`;
      return Response.json({ next: null, previous, results });
    },
  });
  return { client, asked };
}

test('reads as many of the last lines as asked for, oldest first', async () => {
  for (const [tail, requests] of [
    [0, 1],
    [3, 1],
    [1000, 1],
    [1001, 2],
    [2400, 3],
    [2500, 3],
    [9000, 3],
  ] as const) {
    const { client, asked } = logServer();
    const rows = await logsRead(client, 17, { tail, stream: 'stderr' });
    const count = Math.min(tail, LAST);
    const expected = Array.from({ length: count }, (_, index) => String(LAST - count + 1 + index));
    assert.deepEqual(
      rows.map(({ cursor }) => cursor),
      expected,
    );
    assert.equal(asked.length, requests);
    assert.ok(asked.every((search) => search.includes('stream=stderr')));
  }
});

test('reads the last 200 lines if not told otherwise', async () => {
  const { client, asked } = logServer();
  assert.equal((await logsRead(client, 17)).length, 200);
  assert.deepEqual(asked, ['?tail=200']);
});
