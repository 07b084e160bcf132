import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { type Db, databaseOpen } from '../db/database.ts';
import { databaseMigrate } from '../db/migrate.ts';
import { databaseFaultLookupCreate } from './readiness.ts';

let db: Db;
let statements = 0;
let drop: () => Promise<void>;
let nowMs = 0;
const clock = { now: () => new Date(nowMs) };
before(async () => {
  const database = await databaseCreate();
  const url = { connectionString: database.url };
  db = databaseOpen(url, { onStatement: () => (statements += 1) });
  drop = () => database.drop();
});
after(() => db.destroy());

/** The number of statements that it runs. */
async function cost(action: () => Promise<unknown>): Promise<number> {
  const before = statements;
  await action();
  return statements - before;
}

it('readiness is asked of the database once a second at most', async () => {
  const fault = databaseFaultLookupCreate(db, clock);
  const many = (): Promise<unknown> => Promise.all(Array.from({ length: 50 }, fault));
  assert.equal(await fault(), 'migrations are not done');
  await databaseMigrate(db);
  assert.equal(await fault(), 'migrations are not done');
  nowMs += 1000;
  assert.equal(await fault(), null);

  // Once migrations are applied, they are not checked again.
  nowMs += 999;
  assert.equal(await cost(many), 0);
  nowMs += 1;
  assert.equal(await cost(many), 2);
  assert.equal(await cost(many), 0);
  // The clock was set back.
  nowMs -= 3_600_000;
  assert.equal(await cost(many), 2);

  await drop();
  assert.equal(await fault(), null);
  nowMs += 1000;
  assert.equal(await fault(), 'the database is not reachable');
});
