import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { sql } from 'kysely';
import { type Db, databaseOpen } from './database.ts';
import { sharedRead } from './shared-read.ts';

const { url } = await databaseCreate();
const opened: Db[] = [];
after(() => Promise.all(opened.map((db) => db.destroy())));

/** A table of words keyed by number, and a read of one word. */
async function tableCreate(words: string[]) {
  let statements = 0;
  const db = databaseOpen({ connectionString: url }, { onStatement: () => (statements += 1) });
  opened.push(db);
  const table = `words_${opened.length}`;
  await sql`create table ${sql.table(table)} (id integer generated always as identity, word text)`.execute(
    db,
  );
  for (const word of words)
    await sql`insert into ${sql.table(table)} (word) values (${word})`.execute(db);
  const read = sharedRead(
    (on, ids: number[]) => ({
      compile: () =>
        sql<{ id: number; length: number; word: string }>`
          select id, word, 6 / length(word) as length from ${sql.table(table)} where id = any(${ids}) and id > ${0}`.compile(
          on,
        ),
    }),
    (rows) => new Map(rows.map(({ id, word }) => [id, word])),
  );
  statements = 0;
  return { db, read, count: () => statements, table };
}

it('sends one statement for everything that is requested in one turn', async () => {
  const { db, read, count } = await tableCreate(['one', 'two']);
  const found = await Promise.all([read(db, 1), read(db, 2), read(db, 1), read(db, 3)]);
  assert.deepEqual(found, ['one', 'two', 'one', null]);
  assert.equal(count(), 1);
});

it('reads again in the next turn, with other keys', async () => {
  const { db, read, table } = await tableCreate(['one', 'two']);
  assert.equal(await read(db, 1), 'one');
  await sql`update ${sql.table(table)} set word = 'changed'`.execute(db);
  assert.equal(await read(db, 1), 'changed');
  assert.equal(await read(db, 2), 'changed');
});

it('sees what was committed before the request, even if an earlier read is under way', async () => {
  const { db, read, table } = await tableCreate(['one']);
  const early = read(db, 1);
  await sql`update ${sql.table(table)} set word = 'changed'`.execute(db);
  assert.equal(await read(db, 1), 'changed');
  await early;
});

it('keeps databases separate', async () => {
  const a = await tableCreate(['one']);
  const other = databaseOpen({ connectionString: url });
  opened.push(other);
  assert.deepEqual(await Promise.all([a.read(a.db, 1), a.read(other, 1)]), ['one', 'one']);
  assert.equal(a.count(), 1);
});

it('fails all that share a failing statement, and none after it', async () => {
  const { db, read } = await tableCreate(['one', '']);
  const results = await Promise.allSettled([read(db, 1), read(db, 2)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
  assert.equal(await read(db, 1), 'one');
});
