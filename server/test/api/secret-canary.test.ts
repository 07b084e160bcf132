import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, it } from 'node:test';
import { sql } from 'kysely';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { assertContainer } from '../support/http-client.ts';

/** A unique value that can be found wherever it occurs in clear, whole or as its hex or base64. */
const CANARY = 'canary-5f2d9c81-bird';
const ENV = { PASSWORD: `${CANARY}-env`, OTHER: `x\n${CANARY}"quoted"` };

let harness: Harness;
let caller: TestCaller;
/** Replies to requests that were refused. */
const refusals: string[] = [];

before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
  const { api, token } = caller;
  const body = { name: 'web', image: 'x', env: ENV };
  const key = { 'idempotency-key': 'k' };
  const { id } = assertContainer(await api.post('/containers/', body, key), 201);
  assert.deepEqual((await api.post('/containers/', body, key)).body.env, ENV);
  assert.deepEqual((await api.get(`/containers/${id}/`)).body.env, ENV);
  const changed = { env: { ...ENV, MORE: `${CANARY}-more` } };
  assertContainer(await api.patch(`/containers/${id}/`, changed), 200);
  const wrongToken = `${token.slice(0, -1)}${token.endsWith('A') ? 'B' : 'A'}`;
  for (const reply of [
    await api.post('/containers/', body),
    await api.post('/containers/', { ...body, name: 'b', env: { ...ENV, BAD: 5 } }),
    await api.post('/containers/', { ...body, name: 'b', env: { A: `${CANARY}\0` } }),
    await api.post('/containers/', { ...body, name: 'b', env: { A: CANARY.repeat(5000) } }),
    await api.post('/containers/', { ...body, name: 'b', env: `PASSWORD=${CANARY}` }),
    await api.post('/containers/', `{"env":{"A":"${CANARY}"`),
    await api.post('/containers/', body, { 'content-type': `text/${CANARY}` }),
    await api.post('/containers/', { ...body, env: {} }, key),
    await api.patch(`/containers/999/`, changed),
    await api.get(`/containers/?cursor=${CANARY}`),
    await api.get(`/nowhere/${CANARY}/`),
    await harness.client(wrongToken).post('/containers/', body),
  ]) {
    assert.ok(reply.status >= 400, reply.text);
    refusals.push(reply.text, JSON.stringify(reply.headers));
  }
  await databaseFails(async () => {
    const reply = await api.post('/containers/', { ...body, name: 'c' });
    assert.equal(reply.status, 500, 'a bug, made for this test');
    refusals.push(reply.text, JSON.stringify(reply.headers));
  });
  assert.equal((await api.delete(`/containers/${id}/`)).status, 204);
});
after(() => harness.close());

/** A statement that fails unexpectedly, with the row's values in PostgreSQL's own message. */
async function databaseFails(work: () => Promise<void>): Promise<void> {
  await sql`alter table containers add constraint surprise check (name <> 'c')`.execute(harness.db);
  await work();
  await sql`alter table containers drop constraint surprise`.execute(harness.db);
}

/** The value in clear, and in the encodings in which bytes are shown. */
function formsOf(secret: string): string[] {
  const bytes = Buffer.from(secret);
  const [hex, base64] = [bytes.toString('hex'), bytes.toString('base64').slice(0, -4)];
  return [secret, hex, base64];
}

function assertAbsent(text: string, where: string): void {
  const { token } = caller;
  const secrets = [CANARY, token, token.slice(-40), token.slice(4)];
  for (const secret of secrets.flatMap(formsOf)) {
    const index = text.indexOf(secret);
    assert.equal(index, -1, `${where}: …${text.slice(Math.max(0, index - 80), index + 80)}…`);
  }
}

/** All rows of all tables, as text. */
async function dump(): Promise<string> {
  const { rows: tables } = await sql<{ name: string }>`
    select tablename as name from pg_tables where schemaname = 'public'`.execute(harness.db);
  assert.ok(tables.length >= 10);
  const parts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await sql<{
      text: string;
    }>`select t::text as text from ${sql.table(name)} as t`.execute(harness.db);
    parts.push(name, ...rows.map(({ text }) => text));
  }
  return parts.join('\n');
}

it('a dump of the database contains no secret in clear', async () => {
  const text = await dump();
  assert.match(text, /\bcontainers\n\(\d+/, 'the container is in it');
  assert.match(text, /\bidempotency_keys\n\(\d+/, 'the kept reply is in it');
  assertAbsent(text, 'the dump');
});

it('a dump of the database contains only a hash of the token', async () => {
  const hash = createHash('sha256').update(caller.token).digest('hex');
  assert.ok((await dump()).includes(`\\x${hash}`));
});

it('the log contains no secret, even at its most verbose level', () => {
  const text = harness.logText();
  assert.match(text, /"msg":"request"/);
  assert.match(text, /violates check constraint/, 'the bug was logged');
  assertAbsent(text, 'the log');
});

it('no reply to a refused request contains a secret', () => {
  assert.ok(refusals.length >= 24);
  for (const text of refusals) assertAbsent(text, 'a reply');
});

it('internal errors are not revealed to clients', () => {
  for (const text of refusals) {
    assert.doesNotMatch(
      text,
      /constraint|select |insert |kysely|postgres|\.ts:|node_modules|at async/i,
    );
  }
});

it('the notification that a write sends contains nothing', async () => {
  const { rows } = await sql<{ query: string }>`
    select query from pg_stat_activity where datname = current_database()`.execute(harness.db);
  for (const { query } of rows) assertAbsent(query, 'a running statement');
});
