import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertContainer, assertFaults } from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
});
after(() => harness.close());

it('a row whose env is damaged is shown as such, and can be repaired or deleted', async () => {
  const { api } = caller;
  const body = { name: 'healthy', image: 'x', env: { A: '1' } };
  const healthy = assertContainer(await api.post('/containers/', body), 201);
  const poisoned = assertContainer(await api.post('/containers/', { ...body, name: 'sick' }), 201);
  await harness.db
    .updateTable('containers')
    .set({ env_sealed: Buffer.from('damaged') })
    .where('id', '=', poisoned.id)
    .execute();
  const path = `/containers/${poisoned.id}/`;

  const { body: list } = await api.get('/containers/');
  assert.deepEqual(
    list.results?.map(({ name, env, status_reason: reason }) => [name, env, reason]),
    [
      ['sick', {}, 'data_lost'],
      ['healthy', { A: '1' }, null],
    ],
  );
  assert.equal(assertContainer(await api.get(path), 200).status_reason, 'data_lost');

  // A lost value is not treated as empty.
  assertFaults(await api.patch(path, { image: 'y' }), ['env']);
  const mended = assertContainer(await api.patch(path, { env: {} }), 200);
  assert.deepEqual([mended.env, mended.status_reason, mended.generation], [{}, null, 2]);

  await harness.db
    .updateTable('containers')
    .set({ env_sealed: Buffer.from('damaged') })
    .where('id', '=', healthy.id)
    .execute();
  assert.equal((await api.delete(`/containers/${healthy.id}/`)).status, 204);
});
