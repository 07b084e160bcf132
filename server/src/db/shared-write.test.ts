import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { sql } from 'kysely';
import { databaseOpen } from './database.ts';
import { sharedWrite } from './shared-write.ts';

const { url } = await databaseCreate();
const db = databaseOpen({ connectionString: url });
after(() => db.destroy());

/** Squares positive numbers in the database, and omits negative ones. */
function squares() {
  const batches: number[][] = [];
  const gate = Promise.withResolvers<void>();
  const write = sharedWrite(async (on, numbers: readonly number[]) => {
    batches.push([...numbers]);
    if (batches.length === 1) await gate.promise;
    const { rows } = await sql<{ square: number }>`
      select n * n as square from unnest(${[...numbers]}::integer[]) as n`.execute(on);
    return rows.map(({ square }, index) => ((numbers[index] ?? 0) < 0 ? null : square));
  });
  return { write: (n: number) => write(db, n), batches, open: () => gate.resolve() };
}

it('writes together what comes in one turn, and then what came in the meantime', async () => {
  const { write, batches, open } = squares();
  const first = [write(1), write(2)];
  await new Promise(setImmediate);
  const second = [write(3), write(-4), write(5)];
  open();
  assert.deepEqual(await Promise.all([...first, ...second]), [1, 4, 9, null, 25]);
  assert.deepEqual(batches, [
    [1, 2],
    [3, -4, 5],
  ]);
  assert.equal(await write(6), 36);
});

it('puts at most fifty writes into a statement', async () => {
  const { write, batches, open } = squares();
  open();
  const numbers = Array.from({ length: 120 }, (_, index) => index);
  assert.deepEqual(
    await Promise.all(numbers.map(write)),
    numbers.map((n) => n * n),
  );
  assert.deepEqual(
    batches.map(({ length }) => length),
    [50, 50, 20],
  );
});

it('reports all writes as not done if the database refuses the statement', async () => {
  const { write, open } = squares();
  open();
  // The square is out of range.
  assert.deepEqual(await Promise.all([write(2), write(2_000_000_000)]), [null, null]);
  assert.equal(await write(2), 4);
});

it('fails all writes if the outcome of the statement is unknown', async () => {
  const lost = sharedWrite(async (on, pids: readonly number[]) => {
    await sql`select pg_terminate_backend(pg_backend_pid())`.execute(on);
    return [...pids];
  });
  const results = await Promise.allSettled([lost(db, 1), lost(db, 2)]);
  assert.deepEqual(
    results.map(({ status }) => status),
    ['rejected', 'rejected'],
  );
});
