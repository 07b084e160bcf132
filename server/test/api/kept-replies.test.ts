import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { keptReplyPurge } from '../../src/http/idempotency.ts';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { assertError } from '../support/http-client.ts';

const DAY_MS = 24 * 3_600_000;

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

const keyed = (key: string) => ({ 'idempotency-key': key });

async function keptBytes(orgId: number): Promise<{ counted: number; stored: number }> {
  const { rows } = await sql<{ counted: number; stored: number }>`
    select coalesce((select bytes from idempotency_usage where org_id = ${orgId}), 0) as counted,
      coalesce(sum(octet_length(reply_sealed)), 0)::bigint as stored
    from idempotency_keys where org_id = ${orgId}`.execute(harness.db);
  return rows[0] ?? assert.fail();
}

describe('a reply that is stored under an Idempotency-Key', () => {
  it('takes less room than it has characters, and comes back as it was', async () => {
    const { api, org } = await harness.callerAdd();
    const body = { name: 'web', image: 'x', env: { A: 'text '.repeat(10_000) } };
    const first = await api.post('/containers/', body, keyed('large'));
    const again = await api.post('/containers/', body, keyed('large'));
    assert.equal(first.status, 201);
    assert.deepEqual([again.text, again.headers.etag], [first.text, first.headers.etag]);
    assert.equal(again.headers.location, first.headers.location);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    const { counted, stored } = await keptBytes(org.id);
    assert.equal(counted, stored);
    assert.ok(stored < first.text.length / 10, `${stored} bytes`);
  });

  it('is counted until it is removed, even if its key is used again', async () => {
    const { api, org } = await harness.callerAdd();
    const post = (name: string, key: string) =>
      api.post('/containers/', { name, image: 'x' }, keyed(key));
    await post('a', 'one');
    await post('b', 'two');
    harness.clock.advance(DAY_MS + 1000);
    assert.equal((await post('c', 'one')).status, 201);
    const before = await keptBytes(org.id);
    assert.equal(before.counted, before.stored);
    await keptReplyPurge(harness.db, harness.clock.now());
    const after = await keptBytes(org.id);
    assert.equal(after.counted, after.stored);
    assert.ok(after.stored < before.stored && after.stored > 0);
  });

  it('may be smaller than the one that was stored under its key', async () => {
    const { api, org } = await harness.callerAdd();
    const post = (name: string, env: object) =>
      api.post('/containers/', { name, image: 'x', env }, keyed('one'));
    const random = Array.from({ length: 500 }, () => crypto.randomUUID()).join('');
    assert.equal((await post('a', { A: random })).status, 201);
    harness.clock.advance(DAY_MS + 1000);
    assert.equal((await post('b', {})).status, 201);
    const { counted, stored } = await keptBytes(org.id);
    assert.equal(counted, stored);
  });

  it('is refused, with its write, if the org has no room for more', async () => {
    const { api, org } = await harness.callerAdd();
    await api.post('/containers/', { name: 'a', image: 'x' }, keyed('a'));
    const { counted } = await keptBytes(org.id);
    await harness.db
      .updateTable('idempotency_usage')
      .set({ bytes: 64 * 1_048_576 - 1 })
      .where('org_id', '=', org.id)
      .execute();
    const refused = await api.post('/containers/', { name: 'b', image: 'x' }, keyed('b'));
    assertError(refused, 429, 'rate_limited');
    assert.ok(refused.headers['retry-after']);
    assert.equal((await api.get('/containers/?name=b')).body.results?.length, 0);
    // Stored replies are still replayed, and a write without a key needs no storage.
    assert.equal(
      (await api.post('/containers/', { name: 'a', image: 'x' }, keyed('a'))).status,
      201,
    );
    assert.equal((await api.post('/containers/', { name: 'b', image: 'x' })).status, 201);
    assert.ok(counted > 0);
  });
});
