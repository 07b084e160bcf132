import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { type TestDatabase, databaseCreate } from '@dollarbox/testbed/postgres';
import { sql } from 'kysely';
import { type Db, databaseOpen, isDatabaseUnavailable } from './database.ts';

let database: TestDatabase;
let db: Db;
before(async () => {
  database = await databaseCreate();
  db = databaseOpen({ connectionString: database.url }, { applicationName: 'operator' });
});
after(() => db.destroy());

/** A program that loses its connections, idle and in use, and prints the outcome. */
const PROGRAM = `
  const { databaseOpen, isDatabaseUnavailable } = await import(process.argv[1]);
  const { sql } = await import('kysely');
  let lost = 0;
  const db = databaseOpen(
    { connectionString: process.argv[2] },
    { applicationName: 'victim', onConnectionLost: () => (lost += 1) },
  );
  await Promise.all([1, 2].map(() => sql\`select pg_sleep(0.05)\`.execute(db)));
  const fault = await db
    .transaction()
    .execute(async (trx) => {
      await sql\`select 1\`.execute(trx);
      console.log('open');
      await new Promise((resolve) => process.stdin.once('data', resolve));
      await sql\`select 1\`.execute(trx);
    })
    .catch((error) => error);
  const { rows } = await sql\`select 'healed' as state\`.execute(db);
  console.log(rows[0].state, isDatabaseUnavailable(fault), lost);
  await db.destroy();
  process.exit(0);
`;

describe('a connection that is lost', () => {
  it('does not end the process, idle or in use', async () => {
    const module = new URL('./database.ts', import.meta.url).href;
    const child = spawn(
      process.execPath,
      ['--input-type=module', '-e', PROGRAM, module, database.url],
      { cwd: import.meta.dirname, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    const exit = once(child, 'exit');
    const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
    assert.equal((await lines.next()).value, 'open');
    for (let left = -1; left !== 0;) {
      const { rows } = await sql`
        select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'victim'`.execute(
        db,
      );
      left = rows.length;
    }
    child.stdin.end('\n');
    assert.equal((await lines.next()).value, 'healed true 2');
    assert.deepEqual(await exit, [0, null]);
  });
});

describe('isDatabaseUnavailable', () => {
  const fault = (properties: object): Error => Object.assign(new Error('x'), properties);

  it('recognizes error codes', () => {
    for (const code of ['08006', '28P01', '3D000', '53300', '57P01', '57P03', '57014', '25006']) {
      assert.equal(isDatabaseUnavailable(fault({ code })), true, code);
    }
    for (const code of ['23505', '23514', '22021', '42P01', '40001', '55000', 'XX000', '']) {
      assert.equal(isDatabaseUnavailable(fault({ code })), false, code);
    }
  });

  it('recognizes a session that ended', () => {
    assert.equal(isDatabaseUnavailable(fault({ code: '55000', severity: 'FATAL' })), true);
    assert.equal(isDatabaseUnavailable(fault({ code: '55000', severity: 'ERROR' })), false);
  });

  it('recognizes socket errors, and no other errors with the same codes', () => {
    assert.equal(isDatabaseUnavailable(fault({ code: 'ECONNREFUSED', syscall: 'connect' })), true);
    assert.equal(isDatabaseUnavailable(fault({ code: 'ENOENT', syscall: 'connect' })), true);
    assert.equal(isDatabaseUnavailable(fault({ code: 'ENOENT' })), false);
    assert.equal(
      isDatabaseUnavailable(
        new AggregateError([fault({ code: 'ECONNREFUSED', syscall: 'connect' })]),
      ),
      true,
    );
    assert.equal(isDatabaseUnavailable('ECONNREFUSED'), false);
  });

  it('recognizes that nobody is listening', async () => {
    const nowhere = databaseOpen({ connectionString: 'postgres://x@127.0.0.1:1/x' });
    await assert.rejects(sql`select 1`.execute(nowhere), isDatabaseUnavailable);
    await nowhere.destroy();
  });
});

describe('statements', () => {
  it('are counted, transaction control apart', async () => {
    let count = 0;
    const counted = databaseOpen(
      { connectionString: database.url },
      { onStatement: () => (count += 1) },
    );
    await counted.transaction().execute(async (trx) => {
      await sql`select 1`.execute(trx);
      await sql`select ${2}::int`.execute(trx);
    });
    await counted.destroy();
    assert.equal(count, 2);
  });
});
