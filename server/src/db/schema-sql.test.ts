import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { sql } from 'kysely';
import { databaseOpen } from './database.ts';
import { schemaSqlCreate } from './schema-sql.ts';

/** The dump of a new database after running some statements. */
async function dumpAfter(statements: string): Promise<string> {
  const database = await databaseCreate();
  const db = databaseOpen({ connectionString: database.url });
  try {
    await sql.raw(statements).execute(db);
    return await schemaSqlCreate(db);
  } finally {
    await db.destroy();
  }
}

test('schema.sql creates a database with the same dump', async () => {
  const dump = readFileSync(new URL('schema.sql', import.meta.url), 'utf8');
  assert.equal(await dumpAfter(dump), dump);
});

test('a kind of object that the dump would omit is an error', async () => {
  for (const [name, statement] of [
    ['type mood', "create type mood as enum ('good')"],
    ['relation seen', 'create view seen as select 1 as one'],
    ['procedure one', "create procedure one() language sql as 'select 1'"],
  ] as const) {
    await assert.rejects(dumpAfter(statement), {
      message: `server/src/db/schema-sql.ts does not know how to write ${name}`,
    });
  }
});
