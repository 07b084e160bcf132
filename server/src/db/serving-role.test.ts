import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { auditPurge } from '../audit-log/store.ts';
import { type DatabaseLocation, type Db, databaseOpen } from './database.ts';
import { EMBEDDED_ROLE } from './embedded/config.ts';
import { type EmbeddedPostgres, embeddedPostgresOpen } from './embedded/embedded.ts';
import { databaseMigrate } from './migrate.ts';
import { servingAccessPrepare } from './serving-role.ts';

const PASSWORD = 'for tests only, of no use elsewhere';
const QUIET = { info() {}, warn() {}, error() {} };
const ROW = { action: 'test', object_kind: 'test', detail: '{}', changes: '{}' };

let folder: string;
let server: EmbeddedPostgres;
let owner: Db;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'serving-role-'));
  server = await embeddedPostgresOpen({ dataDir: join(folder, 'data'), log: QUIET });
  owner = databaseOpen(server.connection);
  await databaseMigrate(owner);
});
after(async () => {
  await owner?.destroy();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What the role of a serving process can do is the same, however it signs in. */
async function rightsCheck(location: DatabaseLocation): Promise<void> {
  const db = databaseOpen(location);
  try {
    const now = new Date();
    await db
      .insertInto('audit_log')
      .values({ ...ROW, at: now })
      .execute();
    const old = new Date(now.getTime() - 366 * 86_400_000);
    await db
      .insertInto('audit_log')
      .values({ ...ROW, at: old })
      .execute();
    for (const statement of [
      'update audit_log set action = action',
      'delete from audit_log',
      'truncate audit_log',
      'alter table audit_log add column extra text',
      'drop table audit_log',
      'create index on audit_log (at)',
      'create rule hide as on insert to audit_log do instead nothing',
      'create trigger hide before insert on audit_log for each row execute function event_record()',
      'alter table audit_log disable trigger all',
      'alter function audit_log_purge(timestamptz, integer) rename to other',
      `set role ${EMBEDDED_ROLE}`,
      'create table other ()',
      'drop table containers',
    ]) {
      await assert.rejects(sql.raw(statement).execute(db), { code: '42501' }, statement);
    }
    // With whatever time: nothing that is younger than a year.
    await auditPurge(db, new Date(now.getTime() + 1000 * 86_400_000));
    const left = await db.selectFrom('audit_log').select('at').execute();
    assert.deepEqual(left, [{ at: now }]);
    await owner.deleteFrom('audit_log').execute();
    await db.insertInto('org_slugs').values({ slug: 'one' }).execute();
    await db.deleteFrom('org_slugs').execute();
    await sql`select nextval('worker_number'), nextval('containers_id_seq')`.execute(db);
  } finally {
    await db.destroy();
  }
}

describe('the role of processes that serve', () => {
  it('can add to the audit log and read it, and nothing else, in the embedded database', async () => {
    for (let starts = 0; starts < 2; starts += 1) {
      const access = await servingAccessPrepare(owner, server.connection, PASSWORD);
      assert.equal(access.fault, null);
      await rightsCheck(access.location);
    }
  });

  it('has a password of the installation where the database is reached by a URL', async () => {
    const hba = `local all ${EMBEDDED_ROLE} peer map=${EMBEDDED_ROLE}\nlocal all all scram-sha-256\n`;
    const { host, user, database } = server.connection;
    const files = await readdir(folder, { recursive: true });
    const path = files.find((file) => file.endsWith('pg_hba.conf')) ?? assert.fail();
    await writeFile(join(folder, path), hba);
    await sql`select pg_reload_conf()`.execute(owner);
    const connectionString = `postgresql://${user}@localhost/${database}?host=${encodeURIComponent(host)}`;
    const [one, two] = await Promise.all([
      servingAccessPrepare(owner, { connectionString }, PASSWORD),
      servingAccessPrepare(owner, { connectionString }, PASSWORD),
    ]);
    assert.deepEqual([one.fault, two.fault], [null, null]);
    await rightsCheck(one.location);
  });

  it('is done without, and said so, where the owner may not make one', async () => {
    await sql`create role plain login createdb`.execute(owner);
    await sql`grant select on all tables in schema public to plain`.execute(owner);
    await sql`alter role plain password ${sql.lit(PASSWORD)}`.execute(owner);
    const { host } = server.connection;
    const connectionString = `postgresql://plain:${encodeURIComponent(PASSWORD)}@localhost/postgres?host=${encodeURIComponent(host)}`;
    const plain = databaseOpen({ connectionString });
    try {
      const access = await servingAccessPrepare(plain, { connectionString }, PASSWORD);
      assert.deepEqual(access.location, { connectionString });
      assert.match(access.fault ?? '', /permission denied/);
    } finally {
      await plain.destroy();
    }
  });
});
