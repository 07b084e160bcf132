import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { assertContainer } from '../support/http-client.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

it('a page has as many objects as fit, and leads to all others in both directions', async () => {
  const { api } = await harness.callerAdd();
  const count = 90;
  const env = { A: 'x'.repeat(60_000) };
  const made: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const reply = await api.post('/containers/', { name: `c${index}`, image: 'x', env });
    made.push(assertContainer(reply, 201).id);
  }
  const seen: number[] = [];
  let path: string | null = '/containers/?limit=200';
  let previous: string | null = null;
  let pages = 0;
  while (path !== null) {
    const { text, body } = await api.get(path);
    assert.ok(text.length < 5_000_000, `${text.length} bytes`);
    seen.push(...(body.results ?? []).map(({ id }) => id));
    pages += 1;
    previous = body.previous ?? null;
    path = body.next ? body.next.slice(body.next.indexOf('/containers/')) : null;
  }
  assert.deepEqual(seen, made.toReversed());
  assert.ok(pages > 1);
  assert.ok(previous !== null);
  const back = await api.get(previous.slice(previous.indexOf('/containers/')));
  const ids = (back.body.results ?? []).map(({ id }) => id);
  assert.ok(ids.length > 1 && back.text.length < 5_000_000);
  // The previous page ends where the last one began.
  const last = seen.indexOf(ids.at(-1) ?? 0);
  assert.deepEqual(ids, seen.slice(last - ids.length + 1, last + 1));
});
