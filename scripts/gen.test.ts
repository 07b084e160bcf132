import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { Client } from 'pg';
import { generatedFiles, generatedStale, projectFolder } from './gen-files.ts';
import { schemaSqlMake } from './gen-schema-sql.ts';

async function run(connectionString: string, sql: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.query(sql).finally(() => client.end());
}

test('the generated files are those that npm run gen would write', async () => {
  const files = await generatedFiles();
  assert.deepEqual(
    files.map(({ path }) => path),
    ['openapi.json', 'client/src/schema.ts', 'server/src/db/schema.sql'],
  );
  const stale = generatedStale(files, projectFolder).map(({ path }) => path);
  assert.deepEqual(stale, [], 'run npm run gen');
});

test('a file that is missing or differs is stale', (t) => {
  const folder = mkdtempSync(join(tmpdir(), 'gen-test-'));
  t.after(() => rmSync(folder, { recursive: true }));
  const [same, changed, missing] = ['same', 'changed', 'missing'].map((path) => ({
    path,
    text: 'text\n',
  }));
  assert.ok(same && changed && missing);
  writeFileSync(join(folder, 'same'), 'text\n');
  writeFileSync(join(folder, 'changed'), 'text');
  assert.deepEqual(generatedStale([same, changed, missing], folder), [changed, missing]);
});

test('the dump makes a database with the same dump', async () => {
  const dump = (await generatedFiles()).at(-1)?.text ?? '';
  const database = await databaseCreate();
  await run(database.url, dump);
  assert.equal(await schemaSqlMake({ connectionString: database.url }), dump);
});

test('a kind of object that the dump would leave out is an error', async () => {
  for (const [name, sql] of [
    ['type mood', "create type mood as enum ('good')"],
    ['relation seen', 'create view seen as select 1 as one'],
    ['function one', "create function one() returns int language sql as 'select 1'"],
  ] as const) {
    const database = await databaseCreate();
    await run(database.url, sql);
    await assert.rejects(schemaSqlMake({ connectionString: database.url }), {
      message: `scripts/gen-schema-sql.ts does not know how to write ${name}`,
    });
  }
});
