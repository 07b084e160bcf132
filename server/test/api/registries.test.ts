import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { registryCredentialSource } from '../../src/registries/credentials.ts';
import type { Registry } from '../../src/registries/schema.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import type { Reply } from '../support/http-client.ts';

const SECRET = 'canary-secret-of-a-registry';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen({ ALLOWED_REGISTRIES: '127.0.0.1:5000' });
});
after(() => harness.close());

const credential = (host: string, more: object = {}) => ({
  ...{ host, username: 'ada', secret: SECRET },
  ...more,
});

/** @throws unless the reply is a success. */
function registryOf(reply: Reply, status = 201): Registry {
  assert.equal(reply.status, status, reply.text);
  return reply.body as unknown as Registry;
}

async function add(host: string, more: object = {}): Promise<Registry> {
  return registryOf(await caller.api.post('/registries/', credential(host, more)));
}

describe('a registry credential', () => {
  before(async () => {
    caller = await harness.callerAdd();
  });

  it('is read back as it was written, without its secret', async () => {
    const made = await caller.api.post(
      '/registries/',
      credential('GHCR.io', { path_prefix: 'a/b' }),
    );
    const registry = registryOf(made);
    const { id, secret_fingerprint: fingerprint, created_at: createdAt, ...rest } = registry;
    assert.deepEqual(rest, {
      ...{ org: caller.org.slug, host: 'GHCR.io', path_prefix: 'a/b', username: 'ada' },
    });
    assert.match(fingerprint, /^[0-9a-f]{64}$/);
    assert.equal(createdAt, harness.clock.now().toISOString());
    const read = await caller.api.get(`/registries/${id}/`);
    assert.deepEqual(registryOf(read, 200), registry);
    assert.equal(read.headers.etag, made.headers.etag);
    const list = await caller.api.get('/registries/');
    assert.deepEqual(list.body.results, [registry]);
    const notModified = { 'if-none-match': read.headers.etag ?? '' };
    assert.equal((await caller.api.get(`/registries/${id}/`, notModified)).status, 304);
  });

  it('has a fingerprint that tells secrets of one org apart, and nothing between orgs', async () => {
    const [one, same, other] = [
      await add('one.example.com'),
      await add('two.example.com'),
      await add('three.example.com', { secret: 'another' }),
    ];
    assert.equal(one.secret_fingerprint, same.secret_fingerprint);
    assert.notEqual(one.secret_fingerprint, other.secret_fingerprint);
    const stranger = await harness.callerAdd();
    const theirs = registryOf(
      await stranger.api.post('/registries/', credential('one.example.com')),
    );
    assert.notEqual(theirs.secret_fingerprint, one.secret_fingerprint);
  });

  it('leaves its secret nowhere in clear', async () => {
    await add('canary.example.com', { path_prefix: 'x' });
    const tables = ['registries', 'audit_log', 'idempotency_keys'] as const;
    for (const table of tables) {
      const rows = await harness.db.selectFrom(table).selectAll().execute();
      const text = rows.map((row) =>
        Object.values(row).map((value) =>
          Buffer.isBuffer(value) ? value.toString('latin1') : JSON.stringify(value),
        ),
      );
      assert.ok(!text.flat().join().includes(SECRET), table);
    }
    assert.ok(!harness.logText().includes(SECRET));
    const audit = await harness.db
      .selectFrom('audit_log')
      .selectAll()
      .where('action', '=', 'registry.create')
      .orderBy('id', 'desc')
      .executeTakeFirstOrThrow();
    assert.deepEqual(audit.detail, {
      ...{ host: 'canary.example.com', path_prefix: 'x', username: 'ada', secret: '(changed)' },
    });
  });

  it('is gone at once when it is deleted, and its host is free', async () => {
    const { id } = await add('gone.example.com');
    const stale = { 'if-match': '"9.9"' };
    assert.equal((await caller.api.delete(`/registries/${id}/`, stale)).status, 412);
    assert.equal((await caller.api.delete(`/registries/${id}/`)).status, 204);
    assert.equal((await caller.api.get(`/registries/${id}/`)).status, 404);
    assert.equal((await caller.api.delete(`/registries/${id}/`)).status, 404);
    await add('gone.example.com');
    const audit = await harness.db
      .selectFrom('audit_log')
      .select('detail')
      .where('action', '=', 'registry.delete')
      .executeTakeFirstOrThrow();
    assert.deepEqual(audit.detail, { host: 'gone.example.com', path_prefix: '', username: 'ada' });
  });

  it('has events, which name the secret nowhere', async () => {
    const { id } = await add('events.example.com');
    await caller.api.delete(`/registries/${id}/`);
    const events = await harness.db
      .selectFrom('events')
      .select(['type', 'object'])
      .where('object_kind', '=', 'registry')
      .where('object_id', '=', id)
      .orderBy('id')
      .execute();
    assert.deepEqual(
      events.map(({ type }) => type),
      ['registry.created', 'registry.deleted'],
    );
    for (const { object } of events) {
      assert.deepEqual(Object.keys(object).toSorted(), [
        ...['created_at', 'host', 'id', 'path_prefix', 'secret_fingerprint', 'username'],
      ]);
    }
  });

  it('is created once for a repeated request', async () => {
    const key = { 'idempotency-key': 'k' };
    const body = credential('repeat.example.com');
    const first = await caller.api.post('/registries/', body, key);
    const again = await caller.api.post('/registries/', body, key);
    assert.equal(again.headers['idempotency-replayed'], 'true');
    assert.equal(again.text, first.text);
    const other = await caller.api.post('/registries/', credential('x.example.com'), key);
    assert.equal(other.status, 422);
  });

  it('is the only one for its host and prefix, however the host is written', async () => {
    await add('taken.example.com');
    const refused = await caller.api.post('/registries/', credential('Taken.Example.com'));
    assert.equal(refused.status, 409);
    assert.match(refused.text, /a credential for \\"Taken.Example.com\\" already/);
    await add('taken.example.com', { path_prefix: 'team' });
    await add('docker.io');
    assert.equal(
      (await caller.api.post('/registries/', credential('index.docker.io'))).status,
      409,
    );
  });

  it('can not be changed', async () => {
    const { id } = await add('fixed.example.com');
    for (const method of ['PATCH', 'PUT']) {
      const reply = await caller.api.send(method, `/registries/${id}/`, { username: 'x' });
      assert.equal(reply.status, 405);
    }
  });
});

describe('the input of a registry credential', () => {
  before(async () => {
    caller = await harness.callerAdd();
  });

  for (const [field, body, fault] of [
    ['host', credential(''), /Must/],
    ['host', credential('https://ghcr.io'), /without "https:/],
    ['host', credential('ghcr.io/team'), /without a path/],
    ['host', credential('registry'), /as in an image reference/],
    ['host', credential('under_score.example.com'), /as in an image reference/],
    ['host', credential('127.0.0.1:5001'), /local or private/],
    ['host', credential('0x7f.1:5000'), /local or private/],
    ['host', credential('[::1]:5000'), /local or private/],
    ['host', credential('localhost:5000'), /local or private/],
    ['path_prefix', credential('ghcr.io', { path_prefix: '/team' }), /beginning of an image/],
    ['path_prefix', credential('ghcr.io', { path_prefix: 'team/' }), /beginning of an image/],
    ['path_prefix', credential('ghcr.io', { path_prefix: 'Team' }), /beginning of an image/],
    ['username', credential('ghcr.io', { username: 'a:b' }), /colon/],
    ['username', credential('ghcr.io', { username: 'a\nb' }), /control character/],
    ['secret', credential('ghcr.io', { secret: '' }), /16384/],
    ['secret', credential('ghcr.io', { secret: 'x'.repeat(16_385) }), /16384/],
    ['secret', { host: 'ghcr.io', username: 'ada' }, /./],
    ['other', credential('ghcr.io', { other: 1 }), /Unknown field/],
  ] as const) {
    it(`is refused: ${field} of ${JSON.stringify(body).slice(0, 90)}`, async () => {
      const reply = await caller.api.post('/registries/', body);
      assert.equal(reply.status, 400, reply.text);
      const fields = reply.body.error?.detail['fields'] as Record<string, string[]>;
      assert.match(fields[field]?.join(' ') ?? '', fault, reply.text);
      assert.ok(!reply.text.includes(SECRET));
    });
  }

  it('may be any text that a registry could take', async () => {
    const key = '{"private_key": "-----BEGIN\nÄ -----"}';
    await add('127.0.0.1:5000', { username: '_json_key', secret: key });
    await add('[2a00:1450::1]:5000');
    const find = registryCredentialSource(harness.db, harness.deps.secrets);
    const image = { registry: '127.0.0.1:5000', repository: 'app', tag: null, digest: null };
    assert.equal((await find(caller.org.id, image))?.secret, key);
  });
});

it('an org has at most twenty, counted when they are created at the same time too', async () => {
  caller = await harness.callerAdd();
  const replies = await Promise.all(
    Array.from({ length: 23 }, (_, index) =>
      caller.api.post('/registries/', credential(`r${index}.example.com`)),
    ),
  );
  assert.equal(replies.filter(({ status }) => status === 201).length, 20);
  const refused = replies.find(({ status }) => status === 403);
  assert.deepEqual(refused?.body.error, {
    code: 'quota_exceeded',
    message: "This would exceed your plan's limit of 20 registries. You are using 20.",
    detail: { resource: 'registries', limit: 20, current: 20 },
  });
  const [first] = (await caller.api.get('/registries/?limit=1')).body.results ?? [];
  assert.equal((await caller.api.delete(`/registries/${first?.id}/`)).status, 204);
  await add('again.example.com');
});

it('a pull uses the credential of its org with the longest matching prefix', async () => {
  caller = await harness.callerAdd();
  await add('r.example.com', { username: 'all' });
  await add('R.example.com', { username: 'team', path_prefix: 'team' });
  await add('r.example.com', { username: 'deep', path_prefix: 'team/app/deep' });
  await add('docker.io', { username: 'hub', path_prefix: 'library' });
  const find = registryCredentialSource(harness.db, harness.deps.secrets);
  const username = async (registry: string, repository: string, orgId = caller.org.id) =>
    (await find(orgId, { registry, repository, tag: null, digest: null }))?.username;
  assert.equal(await username('r.example.com', 'other'), 'all');
  assert.equal(await username('r.example.com', 'teams/app'), 'all');
  assert.equal(await username('R.EXAMPLE.com', 'team'), 'team');
  assert.equal(await username('r.example.com', 'team/app'), 'team');
  assert.equal(await username('r.example.com', 'team/app/deep/er'), 'deep');
  assert.equal(await username('docker.io', 'library/nginx'), 'hub');
  assert.equal(await username('docker.io', 'acme/app'), undefined);
  assert.equal(await username('r.example.com:443', 'team'), undefined);
  assert.equal(await username('x.r.example.com', 'team'), undefined);
  const stranger = await harness.callerAdd();
  assert.equal(await username('r.example.com', 'team', stranger.org.id), undefined);
});

describe('containers whose image could not be pulled', () => {
  /** A container that waits for its next attempt in an hour. @returns its id. */
  async function failedContainer(name: string, image: string, api = caller.api): Promise<number> {
    const { id = 0 } = (await api.post('/containers/', { name, image })).body;
    const now = harness.clock.now();
    await harness.db
      .updateTable('containers')
      .set({ status: 'failed', status_reason: 'image_pull_denied', pull_retries: 7 })
      .set({ pull_started_at: now })
      .where('id', '=', id)
      .execute();
    await harness.db
      .updateTable('work')
      .set({ due_at: new Date(now.getTime() + 3_600_000), failures: 0 })
      .where('object_id', '=', id)
      .execute();
    return id;
  }

  async function isDue(id: number): Promise<boolean> {
    const row = await harness.db
      .selectFrom('work as w')
      .innerJoin('containers as c', 'c.id', 'w.object_id')
      .select(['due_at', 'attempt_at', 'pull_retries', 'pull_started_at'])
      .where('kind', '=', 'container')
      .where('object_id', '=', id)
      .executeTakeFirstOrThrow();
    const now = harness.clock.now().getTime();
    const isAnew = row.attempt_at.getTime() === now && row.pull_retries === 0;
    assert.equal(isAnew, (row.due_at?.getTime() ?? Infinity) <= now);
    return isAnew && row.pull_started_at === null;
  }

  it('are tried again when their org gets a credential for them, and no others', async () => {
    caller = await harness.callerAdd({ containerLimit: 10 });
    const stranger = await harness.callerAdd();
    const ids = {
      match: await failedContainer('match', 'R.example.com/team/app:1'),
      path: await failedContainer('path', 'r.example.com/other:1'),
      host: await failedContainer('host', 'other.example.com/team/app:1'),
      foreign: await failedContainer('foreign', 'r.example.com/team/app:1', stranger.api),
      running: await failedContainer('running', 'r.example.com/team/app:1'),
    };
    await harness.db
      .updateTable('containers')
      .set({ status: 'running', status_reason: null, observed_generation: 1 })
      .where('id', '=', ids.running)
      .execute();
    harness.clock.advance(1000);
    await add('r.example.com', { path_prefix: 'team' });
    const due: string[] = [];
    for (const [name, id] of Object.entries(ids)) if (await isDue(id)) due.push(name);
    assert.deepEqual(due, ['match']);
  });
});
