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
import { CONCURRENCY, type Reconcile, reconcilerLoopStart } from './loop.ts';
import { volumeReconcilerCreate } from '../volumes/reconcile.ts';
import type { WorkKind } from './store.ts';
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

/** How many wait for a turn and have done so for longer than this one; 0 when that is under way. */
async function dueBefore(id: number): Promise<number> {
  const { rows } = await sql<{ count: number }>`
    select count(*)::int as count from work
    where lease_owner is null and due_at < (select due_at from work where object_id = ${id} and lease_owner is null)`.execute(
    bench.db,
  );
  return rows[0]?.count ?? 0;
}

it(
  'five hundred that fail again and again come before none of those that do not',
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
      const container = containerReconcilerCreate(deps);
      let turns = 0;
      const turnsBefore = new Map<number, number>();
      const kinds: Record<WorkKind, Reconcile> = {
        container(claim, lease) {
          if (!turnsBefore.has(claim.id)) turnsBefore.set(claim.id, turns);
          turns += 1;
          return container(claim, lease);
        },
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
        for (let made = 1; made <= HEALTHY; made += 1) {
          const id = await bench.create({ name: `app-${made}`, image: 'app:1' });
          const ahead = await dueBefore(id);
          const from = turns;
          deps.signal.notify();
          await statusAwait('app:1', 'running', made);
          const waited = (turnsBefore.get(id) ?? Infinity) - from;
          // Those that were due before it, and those that had been taken; none that came after it.
          assert.ok(waited <= ahead + CONCURRENCY, `${waited} turns, with ${ahead} ahead of it`);
        }
      } finally {
        watching.abort();
        await Promise.all([loop.stop(), watched]);
      }
    });
    await engine.close();
  },
);
