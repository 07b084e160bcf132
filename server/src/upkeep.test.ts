import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { type ReconcileBench, reconcileBenchOpen } from '../test/support/reconcile-harness.ts';
import { systemClock } from './base/system.ts';
import { engineMonitorStart } from './reconciler/engine-monitor.ts';
import { upkeepTasks } from './upkeep.ts';

let bench: ReconcileBench;

before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

const DAY_MS = 86_400_000;

it(
  'what is past its time is removed, also while images can not be',
  { timeout: 600_000 },
  async (test) => {
    const { db, engine, clock } = bench;
    const now = clock.now().getTime();
    const { id: userId } = await db.selectFrom('users').select('id').executeTakeFirstOrThrow();
    const at = (daysAgo: number): Date => new Date(now - daysAgo * DAY_MS);
    const reply = { request_hash: Buffer.alloc(1), status: 201, reply_sealed: Buffer.alloc(1) };
    for (const [key, daysAgo] of [
      ['old', 1.01],
      ['new', 0.99],
    ] as const) {
      const row = { user_id: userId, org_id: 0, key, created_at: at(daysAgo), ...reply };
      await db.insertInto('idempotency_keys').values(row).execute();
    }
    const told = { action: 'test', object_kind: 'test', detail: '{}', changes: '{}' };
    // By the clock of the database, too, which removes nothing younger than a year.
    const before = new Date(Math.min(now, systemClock.now().getTime()) - 365.01 * DAY_MS);
    const old = Array.from({ length: 2500 }, () => ({ ...told, at: before }));
    await db
      .insertInto('audit_log')
      .values([...old, { ...told, at: at(364.99) }])
      .execute();

    const images = {
      ...engine.images,
      collect: () => Promise.reject(new Error('the engine can not remove images')),
    };
    const deps = { ...bench.deps, engine: { ...engine, images } };
    const monitor = engineMonitorStart(deps, [], (signal) => upkeepTasks(deps, () => {}, signal));
    test.after(() => monitor.stop());
    const left = async () => ({
      keys: (await db.selectFrom('idempotency_keys').select('key').execute()).map(({ key }) => key),
      audit: (await db.selectFrom('audit_log').select('id').where('action', '=', 'test').execute())
        .length,
    });
    let found = await left();
    while (!test.signal.aborted && (found.keys.length > 1 || found.audit > 1)) found = await left();
    await monitor.stop();
    assert.deepEqual(found, { keys: ['new'], audit: 1 });
  },
);
