import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import type { Volume } from '../../src/volumes/schema.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { type Reply, assertError, assertFaults, assertVolume } from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  await volumeGbLimit(caller, 1_000_000);
});
after(() => harness.close());

let serial = 0;
const nameNew = (): string => `v${(serial += 1)}`;

async function volumeGbLimit({ org }: TestCaller, limit: number): Promise<void> {
  await harness.db
    .updateTable('orgs')
    .set({ volume_gb_limit: limit })
    .where('id', '=', org.id)
    .execute();
}

async function made(by = caller, sizeGb = 1): Promise<Volume> {
  const reply = await by.api.post('/volumes/', { name: nameNew(), size_gb: sizeGb });
  return assertVolume(reply, 201);
}

/** A volume as the reconciler leaves it when nothing is wrong. */
async function bound(id: number): Promise<void> {
  await harness.db
    .updateTable('volumes')
    .set((eb) => ({
      ...{ status: 'bound' as const, ref: `ref-${id}` },
      ...{ used_bytes: 12_345, revision: eb('revision', '+', 1) },
    }))
    .where('id', '=', id)
    .execute();
}

const resultsOf = (reply: Reply): Volume[] => reply.body.results as unknown as Volume[];

async function usage({ api, org }: TestCaller): Promise<unknown> {
  return (await api.get(`/orgs/${org.slug}/usage/`)).body;
}

describe('a volume', () => {
  it('is pending at first, with all its fields', async () => {
    const reply = await caller.api.post('/volumes/', { name: 'first', size_gb: 10 });
    const now = harness.clock.now().toISOString();
    const { id, ...rest } = assertVolume(reply, 201);
    assert.deepEqual(rest, {
      org: caller.org.slug,
      name: 'first',
      size_gb: 10,
      status: 'pending',
      status_reason: null,
      status_message: null,
      storage_class: 'fake',
      size_enforced: true,
      used_bytes: null,
      container: null,
      mount_path: null,
      created_at: now,
      updated_at: now,
    });
    assert.equal(reply.headers.etag, '"1.1"');
    assert.equal(reply.headers['x-dollarbox-org'], caller.org.slug);
    const read = await caller.api.get(`/volumes/${id}/`);
    assert.equal(read.text, reply.text);
    assert.equal(read.headers.etag, '"1.1"');
    const due = await harness.db
      .selectFrom('work')
      .select('due_at')
      .where('kind', '=', 'volume')
      .where('object_id', '=', id)
      .executeTakeFirst();
    assert.deepEqual(due?.due_at, harness.clock.now());
  });

  it('has an identity of its own, never shown and never the same', async () => {
    const ids = [(await made()).id, (await made()).id];
    const rows = await harness.db
      .selectFrom('volumes')
      .select('uid')
      .where('id', 'in', ids)
      .execute();
    assert.equal(new Set(rows.map(({ uid }) => uid)).size, 2);
    const { text } = await caller.api.get('/volumes/');
    for (const { uid } of rows) assert.ok(!text.includes(uid));
  });

  it('shows what the engine reports about it, and its ETag changes with that', async () => {
    const { id, name } = await made();
    await bound(id);
    const reply = await caller.api.get(`/volumes/${id}/`);
    const { status, storage_class, size_enforced, used_bytes } = assertVolume(reply, 200);
    assert.deepEqual(
      [status, storage_class, size_enforced, used_bytes],
      ['bound', 'fake', true, 12_345],
    );
    assert.equal(reply.headers.etag, '"1.2"');
    const etag = { 'if-none-match': '"1.2"' };
    assert.equal((await caller.api.get(`/volumes/${id}/`, etag)).status, 304);
    const stale = { 'if-none-match': '"1.1"' };
    assert.equal((await caller.api.get(`/volumes/${id}/`, stale)).status, 200);
    assert.equal(resultsOf(await caller.api.get(`/volumes/?name=${name}`)).length, 1);
  });

  it('can not be changed: 405, with the allowed methods', async () => {
    const { id } = await made();
    for (const method of ['PATCH', 'PUT', 'POST']) {
      const reply = await caller.api.send(method, `/volumes/${id}/`, { size_gb: 2 });
      assertError(reply, 405, 'method_not_allowed');
      assert.equal(reply.headers.allow, 'GET, HEAD, DELETE');
    }
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      const reply = await caller.api.send(method, '/volumes/', {});
      assertError(reply, 405, 'method_not_allowed');
      assert.equal(reply.headers.allow, 'GET, HEAD, POST');
    }
  });
});

describe('a create', () => {
  it('refuses an invalid volume, every fault at once', async () => {
    assertFaults(await caller.api.post('/volumes/', {}), ['name', 'size_gb']);
    const body = { name: 'A', size_gb: 0, color: 'red' };
    assertFaults(await caller.api.post('/volumes/?sort=x', body), [
      'name',
      'size_gb',
      'color',
      'sort',
    ]);
    for (const size of ['1', 1.5, -1, null, 2 ** 31, 1e300])
      assertFaults(await caller.api.post('/volumes/', { name: 'a', size_gb: size }), ['size_gb']);
  });

  it('refuses a name that a live volume of the org has', async () => {
    const { name } = await made();
    const reply = await caller.api.post('/volumes/', { name, size_gb: 1 });
    assert.deepEqual(assertError(reply, 409, 'conflict'), { name });
    const elsewhere = await harness.callerAdd();
    assertVolume(await elsewhere.api.post('/volumes/', { name, size_gb: 1 }), 201);
  });

  it('counts GB against the plan, to the last one and no further', async () => {
    const limited = await harness.callerAdd();
    await made(limited, 45);
    const reply = await limited.api.post('/volumes/', { name: 'more', size_gb: 6 });
    const detail = assertError(reply, 403, 'quota_exceeded');
    assert.deepEqual(detail, { resource: 'volume_gb', limit: 50, current: 45 });
    assert.equal(
      reply.body.error?.message,
      "This would exceed your plan's limit of 50 GB of volumes. You are using 45 GB.",
    );
    await made(limited, 5);
    const huge = await limited.api.post('/volumes/', { name: 'huge', size_gb: 2 ** 31 - 1 });
    assertError(huge, 403, 'quota_exceeded');
    assert.deepEqual(await usage(limited), {
      containers: { limit: 1000, current: 0 },
      volume_gb: { limit: 50, current: 50 },
    });
  });

  it('is refused with 503 while the host has little room', async () => {
    const setLow = (low: boolean) =>
      harness.db.updateTable('installation').set({ storage_low: low }).execute();
    await setLow(true);
    const reply = await caller.api.post('/volumes/', { name: nameNew(), size_gb: 1 });
    await setLow(false);
    assertError(reply, 503, 'service_unavailable');
    assert.ok(Number(reply.headers['retry-after']) > 0);
  });

  it('is stored as the engine last said, and as the reply says from then on', async () => {
    const record = (storageClass: string | null, isEnforced: boolean | null) =>
      harness.db
        .updateTable('installation')
        .set({ volume_storage_class: storageClass, volume_size_enforced: isEnforced })
        .execute();
    await record('fake-loose', false);
    const loose = await made();
    await record(null, null);
    const reply = await caller.api.post('/volumes/', { name: nameNew(), size_gb: 1 });
    await record('fake', true);
    assertError(reply, 503, 'service_unavailable');
    assert.match(reply.body.error?.message ?? '', /not known yet how the host stores volumes/);
    assert.ok(Number(reply.headers['retry-after']) > 0);
    const strict = await made();
    const storageOf = (volume: Volume) => [volume.storage_class, volume.size_enforced];
    assert.deepEqual([loose, strict].map(storageOf), [
      ['fake-loose', false],
      ['fake', true],
    ]);
    const read = assertVolume(await caller.api.get(`/volumes/${loose.id}/`), 200);
    assert.deepEqual(read, loose);
  });

  it('with a key is done once, and the reply is repeated', async () => {
    const headers = { 'idempotency-key': 'volume' };
    const body = { name: nameNew(), size_gb: 3 };
    const first = await caller.api.post('/volumes/', body, headers);
    const again = await caller.api.post('/volumes/', body, headers);
    assert.deepEqual([again.status, again.text], [first.status, first.text]);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    const other = await caller.api.post('/volumes/', { ...body, size_gb: 4 }, headers);
    assertError(other, 422, 'idempotency_mismatch');
  });

  it('is recorded in the audit log, and so is a delete', async () => {
    const { id, name } = await made();
    await caller.api.delete(`/volumes/${id}/`);
    const rows = await harness.db
      .selectFrom('audit_log')
      .select(['action', 'user_id', 'org_id', 'detail'])
      .where('object_kind', '=', 'volume')
      .where('object_id', '=', id)
      .orderBy('id')
      .execute();
    const common = { user_id: caller.userId, org_id: caller.org.id, detail: { name } };
    assert.deepEqual(rows, [
      { action: 'volume.create', ...common },
      { action: 'volume.delete', ...common },
    ]);
  });
});

describe('a delete', () => {
  it('frees name and GB at once, and is due for the engine', async () => {
    const limited = await harness.callerAdd();
    const { id, name } = await made(limited, 50);
    harness.clock.advance(1000);
    const reply = await limited.api.delete(`/volumes/${id}/`);
    assert.deepEqual([reply.status, reply.text], [204, '']);
    assertError(await limited.api.get(`/volumes/${id}/`), 404, 'not_found');
    assertError(await limited.api.delete(`/volumes/${id}/`), 404, 'not_found');
    const again = await limited.api.post('/volumes/', { name, size_gb: 50 });
    assert.notEqual(assertVolume(again, 201).id, id);
    const row = await harness.db
      .selectFrom('volumes')
      .select('deleted_at')
      .where('id', '=', id)
      .executeTakeFirst();
    assert.ok(row?.deleted_at);
  });

  it('compares If-Match with what clients wrote', async () => {
    const { id } = await made();
    await bound(id);
    const path = `/volumes/${id}/`;
    const stale = await caller.api.delete(path, { 'if-match': '"2.1"' });
    assertError(stale, 412, 'precondition_failed');
    assert.equal((await caller.api.delete(path, { 'if-match': '"1.1"' })).status, 204);
  });

  it('accepts no invalid id', async () => {
    for (const id of ['0', 'x', '1e3', '99999999999999999999', '-1'])
      assertError(await caller.api.delete(`/volumes/${id}/`), 404, 'not_found');
  });
});

describe('a list', () => {
  it('comes newest first, in pages, by name and by status', async () => {
    const lister = await harness.callerAdd();
    const all = [await made(lister), await made(lister), await made(lister)];
    await bound(all[1]?.id ?? 0);
    const names = async (query: string): Promise<string[]> =>
      resultsOf(await lister.api.get(`/volumes/${query}`)).map(({ name }) => name);
    const newestFirst = all.map(({ name }) => name).toReversed();
    assert.deepEqual(await names(''), newestFirst);
    assert.deepEqual(await names('?status=bound'), [all[1]?.name]);
    assert.deepEqual(await names('?status=pending'), [all[2]?.name, all[0]?.name]);
    assert.deepEqual(await names(`?name=${all[2]?.name}`), [all[2]?.name]);
    assert.deepEqual(await names('?name=none'), []);
    assertFaults(await lister.api.get('/volumes/?status=gone&color=x'), ['status', 'color']);
    const first = await lister.api.get('/volumes/?limit=2&status=pending&name=');
    assert.equal(first.status, 200);
    const page = await lister.api.get('/volumes/?limit=2');
    const next = new URL(page.body.next ?? '');
    assert.equal(next.pathname, '/api/v1/volumes/');
    assert.deepEqual(await names(next.search), [all[0]?.name]);
  });

  it('spans the orgs of a caller who names none; a write does not', async () => {
    const two = await harness.callerAdd();
    const second = await harness.orgAdd({ ownerId: two.userId });
    const inOrg = (slug: string) => ({ 'x-dollarbox-org': slug });
    const body = { name: 'same', size_gb: 1 };
    assertError(await two.api.post('/volumes/', body), 400, 'org_required');
    const ids: number[] = [];
    for (const { slug } of [two.org, second]) {
      ids.push(assertVolume(await two.api.post('/volumes/', body, inOrg(slug)), 201).id);
    }
    const listed = resultsOf(await two.api.get('/volumes/'));
    assert.deepEqual(
      listed.map(({ id, org }) => [id, org]),
      [
        [ids[1], second.slug],
        [ids[0], two.org.slug],
      ],
    );
    const one = resultsOf(await two.api.get('/volumes/', inOrg(second.slug)));
    assert.deepEqual(
      one.map(({ id }) => id),
      [ids[1]],
    );
    const wrong = await two.api.get(`/volumes/${ids[0]}/`, inOrg(second.slug));
    assertError(wrong, 404, 'not_found');
  });
});
