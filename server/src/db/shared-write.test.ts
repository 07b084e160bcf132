import assert from 'node:assert/strict';
import { after, it } from 'node:test';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { sql } from 'kysely';
import { databaseOpen } from './database.ts';
import { sharedWrite } from './shared-write.ts';

const { url } = await databaseCreate();
const db = databaseOpen({ connectionString: url });
after(() => db.destroy());

/** Squares positive numbers in the database, and leaves out negative ones. */
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

it('does together what comes in one turn, and then what came while that was under way', async () => {
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

it('puts no more than fifty into a statement', async () => {
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

it('says of all that they were not done when the database refuses the statement', async () => {
  const { write, open } = squares();
  open();
  // Out of range for its square.
  assert.deepEqual(await Promise.all([write(2), write(2_000_000_000)]), [null, null]);
  assert.equal(await write(2), 4);
});

it('fails all when what became of the statement is not known', async () => {
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
