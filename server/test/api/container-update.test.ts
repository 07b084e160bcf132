import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Container } from '../../src/containers/schema.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertContainer, assertError, assertFaults } from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
});
after(() => harness.close());

let serial = 0;
const FULL = {
  image: 'nginx:1.27',
  env: { A: '1', B: '2' },
  command: ['serve', '-v'],
  ports: [80],
};

async function made(fields: Record<string, unknown> = FULL): Promise<Container> {
  const body = { name: `c${(serial += 1)}`, ...fields };
  return assertContainer(await caller.api.post('/containers/', body), 201);
}

/** A container as the reconciler leaves it once it runs. */
async function runs(id: number): Promise<void> {
  await harness.db
    .updateTable('containers')
    .set((eb) => ({
      status: 'running',
      observed_generation: eb.ref('generation'),
      revision: eb('revision', '+', 1),
    }))
    .where('id', '=', id)
    .execute();
}

/** The container's place in the queue. */
function work(id: number) {
  return harness.db
    .selectFrom('work')
    .select(['due_at', 'wake_seq'])
    .where('object_id', '=', id)
    .executeTakeFirstOrThrow();
}

describe('a PATCH', () => {
  it('leaves fields that it does not name unchanged, and replaces those that it names', async () => {
    const before = await made();
    harness.clock.advance(1000);
    const reply = await caller.api.patch(`/containers/${before.id}/`, { env: { C: '3' } });
    assert.deepEqual(assertContainer(reply, 200), {
      ...before,
      env: { C: '3' },
      generation: 2,
      updated_at: harness.clock.now().toISOString(),
    });
    assert.equal(reply.headers.etag, '"2.2"');
    const emptied = await caller.api.patch(`/containers/${before.id}/`, {
      env: {},
      command: [],
      ports: [],
    });
    const after = assertContainer(emptied, 200);
    assert.deepEqual(
      [after.env, after.command, after.ports, after.image],
      [{}, [], [], 'nginx:1.27'],
    );
  });

  it('of each field alone is a new generation, and makes the container due', async () => {
    const { id } = await made();
    const changes = [
      { image: 'nginx:1.28' },
      { env: { A: '2' } },
      { command: ['x'] },
      { ports: [81] },
      { pull_policy: 'always' },
      { stop_grace_seconds: 120 },
      { init: true },
    ];
    for (const [index, change] of changes.entries()) {
      await harness.db
        .updateTable('work')
        .set({ due_at: null })
        .where('object_id', '=', id)
        .execute();
      const { wake_seq: seq } = await work(id);
      const after = assertContainer(await caller.api.patch(`/containers/${id}/`, change), 200);
      assert.deepEqual({ ...after, ...change, generation: index + 2 }, after);
      assert.deepEqual(await work(id), { due_at: harness.clock.now(), wake_seq: seq + 1 });
    }
  });

  it('leaves status and address as they are: the reply agrees with a read a second later', async () => {
    const { id, ipv6_address: address } = await made();
    await runs(id);
    const reply = await caller.api.patch(`/containers/${id}/`, { image: 'nginx:1.28' });
    const after = assertContainer(reply, 200);
    assert.deepEqual([after.status, after.ipv6_address], ['running', address]);
    assert.deepEqual([after.generation, after.observed_generation], [2, 1]);
    harness.clock.advance(1000);
    const read = await caller.api.get(`/containers/${id}/`);
    assert.equal(read.text, reply.text);
    assert.equal(read.headers.etag, reply.headers.etag);
  });

  it('forgets why the last change could not be applied', async () => {
    const { id } = await made();
    const told = {
      status_reason: 'image_not_found',
      status_message: 'Not there.',
      restart_count: 7,
    };
    await harness.db.updateTable('containers').set(told).where('id', '=', id).execute();
    const after = assertContainer(
      await caller.api.patch(`/containers/${id}/`, { image: 'y' }),
      200,
    );
    assert.deepEqual(
      [after.status_reason, after.status_message, after.restart_count],
      [null, null, 0],
    );
  });
});

describe('a PATCH that changes nothing', () => {
  const SAME: Record<string, Record<string, unknown>> = {
    'with no field': {},
    'with all fields as they are': FULL,
    'with env in another order': { env: { B: '2', A: '1' } },
  };
  for (const [how, change] of Object.entries(SAME)) {
    it(`changes nothing: ${how}`, async () => {
      const { id, name } = await made();
      await runs(id);
      await harness.db
        .updateTable('work')
        .set({ due_at: null })
        .where('object_id', '=', id)
        .execute();
      const before = await caller.api.get(`/containers/${id}/`);
      const atRest = await work(id);
      harness.clock.advance(5000);
      for (const body of [change, { ...change, name }]) {
        const reply = await caller.api.patch(`/containers/${id}/`, body);
        assert.deepEqual([reply.status, reply.text], [200, before.text]);
        assert.equal(reply.headers.etag, before.headers.etag);
      }
      assert.equal((await caller.api.get(`/containers/${id}/`)).text, before.text);
      assert.deepEqual(await work(id), atRest);
    });
  }
});

describe('what is fixed', () => {
  it('is the name: another one is refused, the same is fine', async () => {
    const { id, name } = await made();
    assertFaults(await caller.api.patch(`/containers/${id}/`, { name: 'other' }), ['name']);
    assertFaults(
      await caller.api.patch(`/containers/${id}/`, { name: name.toUpperCase(), image: 'y' }),
      ['name'],
    );
    assert.equal((await caller.api.patch(`/containers/${id}/`, { name, image: 'y' })).status, 200);
  });

  it('is every field that clients may not write', async () => {
    const container = await made();
    const before = await caller.api.get(`/containers/${container.id}/`);
    const {
      name: _name,
      image: _image,
      env: _env,
      command: _command,
      ports: _ports,
      volumes: _volumes,
      pull_policy: _pullPolicy,
      stop_grace_seconds: _stopGraceSeconds,
      init: _init,
      ...rest
    } = container;
    const reply = await caller.api.patch(`/containers/${container.id}/`, rest);
    assertFaults(reply, Object.keys(rest));
    assert.equal((await caller.api.get(`/containers/${container.id}/`)).text, before.text);
  });
});

describe('a DELETE', () => {
  it('takes effect at once: no longer read, listed, changed or deleted, on any process', async () => {
    const { id, name } = await made();
    const other = (await harness.appAdd()).client(caller.token);
    const reply = await caller.api.delete(`/containers/${id}/`);
    assert.deepEqual([reply.status, reply.text], [204, '']);
    for (const api of [caller.api, other]) {
      assertError(await api.get(`/containers/${id}/`), 404, 'not_found');
      assertError(await api.patch(`/containers/${id}/`, { image: 'y' }), 404, 'not_found');
      assertError(await api.delete(`/containers/${id}/`), 404, 'not_found');
      assert.deepEqual((await api.get(`/containers/?name=${name}`)).body.results, []);
    }
  });

  it('keeps the row, due, until the engine has cleaned up', async () => {
    const { id } = await made();
    await harness.db
      .updateTable('work')
      .set({ due_at: null })
      .where('object_id', '=', id)
      .execute();
    await caller.api.delete(`/containers/${id}/`);
    assert.deepEqual((await work(id)).due_at, harness.clock.now());
    const row = await harness.db
      .selectFrom('containers')
      .select('deleted_at')
      .where('id', '=', id)
      .executeTakeFirstOrThrow();
    assert.deepEqual(row.deleted_at, harness.clock.now());
  });

  it("frees the name and the quota at once: replaced at the quota's limit", async () => {
    const { api, org } = await harness.callerAdd({ containerLimit: 1 });
    const ids = new Set<number>();
    for (let round = 0; round < 5; round += 1) {
      const { id } = assertContainer(
        await api.post('/containers/', { name: 'web', image: 'x' }),
        201,
      );
      ids.add(id);
      assertError(await api.post('/containers/', { name: 'b', image: 'x' }), 403, 'quota_exceeded');
      assert.equal((await api.delete(`/containers/${id}/`)).status, 204);
    }
    assert.equal(ids.size, 5);
    const usage = (await api.get(`/orgs/${org.slug}/usage/`)).body as { containers?: unknown };
    assert.deepEqual(usage.containers, { limit: 1, current: 0 });
  });
});

describe('the audit log', () => {
  it('records who did what by which request, and no values', async () => {
    const { api, userId, org } = await harness.callerAdd();
    const headers = { 'x-request-id': 'audit-me' };
    const body = { name: 'a', image: 'x', env: { KEY: 'hidden' } };
    const { id } = assertContainer(await api.post('/containers/', body, headers), 201);
    await api.patch(`/containers/${id}/`, { env: { KEY: 'hidden too' } }, headers);
    await api.delete(`/containers/${id}/`, headers);
    await api.get(`/containers/${id}/`, headers);
    const rows = await harness.db
      .selectFrom('audit_log')
      .select(['action', 'user_id', 'org_id', 'object_kind', 'object_id', 'request_id', 'detail'])
      .where('org_id', '=', org.id)
      .where('object_kind', '=', 'container')
      .orderBy('id')
      .execute();
    const common = {
      user_id: userId,
      org_id: org.id,
      object_kind: 'container',
      object_id: id,
      request_id: 'audit-me',
    };
    assert.deepEqual(rows, [
      { action: 'container.create', ...common, detail: { name: 'a' } },
      { action: 'container.update', ...common, detail: { name: 'a' } },
      { action: 'container.delete', ...common, detail: { name: 'a' } },
    ]);
  });
});
