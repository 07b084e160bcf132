import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Harness, harnessOpen } from '../support/harness.ts';
import { objectReadCreate } from '../../src/db/object-read.ts';

let harness: Harness;
before(async () => {
  harness = await harnessOpen();
});
after(() => harness.close());

it('a read by id finds an object in its own org only, even with concurrent readers', async () => {
  const [a, b] = [await harness.callerAdd(), await harness.callerAdd()];
  const kinds = { containers: { image: 'x' }, volumes: { size_gb: 1 } } as const;
  for (const [kind, body] of Object.entries(kinds)) {
    const path = `/${kind}/${(await a.api.post(`/${kind}/`, { name: 'one', ...body })).body.id}/`;
    const replies = await Promise.all([a.api.get(path), b.api.get(path), a.api.get(path)]);
    assert.deepEqual(
      replies.map(({ status }) => status),
      [200, 404, 200],
      kind,
    );
  }
});

it('a row of another org does not leave the database', async () => {
  const [a, b] = [await harness.callerAdd(), await harness.callerAdd()];
  const { id = 0 } = (await a.api.post('/volumes/', { name: 'one', size_gb: 1 })).body;
  const read = objectReadCreate<{ id: number; org_id: number }>('volumes', ['id', 'org_id']);
  const { db } = harness;
  const found = await Promise.all([
    read(db, [a.org.id], id),
    read(db, [b.org.id], id),
    read(db, [b.org.id, a.org.id], id),
    read(db, [], id),
    read(db, [a.org.id], id + 1),
  ]);
  const row = { id, org_id: a.org.id };
  assert.deepEqual(found, [row, null, row, null, null]);
});
