import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import type { Container } from '../../src/containers/schema.ts';
import type { Volume } from '../../src/volumes/schema.ts';
import { type Harness, type TestApp, type TestCaller, harnessOpen } from '../support/harness.ts';
import {
  type Client,
  type Reply,
  assertContainer,
  assertError,
  assertFaults,
  assertVolume,
} from '../support/http-client.ts';

let harness: Harness;
let other: TestApp;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  other = await harness.appAdd();
  caller = await harness.callerAdd();
  await harness.db.updateTable('orgs').set({ volume_gb_limit: 100_000 }).execute();
});
after(async () => {
  assert.deepEqual(await disagreements(), []);
  assert.ok(!harness.logText().includes('"level":50'), 'an error of ours was logged');
  await harness.close();
});

let serial = 0;
const nameNew = (): string => `n${(serial += 1)}`;
const path = ({ id }: { id: number }): string => `/containers/${id}/`;
const mountAt = (volume: number, mountPath = '/data') => [{ volume, mount_path: mountPath }];

async function volume(by = caller): Promise<Volume> {
  const reply = await by.api.post('/volumes/', { name: nameNew(), size_gb: 1 });
  return assertVolume(reply, 201);
}

async function container(volumes: unknown = []): Promise<Container> {
  const body = { name: nameNew(), image: 'x', volumes };
  return assertContainer(await caller.api.post('/containers/', body), 201);
}

const read = async ({ id }: { id: number }): Promise<Volume> =>
  assertVolume(await caller.api.get(`/volumes/${id}/`), 200);

async function whereIs(one: { id: number }): Promise<unknown[]> {
  const { container: id, mount_path: mountPath } = await read(one);
  return [id, mountPath];
}

/** Mounts on which the two sides differ, and counters that differ from a recount. */
async function disagreements(): Promise<unknown[]> {
  const { rows } = await sql`
    with told as (
      select c.id as container, (m ->> 'volume')::bigint as volume, m ->> 'mount_path' as path
      from containers c cross join lateral jsonb_array_elements(c.volumes) as m where c.deleted_at is null
    ), had as (
      select container_id as container, id as volume, mount_path as path from volumes where container_id is not null
    )
    (select 'told' as by, * from (select * from told except select * from had) as a)
    union all (select 'had', * from (select * from had except select * from told) as b)
    union all
    select 'counter', id, volume_gb_count, slug from orgs
    where volume_gb_count <> (
      select coalesce(sum(size_gb), 0) from volumes v where v.org_id = orgs.id and v.deleted_at is null
    )`.execute(harness.db);
  return rows;
}

describe('a container with volumes', () => {
  it('is read back as it was written, in the order of its list; the volumes show it', async () => {
    const [a, b] = [await volume(), await volume()];
    const mounts = [...mountAt(b.id, '/var/lib/b'), ...mountAt(a.id, '/a')];
    const made = await container(mounts);
    assert.deepEqual(made.volumes, mounts);
    const reply = await caller.api.get(path(made));
    assert.deepEqual(assertContainer(reply, 200), made);
    assert.deepEqual(await whereIs(a), [made.id, '/a']);
    assert.deepEqual(await whereIs(b), [made.id, '/var/lib/b']);
    const listed = (await caller.api.get(`/containers/?name=${made.name}`)).body.results;
    assert.deepEqual(listed?.[0]?.volumes, mounts);
  });

  it('moves the ETag of its volumes, and not what If-Match compares', async () => {
    const one = await volume();
    harness.clock.advance(1000);
    await container(mountAt(one.id));
    const reply = await caller.api.get(`/volumes/${one.id}/`);
    assert.equal(reply.headers.etag, '"1.2"');
    assert.equal(assertVolume(reply, 200).updated_at, harness.clock.now().toISOString());
  });

  it('with a key is created once', async () => {
    const one = await volume();
    const headers = { 'idempotency-key': 'mounts' };
    const body = { name: nameNew(), image: 'x', volumes: mountAt(one.id) };
    const first = await caller.api.post('/containers/', body, headers);
    const again = await caller.api.post('/containers/', body, headers);
    assert.deepEqual([first.status, again.status, again.text], [201, 201, first.text]);
  });

  it('is refused volumes that the org does not have, with every fault at once', async () => {
    const elsewhere = await harness.callerAdd();
    const [foreign, gone] = [await volume(elsewhere), await volume()];
    await caller.api.delete(`/volumes/${gone.id}/`);
    const name = nameNew();
    const volumes = [
      ...mountAt(foreign.id, '/a'),
      ...mountAt(2 ** 40, '/b'),
      ...mountAt(gone.id, '/c'),
    ];
    const reply = await caller.api.post('/containers/', { name, image: 'x', volumes });
    const faults = assertFaults(reply, [
      'volumes.0.volume',
      'volumes.1.volume',
      'volumes.2.volume',
    ]);
    assert.equal(new Set(Object.values(faults).flat()).size, 1);
    assert.equal((await caller.api.get(`/containers/?name=${name}`)).body.results?.length, 0);
    const made = await container();
    assertFaults(await caller.api.patch(path(made), { volumes: mountAt(foreign.id) }), [
      'volumes.0.volume',
    ]);
  });

  it('is changed with every fault at once, before what it was matched with', async () => {
    const { id } = await container();
    await harness.db
      .updateTable('containers')
      .set({ env_sealed: Buffer.from('damaged') })
      .where('id', '=', id)
      .execute();
    const body = {
      name: 'another',
      volumes: [...mountAt(2 ** 40, '/a'), ...mountAt(2 ** 41, '/b')],
    };
    const stale = { 'if-match': '"99.1"' };
    assertFaults(await caller.api.patch(path({ id }), body, stale), [
      'env',
      'name',
      'volumes.0.volume',
      'volumes.1.volume',
    ]);
    assertFaults(await caller.api.patch(path({ id }), { image: 'y' }, stale), ['env']);
    const whole = await caller.api.patch(path({ id }), { env: {} }, stale);
    assertError(whole, 412, 'precondition_failed');
  });

  it('is refused mounts that are invalid, reported with all other faults', async () => {
    const one = await volume();
    const volumes = [...mountAt(one.id, '/proc'), ...mountAt(one.id, '/proc/x')];
    const reply = await caller.api.post('/containers/', { name: 'A', image: 'x', volumes });
    assertFaults(reply, [
      'name',
      'volumes.0.mount_path',
      'volumes.1.volume',
      'volumes.1.mount_path',
    ]);
  });

  it('is refused a volume that another container has: 409, naming it', async () => {
    const one = await volume();
    const holder = await container(mountAt(one.id));
    const body = { name: nameNew(), image: 'x', volumes: mountAt(one.id) };
    const detail = { volume: one.id, container: holder.id };
    const reply = await caller.api.post('/containers/', body);
    assert.deepEqual(assertError(reply, 409, 'conflict'), detail);
    assert.match(reply.body.error?.message ?? '', new RegExp(`"${one.name}".*"${holder.name}"`));
    assert.equal((await caller.api.get(`/containers/?name=${body.name}`)).body.results?.length, 0);
    const second = await container();
    const patched = await caller.api.patch(path(second), { volumes: body.volumes });
    assert.deepEqual(assertError(patched, 409, 'conflict'), detail);
    assert.deepEqual(await whereIs(one), [holder.id, '/data']);
  });

  it('keeps its volumes from being deleted', async () => {
    const one = await volume();
    const holder = await container(mountAt(one.id));
    const reply = await caller.api.delete(`/volumes/${one.id}/`);
    const detail = { container: holder.id, name: holder.name };
    assert.deepEqual(assertError(reply, 409, 'conflict'), detail);
    await read(one);
  });

  it('releases them when it is deleted: they can be attached or deleted at once', async () => {
    const [a, b] = [await volume(), await volume()];
    const holder = await container([...mountAt(a.id, '/a'), ...mountAt(b.id, '/b')]);
    assert.equal((await caller.api.delete(path(holder))).status, 204);
    assert.deepEqual(await whereIs(a), [null, null]);
    await container(mountAt(a.id));
    assert.equal((await caller.api.delete(`/volumes/${b.id}/`)).status, 204);
  });
});

describe('a PATCH of volumes', () => {
  it('attaches, moves and detaches; what it leaves out is untouched', async () => {
    const [a, b] = [await volume(), await volume()];
    const one = await container();
    const patch = async (body: Record<string, unknown>): Promise<Container> =>
      assertContainer(await caller.api.patch(path(one), body), 200);
    const attached = await patch({ volumes: mountAt(a.id) });
    assert.deepEqual([attached.volumes, attached.generation], [mountAt(a.id), 2]);
    assert.deepEqual(await whereIs(a), [one.id, '/data']);
    const untouched = await patch({ image: 'y' });
    assert.deepEqual([untouched.volumes, untouched.generation], [mountAt(a.id), 3]);
    const elsewhere = await patch({ volumes: mountAt(a.id, '/other') });
    assert.equal(elsewhere.generation, 4);
    assert.deepEqual(await whereIs(a), [one.id, '/other']);
    const both = [...mountAt(b.id, '/b'), ...mountAt(a.id, '/other')];
    assert.deepEqual((await patch({ volumes: both })).volumes, both);
    assert.equal((await patch({ volumes: both })).generation, 5);
    const detached = await patch({ volumes: mountAt(b.id, '/b') });
    assert.equal(detached.generation, 6);
    assert.deepEqual(await whereIs(a), [null, null]);
    assert.deepEqual((await patch({ volumes: [] })).volumes, []);
    assert.deepEqual(await whereIs(b), [null, null]);
  });

  it('that changes nothing changes nothing of the volumes, either', async () => {
    const one = await volume();
    const holder = await container(mountAt(one.id));
    const before = [await read(one), (await caller.api.get(path(holder))).body];
    harness.clock.advance(1000);
    await caller.api.patch(path(holder), { volumes: mountAt(one.id), image: 'x' });
    assert.deepEqual([await read(one), (await caller.api.get(path(holder))).body], before);
  });

  it('hands a volume on: detached here, it can be attached there', async () => {
    const one = await volume();
    const [from, to] = [await container(mountAt(one.id)), await container()];
    assertContainer(await caller.api.patch(path(from), { volumes: [] }), 200);
    assertContainer(await caller.api.patch(path(to), { volumes: mountAt(one.id) }), 200);
    assert.deepEqual(await whereIs(one), [to.id, '/data']);
  });

  it('with an old If-Match does nothing', async () => {
    const one = await volume();
    const made = await container();
    const headers = { 'if-match': '"7.1"' };
    const reply = await caller.api.patch(path(made), { volumes: mountAt(one.id) }, headers);
    assertError(reply, 412, 'precondition_failed');
    assert.deepEqual(await whereIs(one), [null, null]);
  });
});

type Send = (api: Client, index: number) => Promise<Reply>;

/** Sends `count` requests at once, alternating between two apps. @returns how many replies had each status. */
async function together(count: number, send: Send, by = caller): Promise<Record<number, number>> {
  const clients = [harness.client(by.token), other.client(by.token)] as const;
  const replies = await Promise.all(
    Array.from({ length: count }, (_, index) => send(clients[index % 2 === 0 ? 0 : 1], index)),
  );
  const counts: Record<number, number> = {};
  for (const { status } of replies) counts[status] = (counts[status] ?? 0) + 1;
  return counts;
}

describe('at once', () => {
  it('a hundred creates that want one volume: exactly one has it', async () => {
    const one = await volume();
    const counts = await together(100, (api) =>
      api.post('/containers/', { name: nameNew(), image: 'x', volumes: mountAt(one.id) }),
    );
    assert.deepEqual(counts, { 201: 1, 409: 99 });
    assert.deepEqual(await disagreements(), []);
  });

  it('a hundred PATCHes that want one volume: exactly one has it', async () => {
    const one = await volume();
    const all = await Promise.all(Array.from({ length: 100 }, () => container()));
    const counts = await together(100, (api, index) =>
      api.patch(`/containers/${all[index]?.id}/`, { volumes: mountAt(one.id) }),
    );
    assert.deepEqual(counts, { 200: 1, 409: 99 });
    assert.deepEqual(await disagreements(), []);
  });

  it('a volume deleted and attached: one of the two, never both', async () => {
    for (let round = 0; round < 20; round += 1) {
      const one = await volume();
      const made = await container();
      const [deleted, patched] = await Promise.all([
        harness.client(caller.token).delete(`/volumes/${one.id}/`),
        other.client(caller.token).patch(path(made), { volumes: mountAt(one.id) }),
      ]);
      const outcome = `${deleted.status} ${patched.status}`;
      assert.ok(outcome === '204 400' || outcome === '409 200', outcome);
    }
    assert.deepEqual(await disagreements(), []);
  });

  it('the same volumes wanted in opposite order: no deadlock', async () => {
    const volumes = await Promise.all(Array.from({ length: 6 }, () => volume()));
    const mounts = volumes.map(({ id }, index) => ({ volume: id, mount_path: `/v${index}` }));
    const all = await Promise.all(Array.from({ length: 10 }, () => container()));
    for (let round = 0; round < 5; round += 1) {
      const counts = await together(40, (api, index) => {
        const wanted = index % 2 === 0 ? mounts : mounts.toReversed();
        const list = index % 4 < 2 ? wanted : [];
        return api.patch(`/containers/${all[index % 10]?.id}/`, { volumes: list });
      });
      const { 200: _done, 409: _had, ...rest } = counts;
      assert.deepEqual(rest, {});
      assert.deepEqual(await disagreements(), []);
    }
  });

  it('deletes of containers and of the volumes they release, and creates that want these', async () => {
    for (let round = 0; round < 10; round += 1) {
      const volumes = await Promise.all(Array.from({ length: 3 }, () => volume()));
      const mounts = volumes.map(({ id }, index) => ({ volume: id, mount_path: `/v${index}` }));
      const holder = await container(mounts);
      const counts = await together(12, (api, index) => {
        if (index === 3) return api.delete(path(holder));
        const one = mounts[index % 3];
        if (index % 4 === 0) return api.delete(`/volumes/${one?.volume}/`);
        return api.post('/containers/', { name: nameNew(), image: 'x', volumes: [one] });
      });
      const { 201: _made, 204: _gone, 400: _lost, 404: _late, 409: _had, ...rest } = counts;
      assert.deepEqual(rest, {});
      assert.deepEqual(await disagreements(), []);
    }
  });

  it('creates of volumes at the limit: exactly as many GB as there are', async () => {
    const limited = await harness.callerAdd();
    const counts = await together(
      60,
      (api, index) => api.post('/volumes/', { name: `v${index}`, size_gb: 3 }),
      limited,
    );
    assert.deepEqual(counts, { 201: 16, 403: 44 });
    assert.deepEqual(await disagreements(), []);
  });
});
