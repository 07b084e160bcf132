import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertContainer, assertError } from '../support/http-client.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
});
after(() => harness.close());

let serial = 0;
const nextName = (): string => `c${(serial += 1)}`;

describe('creating a container', () => {
  it("answers the text's own example with pending, defaults and an address", async () => {
    const reply = await caller.api.post('/containers/', { name: 'web', image: 'nginx:1.27' });
    const { id, ipv6_address: address, ...rest } = assertContainer(reply, 201);
    assert.ok(Number.isSafeInteger(id) && id > 0);
    assert.equal(reply.headers.location, `https://panel.example/api/v1/containers/${id}/`);
    assert.match(address ?? '', /^fd[0-9a-f:]+$/);
    const now = harness.clock.now().toISOString();
    assert.deepEqual(rest, {
      org: caller.org.slug,
      name: 'web',
      image: 'nginx:1.27',
      env: {},
      command: [],
      ports: [],
      volumes: [],
      pull_policy: 'if_not_present',
      stop_grace_seconds: 10,
      init: false,
      status: 'pending',
      status_reason: null,
      status_message: null,
      status_since: now,
      desired_status: 'running',
      restarting: false,
      next_retry_at: null,
      warnings: [],
      restart_count: 0,
      generation: 1,
      observed_generation: 0,
      created_at: now,
      updated_at: now,
    });
    assert.equal(reply.headers.etag, '"1.1"');
  });

  it('is seen by the next read, on any process, as the reply showed it', async () => {
    const other = (await harness.appAdd()).client(caller.token);
    const made = await caller.api.post('/containers/', { name: nextName(), image: 'nginx' });
    const { id } = assertContainer(made, 201);
    for (const api of [caller.api, other]) {
      const read = await api.get(`/containers/${id}/`);
      assert.equal(read.text, made.text);
      assert.equal(read.headers.etag, made.headers.etag);
      const list = await api.get(`/containers/?name=${made.body.name}`);
      assert.deepEqual(list.body.results, [made.body]);
    }
  });

  it('gives each container an address of its own', async () => {
    const addresses = new Set<string>();
    for (let count = 0; count < 10; count += 1) {
      const reply = await caller.api.post('/containers/', { name: nextName(), image: 'nginx' });
      addresses.add(assertContainer(reply, 201).ipv6_address ?? '');
    }
    assert.equal(addresses.size, 10);
  });

  it('accepts names up to their limits', async () => {
    for (const name of ['a', 'z9', 'a-b', `a${'-'.repeat(48)}z`, 'x'.repeat(50), 'constructor']) {
      const reply = await caller.api.post('/containers/', { name, image: 'nginx' });
      assert.equal(assertContainer(reply, 201).name, name);
    }
  });

  it('refuses a name that another live container of the org has', async () => {
    const name = nextName();
    assertContainer(await caller.api.post('/containers/', { name, image: 'a' }), 201);
    const reply = await caller.api.post('/containers/', { name, image: 'b' });
    assert.deepEqual(assertError(reply, 409, 'conflict'), { name });
    const stranger = await harness.callerAdd({ containerLimit: 2 });
    assertContainer(await stranger.api.post('/containers/', { name, image: 'a' }), 201);
    assertError(await stranger.api.post('/containers/', { name, image: 'a' }), 409, 'conflict');
    // The refused container did not count towards the quota.
    assertContainer(await stranger.api.post('/containers/', { name: 'b', image: 'a' }), 201);
  });
});

describe('what a client wrote', () => {
  const ENVS: Record<string, Record<string, string>> = {
    'newlines and tabs': { A: 'one\ntwo\r\n\tthree\n' },
    'quotes and backslashes': { A: `"double" 'single' \`back\` \\n \\\\` },
    'dollars and braces': { A: '$HOME ${X} $$ $(date) %PATH% {{x}}' },
    'emoji and other scripts': { A: '🦊👩‍👩‍👧 ñ n\u0303 日本 עברית \u200f\ufeff' },
    'nothing and blanks': { A: '', B: ' ', C: '  a  ' },
    'control characters': { A: '\u0001\u001b[31m\u007f\u0085\u2028' },
    'names of every kind': { a: '1', A: '2', _: '3', A1_b: '4', toString: '5', constructor: '6' },
    'what looks like JSON or numbers': { A: '{"a":1}', B: '007', C: '1e3', D: 'null', E: 'true' },
  };
  for (const [kind, env] of Object.entries(ENVS)) {
    it(`is read back byte for byte: ${kind}`, async () => {
      const made = await caller.api.post('/containers/', { name: nextName(), image: 'nginx', env });
      const { id } = assertContainer(made, 201);
      assert.deepEqual(made.body.env, env);
      const read = await caller.api.get(`/containers/${id}/`);
      assert.deepEqual(read.body.env, env);
      assert.deepEqual(Object.keys(read.body.env ?? {}), Object.keys(env));
      const command = Object.values(env).map((value) => value || 'x');
      const patched = await caller.api.patch(`/containers/${id}/`, { command });
      assert.deepEqual(patched.body.command, command);
      assert.deepEqual((await caller.api.get(`/containers/${id}/`)).body.command, command);
    });
  }

  it('is read back byte for byte: images', async () => {
    const digest = `sha256:${'0123456789abcdef'.repeat(4)}`;
    for (const image of [
      'nginx',
      'Ghcr.IO/a/b:V1.2_x-y',
      'host.example:5000/a/b',
      `nginx:1@${digest}`,
      `a/b@${digest}`,
    ]) {
      const made = await caller.api.post('/containers/', { name: nextName(), image });
      assert.equal(assertContainer(made, 201).image, image);
      assert.equal((await caller.api.get(`/containers/${made.body.id}/`)).body.image, image);
    }
  });

  it('keeps the order of lists and every repetition in a command', async () => {
    const body = { command: ['b', 'a', 'b', '', ' '], ports: [443, 80, 1, 65_535] };
    const made = await caller.api.post('/containers/', { name: nextName(), image: 'x', ...body });
    const read = await caller.api.get(`/containers/${assertContainer(made, 201).id}/`);
    assert.deepEqual(read.body.command, body.command);
    assert.deepEqual(read.body.ports, body.ports);
  });

  it('may be as large as the contract says', async () => {
    const env = Object.fromEntries(
      Array.from({ length: 256 }, (_, index) => [`K${index}`, 'x'.repeat(240)]),
    );
    const made = await caller.api.post('/containers/', { name: nextName(), image: 'x', env });
    assert.deepEqual(assertContainer(made, 201).env, env);
    const one = { K: 'x'.repeat(65_535) };
    const big = await caller.api.post('/containers/', { name: nextName(), image: 'x', env: one });
    assert.deepEqual(assertContainer(big, 201).env, one);
  });
});

describe('the quota', () => {
  it("refuses one more with the text's own message", async () => {
    const { api, org } = await harness.callerAdd({ containerLimit: 5 });
    for (const name of ['a', 'b', 'c', 'd', 'e']) {
      assertContainer(await api.post('/containers/', { name, image: 'x' }), 201);
    }
    const reply = await api.post('/containers/', { name: 'f', image: 'x' });
    assert.deepEqual(reply.body, {
      error: {
        code: 'quota_exceeded',
        message: "This would exceed your plan's limit of 5 containers. You are using 5.",
        detail: { resource: 'containers', limit: 5, current: 5 },
      },
    });
    assert.equal(reply.status, 403);
    const usage = (await api.get(`/orgs/${org.slug}/usage/`)).body as { containers?: unknown };
    assert.deepEqual(usage.containers, { limit: 5, current: 5 });
  });

  it('is reported after a taken name', async () => {
    const { api } = await harness.callerAdd({ containerLimit: 1 });
    assertContainer(await api.post('/containers/', { name: 'a', image: 'x' }), 201);
    assertError(await api.post('/containers/', { name: 'a', image: 'x' }), 409, 'conflict');
    assertError(await api.post('/containers/', { name: 'b', image: 'x' }), 403, 'quota_exceeded');
  });

  it('below the present use refuses the next and keeps existing containers', async () => {
    const { api, org } = await harness.callerAdd({ containerLimit: 2 });
    for (const name of ['a', 'b'])
      assertContainer(await api.post('/containers/', { name, image: 'x' }), 201);
    await harness.db
      .updateTable('orgs')
      .set({ container_limit: 1 })
      .where('id', '=', org.id)
      .execute();
    const reply = await api.post('/containers/', { name: 'c', image: 'x' });
    const detail = { resource: 'containers', limit: 1, current: 2 };
    assert.deepEqual(assertError(reply, 403, 'quota_exceeded'), detail);
    assert.equal((await api.get('/containers/')).body.results?.length, 2);
  });

  it('is not used up by refused containers', async () => {
    const { api, org } = await harness.callerAdd({ containerLimit: 2 });
    assertContainer(await api.post('/containers/', { name: 'a', image: 'x' }), 201);
    for (let count = 0; count < 5; count += 1) {
      assertError(await api.post('/containers/', { name: 'a', image: 'x' }), 409, 'conflict');
      assertError(
        await api.post('/containers/', { name: 'A', image: 'x' }),
        400,
        'validation_error',
      );
    }
    const usage = (await api.get(`/orgs/${org.slug}/usage/`)).body as { containers?: unknown };
    assert.deepEqual(usage.containers, { limit: 2, current: 1 });
    assertContainer(await api.post('/containers/', { name: 'b', image: 'x' }), 201);
  });

  it('equals the number of rows', async () => {
    const { rows } = await sql<{ wrong: number }>`
      select count(*)::int as wrong from orgs
      where container_count <> (select count(*) from containers c where c.org_id = orgs.id and c.deleted_at is null)
    `.execute(harness.db);
    assert.equal(rows[0]?.wrong, 0);
  });
});

describe('a host that is nearly full', () => {
  it('accepts nothing new, and says when to retry', async () => {
    const { api } = await harness.callerAdd();
    const { id } = assertContainer(await api.post('/containers/', { name: 'a', image: 'x' }), 201);
    await harness.db.updateTable('installation').set({ storage_low: true }).execute();
    try {
      const reply = await api.post('/containers/', { name: 'b', image: 'x' });
      assertError(reply, 503, 'service_unavailable');
      assert.match(reply.headers['retry-after'] ?? '', /^[1-9]\d*$/);
      assert.equal((await api.patch(`/containers/${id}/`, { image: 'y' })).status, 200);
      assert.equal((await api.delete(`/containers/${id}/`)).status, 204);
    } finally {
      await harness.db.updateTable('installation').set({ storage_low: false }).execute();
    }
    assertContainer(await api.post('/containers/', { name: 'b', image: 'x' }), 201);
  });
});
