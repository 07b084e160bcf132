import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { createFakeEngine } from '@dollarbox/engines/fake';
import { systemFakeClock } from '@dollarbox/engines/fake/clock';
import { createFakeWorld } from '@dollarbox/engines/fake/world';
import { sql } from 'kysely';
import { containerReconcilerCreate } from '../containers/reconcile.ts';
import { installationRead } from '../installation/store.ts';
import { systemClock, systemRandom } from '../system.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../test/reconcile-harness.ts';
import { engineWatch } from './engine-watch.ts';
import { reconcilerLoopStart } from './loop.ts';
import { volumeReconcilerCreate } from '../volumes/reconcile.ts';
import { workSignalCreate } from './work-signal.ts';
import { WORKER_LOCK_CLASS } from './work-store.ts';

const CROWD = 500;
const HEALTHY = 20;
const WORKER = 1_000_000;

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

/** Waits until so many containers of an image have this status. */
async function statusAwait(image: string, status: string, count: number): Promise<void> {
  for (;;) {
    const { rows } = await sql<{ count: number }>`
      select count(*)::int as count from containers where image = ${image} and status = ${status}`.execute(
      bench.db,
    );
    if (rows[0]?.count === count) return;
    await delay(10);
  }
}

it(
  'five hundred that fail again and again do not slow down those that do not',
  { timeout: 120_000 },
  async () => {
    const { db } = bench;
    await bench.clock.advance(systemClock.now().getTime() - bench.clock.now().getTime());
    const world = createFakeWorld({ clock: systemFakeClock(), seed: 1 });
    world.publish('crash:1', { process: { exitAfterMs: 50, exitCode: 1 } });
    world.publish('app:1', {});
    const { id: installationId } = await installationRead(db);
    const engine = createFakeEngine(world, { installationId });
    const deps = {
      ...bench.deps,
      engine,
      clock: systemClock,
      signal: workSignalCreate(db, systemRandom),
    };

    await db.connection().execute(async (alive) => {
      // Who holds no lock of its number is taken for dead.
      await sql`select pg_advisory_lock(${WORKER_LOCK_CLASS}, ${WORKER})`.execute(alive);
      const session = { number: () => WORKER, async close() {} };
      const kinds = {
        container: containerReconcilerCreate(deps),
        volume: volumeReconcilerCreate(deps),
      };
      const loop = reconcilerLoopStart(deps, session, kinds);
      const watching = new AbortController();
      const watched = engineWatch(deps, watching.signal);
      try {
        for (let made = 0; made < CROWD; made += 1) {
          await bench.create({ name: `crash-${made}`, image: 'crash:1' });
        }
        deps.signal.notify();
        await statusAwait('crash:1', 'failed', CROWD);
        const tookMs: number[] = [];
        for (let made = 1; made <= HEALTHY; made += 1) {
          const startedAt = performance.now();
          await bench.create({ name: `app-${made}`, image: 'app:1' });
          deps.signal.notify();
          await statusAwait('app:1', 'running', made);
          tookMs.push(performance.now() - startedAt);
        }
        const slowest = Math.max(...tookMs);
        assert.ok(slowest < 3000, `the slowest took ${slowest} ms`);
        const { count } = await db
          .selectFrom('work')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .where('due_at', '<', new Date(systemClock.now().getTime() - 5000))
          .executeTakeFirstOrThrow();
        assert.equal(count, 0, 'some have waited for their turn for five seconds');
      } finally {
        watching.abort();
        await Promise.all([loop.stop(), watched]);
      }
    });
    await engine.close();
  },
);
