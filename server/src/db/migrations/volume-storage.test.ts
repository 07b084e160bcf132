import assert from 'node:assert/strict';
import { test } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { sql } from 'kysely';
import { databaseOpen } from '../database.ts';
import { databaseMigrate } from '../migrate.ts';

/** A database as the migrations before this one left it. */
const BEFORE = {
  name: 'before_volume_storage',
  async migrate(location: { connectionString: string }): Promise<void> {
    const db = databaseOpen(location);
    await databaseMigrate(db, '0010-members');
    await db.destroy();
  },
};

/** Migrates an org's volumes, given as SQL values of (name, storage_class, size_enforced), oldest first. */
async function migrated(...volumes: string[]): Promise<unknown[]> {
  const { url } = await databaseCreate(BEFORE);
  const db = databaseOpen({ connectionString: url });
  try {
    await sql`insert into org_slugs values ('a')`.execute(db);
    await sql`insert into orgs (slug, name, ipv6_subnet, created_at) values ('a', 'A', 'fd00:1::/64', now())`.execute(
      db,
    );
    for (const [index, values] of volumes.entries()) {
      const uid = String(index).padStart(16, 'v');
      await sql`
        insert into volumes (uid, org_id, size_gb, created_at, updated_at, attempt_at, name, storage_class, size_enforced)
        select ${uid}, id, 1, now(), now(), now(), ${sql.raw(values)} from orgs
      `.execute(db);
    }
    await databaseMigrate(db);
    const { rows } = await sql<{ line: unknown[] }>`
      select array[name, storage_class, size_enforced::text] as line from volumes order by id
    `.execute(db);
    return rows.map(({ line }) => line);
  } finally {
    await db.destroy();
  }
}

test('a volume that is not created yet will be stored as the newest that is', async () => {
  const rows = await migrated(
    `'first', 'docker-local', false`,
    `'second', 'docker-loop', true`,
    `'pending', null, null`,
  );
  assert.deepEqual(rows, [
    ['first', 'docker-local', 'false'],
    ['second', 'docker-loop', 'true'],
    ['pending', 'docker-loop', 'true'],
  ]);
});

test('where none is created, it will be stored as Docker stores volumes everywhere', async () => {
  assert.deepEqual(await migrated(`'pending', null, null`), [['pending', 'docker-local', 'false']]);
});
