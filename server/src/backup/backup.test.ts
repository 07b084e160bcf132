import assert from 'node:assert/strict';
import {
  appendFileSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { sql } from 'kysely';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { adminOn } from '../admin/test-setup.ts';
import type { Container } from '../containers/schema.ts';
import { type Db, databaseOpen } from '../db/database.ts';
import { databaseIsCurrent, databaseMigrate } from '../db/migrate.ts';
import { secretKeyCheck } from '../installation/key-check.ts';
import { type Harness, type TestCaller, harnessOpen } from '../test/harness.ts';
import { backupCreate } from './create.ts';
import { databaseLoad } from './load.ts';
import type { Manifest } from './manifest.ts';
import type { Supervision } from './supervision.ts';
import { tablesInOrder } from './tables.ts';

let harness: Harness;
let caller: TestCaller;
let container: Container;
const folder = mkdtempSync(join(tmpdir(), 'dollarbox-backup-'));
let serial = 0;

before(async () => {
  harness = await harnessOpen();
  await secretKeyCheck(harness.db, harness.deps.secrets);
  caller = await harness.callerAdd();
  const made = await caller.api.post('/containers/', {
    name: 'web',
    image: 'nginx:1.27',
    env: { KEY: 'a "quoted" \\ value\n\u{1f600}' },
  });
  assert.equal(made.status, 201);
  container = made.body as Container;
});
after(async () => {
  await harness.close();
  rmSync(folder, { recursive: true, force: true });
});

/** Nobody looks on. */
const UNATTENDED: Supervision = { progress() {}, signal: new AbortController().signal };

const target = () => join(folder, `backup-${(serial += 1)}`);

async function backupMake(): Promise<string> {
  const to = target();
  const reply = await adminOn(harness.databaseUrl, { ENGINE: 'fake' })([
    'backup-create',
    '--to',
    to,
  ]);
  assert.equal(reply.code, 0, reply.err);
  return to;
}

const manifestOf = (path: string) =>
  JSON.parse(readFileSync(join(path, 'manifest.json'), 'utf8')) as Manifest;

async function restore(from: string, url: string, environment: Record<string, string> = {}) {
  return adminOn(url, { ENGINE: 'fake', ...environment })(['backup-restore', '--from', from]);
}

/** All rows of all tables, as text. */
async function rowsAll(db: Db): Promise<Record<string, string[]>> {
  const all: Record<string, string[]> = {};
  for (const table of await tablesInOrder(db)) {
    const { rows } = await sql<{ row: string }>`
      select to_jsonb(t)::text as row from ${sql.table(table)} as t order by 1`.execute(db);
    all[table] = rows.map(({ row }) => row);
  }
  return all;
}

async function emptyDatabase(): Promise<{ url: string; db: Db }> {
  const { url } = await databaseCreate();
  return { url, db: databaseOpen({ connectionString: url }) };
}

test('every row of every table is there after a restore, and all of it is due', async () => {
  const from = await backupMake();
  const held = await rowsAll(harness.db);
  const { url, db } = await emptyDatabase();
  const reply = await restore(from, url);
  assert.equal(reply.code, 0, reply.err);
  const { work, containers, ...others } = await rowsAll(db);
  const { work: heldWork, containers: heldContainers, ...heldOthers } = held;
  assert.deepEqual(others, heldOthers);
  assert.equal(containers?.length, heldContainers?.length);
  assert.equal(work?.length, heldWork?.length);
  const undue = await db
    .selectFrom('work')
    .select('object_id')
    .where('due_at', 'is', null)
    .execute();
  assert.deepEqual(undue, []);
  await db.destroy();
});

test('what is encrypted opens with the key, and tokens are good', async () => {
  const from = await backupMake();
  const { url, db } = await emptyDatabase();
  assert.equal((await restore(from, url)).code, 0);
  await db.destroy();
  const restored = await harness.appOn(url);
  const read = await restored.client(caller.token).get(`/containers/${container.id}/`);
  assert.equal(read.status, 200);
  assert.deepEqual((read.body as Container).env, container.env);
});

test('sessions, links and mails of before the restore count no more', async () => {
  const browser = await harness.sessionAdd(caller.userId);
  await browser.post('/api/account/password-reset/', { email: 'someone@example.org' });
  const from = await backupMake();
  const { url, db } = await emptyDatabase();
  assert.equal((await restore(from, url)).code, 0);
  const due = await db.selectFrom('mails').select('id').where('due_at', 'is not', null).execute();
  assert.deepEqual(due, []);
  await db.destroy();
  const restored = (await harness.appOn(url)).browser();
  for (const [name, value] of browser.cookies) restored.cookies.set(name, value);
  assert.equal((await restored.get('/api/account/')).status, 401);
  assert.equal((await browser.get('/api/account/')).status, 200);
});

test('they end together with the rows, should the command be killed right after', async () => {
  await harness.sessionAdd(caller.userId);
  const from = await backupMake();
  const { db } = await emptyDatabase();
  await databaseMigrate(db);
  await databaseLoad(db, from, manifestOf(from), harness.clock.now(), UNATTENDED.signal);
  const going = await db
    .selectFrom('sessions')
    .select('id')
    .where('ended_at', 'is', null)
    .execute();
  assert.deepEqual(going, []);
  assert.notEqual((await db.selectFrom('sessions').select('id').execute()).length, 0);
  await db.destroy();
});

test('ids go on far above those of the backup', async () => {
  const from = await backupMake();
  const { url, db } = await emptyDatabase();
  assert.equal((await restore(from, url)).code, 0);
  await db.destroy();
  const restored = await harness.appOn(url);
  const made = await restored
    .client(caller.token)
    .post('/containers/', { name: 'next', image: 'nginx:1.27' });
  assert.equal(made.status, 201);
  assert.ok((made.body as Container).id > container.id + 500);
});

test('a running container is not said to run before it was looked at', async () => {
  const set = (db: Db, status: 'running' | 'pending') =>
    db
      .updateTable('containers')
      .set({ status, observed_generation: status === 'running' ? 1 : 0 })
      .where('id', '=', container.id)
      .execute();
  await set(harness.db, 'running');
  const from = await backupMake();
  await set(harness.db, 'pending');
  const { url, db } = await emptyDatabase();
  assert.equal((await restore(from, url)).code, 0);
  const row = await db
    .selectFrom('containers')
    .select(['status_reason', 'status_message'])
    .where('id', '=', container.id)
    .executeTakeFirstOrThrow();
  assert.equal(row.status_reason, 'engine_error');
  assert.match(row.status_message ?? '', /in the backup of .*; the engine has not been looked at/);
  await db.destroy();
});

test('it is one moment, though the server goes on', async () => {
  const writes = Array.from({ length: 30 }, (_, index) =>
    caller.api.post('/containers/', { name: `busy-${index}`, image: 'nginx:1.27' }),
  );
  const from = await backupMake();
  await Promise.all(writes);
  const rows = (table: string) =>
    manifestOf(from).tables.find((candidate) => candidate.table === table)?.rows ?? 0;
  const { url, db } = await emptyDatabase();
  assert.equal((await restore(from, url)).code, 0);
  const counted = await db
    .selectFrom('orgs')
    .select('container_count')
    .where('id', '=', caller.org.id)
    .executeTakeFirstOrThrow();
  assert.equal(counted.container_count, rows('containers'));
  assert.equal(rows('work'), rows('containers'));
  await db.destroy();
});

async function refused(from: string, sentence: RegExp, environment: Record<string, string> = {}) {
  const { url, db } = await emptyDatabase();
  const reply = await restore(from, url, environment);
  assert.match(reply.err, sentence);
  assert.equal(reply.code, 1);
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from pg_class where relname = 'users'`.execute(db);
  const isMade = rows[0]?.count !== 0;
  if (isMade) assert.deepEqual(await db.selectFrom('users').select('id').execute(), []);
  await db.destroy();
}

test('another secret key is refused before anything is written', async () => {
  const from = await backupMake();
  await refused(from, /not the one of this backup/, {
    SECRET_KEY: 'another key, of 32 characters or more',
  });
});

test('a damaged file, a missing one and a folder that is no backup are refused', async () => {
  const damaged = await backupMake();
  appendFileSync(join(damaged, 'database/users.jsonl.gz'), 'x');
  await refused(damaged, /damaged: database\/users.jsonl.gz/);
  const missing = await backupMake();
  rmSync(join(missing, 'database/orgs.jsonl.gz'));
  await refused(missing, /not whole: database\/orgs.jsonl.gz/);
  await refused(folder, /There is no whole backup in/);
});

test('one that is told to end has not been made, and is made by the same command later', async () => {
  const to = target();
  const ended = (url: string) => adminOn(url, { ENGINE: 'fake' }, AbortSignal.abort());
  const making = ['backup-create', '--to', to];
  const broken = await ended(harness.databaseUrl)(making);
  assert.equal(broken.code, 1);
  assert.match(broken.err, /Ended before it was done/);
  assert.equal(existsSync(to), false);
  const made = await adminOn(harness.databaseUrl, { ENGINE: 'fake' })(making);
  assert.equal(made.code, 0, made.err);

  const { url, db } = await emptyDatabase();
  const restoring = ['backup-restore', '--from', to];
  assert.equal((await ended(url)(restoring)).code, 1);
  assert.deepEqual(await db.selectFrom('users').select('id').execute(), []);
  const restored = await restore(to, url);
  assert.equal(restored.code, 0, restored.err);
  await db.destroy();
});

test('a backup of an older version is brought to this one', async () => {
  const old = await emptyDatabase();
  await databaseMigrate(old.db, '0002-volumes');
  const values = { email: 'a@example.org', disabled_at: null, created_at: harness.clock.now() };
  await old.db.insertInto('users').values(values).execute();
  const from = target();
  const volumeless = { engine: null, withVolumeData: false, to: from, ...UNATTENDED };
  await backupCreate({ db: old.db, clock: harness.clock, ...volumeless });
  await old.db.destroy();
  const { url, db } = await emptyDatabase();
  const reply = await restore(from, url);
  assert.equal(reply.code, 0, reply.err);
  assert.equal(await databaseIsCurrent(db), true);
  const [user] = await db.selectFrom('users').select('email').execute();
  assert.equal(user?.email, 'a@example.org');
  await db.destroy();
});

test('a backup of a newer version is refused', async () => {
  const from = await backupMake();
  const manifest = manifestOf(from);
  const newer = { ...manifest, migrations: [...manifest.migrations, '9999-later'] };
  writeFileSync(join(from, 'manifest.json'), JSON.stringify(newer));
  await refused(from, /newer version of DollarBox \(it has the migration 9999-later\)/);
});

test('a database with accounts in it is left as it is', async () => {
  const from = await backupMake();
  const { url, db } = await emptyDatabase();
  await databaseMigrate(db);
  const values = { email: 'a@example.org', disabled_at: null, created_at: harness.clock.now() };
  await db.insertInto('users').values(values).execute();
  const held = await rowsAll(db);
  const reply = await restore(from, url);
  assert.match(reply.err, /accounts in it already/);
  assert.deepEqual(await rowsAll(db), held);
  await db.destroy();
});

test('a folder that is there is not overwritten; what a broken-off backup left is', async () => {
  const there = await backupMake();
  const reply = await adminOn(harness.databaseUrl, { ENGINE: 'fake' })([
    'backup-create',
    '--to',
    there,
  ]);
  assert.match(reply.err, /is there already/);
  const to = target();
  writeFileSync(`${to}.partial`, 'what a killed command left');
  const again = await adminOn(harness.databaseUrl, { ENGINE: 'fake' })([
    'backup-create',
    '--to',
    to,
  ]);
  assert.equal(again.code, 0, again.err);
  assert.equal(existsSync(`${to}.partial`), false);
});
