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
import { adminOn } from '../../src/admin/test-setup.ts';
import type { Container } from '../../src/containers/schema.ts';
import { type Db, databaseOpen } from '../../src/db/database.ts';
import { databaseIsCurrent, databaseMigrate } from '../../src/db/migrate.ts';
import { secretKeyCheck } from '../../src/installation/key-check.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';
import { backupCreate } from '../../src/backup/create.ts';
import { databaseLoad } from '../../src/backup/load.ts';
import type { Manifest } from '../../src/backup/manifest.ts';
import type { Supervision } from '../../src/backup/supervision.ts';
import { tablesInOrder } from '../../src/backup/tables.ts';

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
  const { work, containers, installation, ...others } = await rowsAll(db);
  const { work: heldWork, containers: heldContainers, installation: was, ...heldOthers } = held;
  assert.deepEqual(others, heldOthers);
  // Events are not backed up, and cursors from before the restore are refused.
  assert.deepEqual(
    installation,
    was?.map((row) => row.replace('"event_feed": 1', '"event_feed": 2')),
  );
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

test('encrypted values open with the key, and tokens are valid', async () => {
  const from = await backupMake();
  const { url, db } = await emptyDatabase();
  assert.equal((await restore(from, url)).code, 0);
  await db.destroy();
  const restored = await harness.appOn(url);
  const read = await restored.client(caller.token).get(`/containers/${container.id}/`);
  assert.equal(read.status, 200);
  assert.deepEqual((read.body as Container).env, container.env);
});

test('sessions, links and mails from before the restore are invalid', async () => {
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

test('they end together with the rows, even if the command is killed right after', async () => {
  await harness.sessionAdd(caller.userId);
  const from = await backupMake();
  const { db } = await emptyDatabase();
  await databaseMigrate(db);
  const found = { refs: new Map<string, string>(), changed: null };
  await databaseLoad(
    ...([db, from, manifestOf(from), found] as const),
    ...([harness.clock.now(), UNATTENDED.signal] as const),
  );
  const going = await db
    .selectFrom('sessions')
    .select('id')
    .where('ended_at', 'is', null)
    .execute();
  assert.deepEqual(going, []);
  assert.notEqual((await db.selectFrom('sessions').select('id').execute()).length, 0);
  await db.destroy();
});

test('ids continue far above those of the backup', async () => {
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

test('a running container is not reported as running before it was observed', async () => {
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

test('it is a consistent snapshot while the server keeps running', async () => {
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

test('one that is interrupted leaves no backup, and the same command creates it later', async () => {
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

test('a backup of an older version is migrated to this one', async () => {
  const old = await emptyDatabase();
  await databaseMigrate(old.db, '0002-volumes');
  const values = { email: 'a@example.org', disabled_at: null, created_at: harness.clock.now() };
  await old.db.insertInto('users').values(values).execute();
  const from = target();
  const options = { engine: null, withVolumeData: false, verifyOn: null, ...UNATTENDED };
  await backupCreate({ db: old.db, clock: harness.clock, to: from, ...options });
  await old.db.destroy();
  const { url, db } = await emptyDatabase();
  const reply = await restore(from, url);
  assert.equal(reply.code, 0, reply.err);
  assert.equal(await databaseIsCurrent(db), true);
  const [user] = await db.selectFrom('users').select('email').execute();
  assert.equal(user?.email, 'a@example.org');
  await db.destroy();
});

test('rows of megabytes are restored, however many there are', async () => {
  await sql`
    insert into idempotency_keys (user_id, org_id, key, request_hash, status, reply_sealed, created_at)
    select (select user_id from memberships where org_id = ${caller.org.id} limit 1), ${caller.org.id}, 'large-' || n, '', 201, convert_to(repeat('a', 2500000), 'UTF8'), now()
    from generate_series(1, 60) as n`.execute(harness.db);
  const from = await backupMake();
  await sql`delete from idempotency_keys where key like 'large-%'`.execute(harness.db);
  const { url, db } = await emptyDatabase();
  const reply = await restore(from, url);
  assert.equal(reply.code, 0, reply.err);
  const { rows } = await sql<{ count: number; bytes: string }>`
    select count(*)::int as count, sum(octet_length(reply_sealed)) as bytes
    from idempotency_keys where key like 'large-%'`.execute(db);
  assert.equal(rows[0]?.count, 60);
  assert.equal(Number(rows[0]?.bytes), 60 * 2_500_000);
  await db.destroy();
});

test('a backup that does not restore what the database contains is refused', async () => {
  const { url, db } = await emptyDatabase();
  await databaseMigrate(db);
  await secretKeyCheck(db, harness.deps.secrets);
  // No migration creates it, so no restore has it.
  await sql`create table stray (id int)`.execute(db);
  await sql`insert into stray values (1)`.execute(db);
  const to = target();
  const command = (...more: string[]) =>
    adminOn(url, { ENGINE: 'fake' })(['backup-create', '--to', to, ...more]);
  const refused = await command();
  assert.equal(refused.code, 1);
  assert.match(refused.err, /table stray had 1 rows .* and is restored with none/);
  assert.equal(existsSync(to), false);
  const { rows } = await sql`
    select from pg_database as scratch, pg_database as own
    where own.datname = current_database() and scratch.datname like 'dollarbox_verify_%_' || own.oid`.execute(
    db,
  );
  assert.equal(rows.length, 0, 'no scratch database is left');
  const unproved = await command('--verify', 'no');
  assert.equal(unproved.code, 0, unproved.err);
  await db.destroy();
});

test('a backup of a newer version is refused', async () => {
  const from = await backupMake();
  const manifest = manifestOf(from);
  const newer = { ...manifest, migrations: [...manifest.migrations, '9999-later'] };
  writeFileSync(join(from, 'manifest.json'), JSON.stringify(newer));
  await refused(from, /newer version of DollarBox \(it has the migration 9999-later\)/);
});

test('a database with accounts in it is left unchanged', async () => {
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

test('an existing folder is not overwritten; the rest of an interrupted backup is', async () => {
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
