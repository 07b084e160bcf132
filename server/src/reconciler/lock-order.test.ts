import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { sql } from 'kysely';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import type { Trx } from '../db/database.ts';
import { workWakeOrg } from './work-store.ts';

const COUNT = 4;
const WORKER = 7;

type Table = 'work' | 'containers' | 'volumes';

/** Two transactions that lock several rows in different orders end in a deadlock, and with them a turn or a request. */
describe('a statement locks its rows in the order that all keep to', () => {
  let bench: ReconcileBench;
  const containers: number[] = [];
  const volumes: number[] = [];
  const first = (table: Table): number => (table === 'volumes' ? volumes : containers)[0] ?? 0;

  before(async () => {
    bench = await reconcileBenchOpen();
    bench.world.publish('web:1', {});
    for (let index = 0; index < COUNT; index += 1) {
      containers.push(await bench.create({ name: `c${index}`, image: 'web:1' }));
      volumes.push(await bench.volumeCreate(`v${index}`));
    }
    await bench.settle();
    // The first rows are now the last in the tables, where a scan finds them last.
    for (const table of ['containers', 'volumes'] as const) {
      await sql`update ${sql.table(table)} set revision = revision where id = ${first(table)}`.execute(
        bench.db,
      );
    }
    await bench.db
      .updateTable('work')
      .set({ hint_seq: sql`hint_seq` })
      .where('object_id', 'in', [first('containers'), first('volumes')])
      .execute();
  });
  after(() => bench.close());

  const idOf = (table: Table) => sql.ref(table === 'work' ? 'object_id' : 'id');
  const ofKind = (table: Table) => (table === 'work' ? sql`kind = 'container'` : sql`true`);

  async function rowHold(trx: Trx, table: Table): Promise<void> {
    await sql`
      select from ${sql.table(table)} where ${idOf(table)} = ${first(table)} and ${ofKind(table)} for update
    `.execute(trx);
  }

  /** The rows that nobody has locked. */
  async function freeCount(trx: Trx, table: Table): Promise<number> {
    const { rows } = await sql`
      select ${idOf(table)} from ${sql.table(table)} where ${ofKind(table)} for update skip locked
    `.execute(trx);
    return rows.length;
  }

  /** Waits until a statement waits for a lock. */
  async function lockWait(): Promise<void> {
    for (;;) {
      const { rows } = await sql`
        select from pg_stat_activity
        where datname = current_database() and wait_event_type = 'Lock'`.execute(bench.db);
      if (rows.length > 0) return;
    }
  }

  async function locksInOrder(table: Table, statement: () => Promise<unknown>): Promise<void> {
    let waiting: Promise<unknown> = Promise.resolve();
    await bench.db.transaction().execute(async (trx) => {
      await rowHold(trx, table);
      waiting = statement();
      waiting.catch(() => undefined);
      await lockWait();
      // While it waits for the first row, it has locked none of the others.
      assert.equal(await freeCount(trx, table), COUNT);
    });
    await waiting;
  }

  const now = () => bench.clock.now();
  const later = () => new Date(now().getTime() + 60_000);

  it('when it marks containers and volumes as unknown', async () => {
    const { store } = bench.deps;
    await locksInOrder('containers', () => store.containersMarkUnknown('The engine is silent.'));
    await locksInOrder('volumes', () => store.volumesMarkUnknown('The engine is silent.'));
  });

  it('when it wakes what was marked as unknown, and what belongs to an org', async () => {
    const { store } = bench.deps;
    await locksInOrder('work', () => store.containersWakeUnknown(later(), now()));
    await locksInOrder('work', () => workWakeOrg(bench.db, bench.orgId, now()));
  });

  it('when it renews leases, and ends those of a worker that died', async () => {
    const { store } = bench.deps;
    const claims = await store.workClaim(WORKER, now(), 60_000, 2 * COUNT);
    assert.equal(claims.filter(({ kind }) => kind === 'container').length, COUNT);
    await locksInOrder('work', () => store.workRenew(WORKER, claims.toReversed(), later()));
    await locksInOrder('work', () => store.workReclaimDead(now()));
  });

  it('when it marks a container whose process has ended: the container, then its place in the queue', async () => {
    const { store } = bench.deps;
    await bench.settle();
    const [id = 0] = containers;
    const ref = (await bench.engine.containers.observe(id))?.ref ?? '';
    const ended = { ref, exitCode: 1 };
    let waiting: Promise<unknown> = Promise.resolve();
    await bench.db.transaction().execute(async (trx) => {
      await rowHold(trx, 'containers');
      waiting = store.containerMarkEnded(id, ended, now());
      waiting.catch(() => undefined);
      await lockWait();
      assert.equal(await freeCount(trx, 'work'), COUNT);
    });
    await waiting;
    assert.equal((await bench.read(id)).status, 'failed');
  });
});
