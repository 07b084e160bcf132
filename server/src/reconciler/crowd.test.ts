import assert from 'node:assert/strict';
import { after, before, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import type { FakeClock } from '@dollarbox/engines/fake/clock';
import { fakeWorldCreate } from '@dollarbox/engines/fake/world';
import { sql } from 'kysely';
import { kindsCreate } from '../kinds.ts';
import { installationRead } from '../installation/store.ts';
import { systemClock, systemRandom } from '../base/system.ts';
import { type ReconcileBench, reconcileBenchOpen } from '../../test/support/reconcile-harness.ts';
import { engineWatch } from './engine-watch.ts';
import { CONCURRENCY, reconcilerLoopStart } from './loop.ts';
import type { Timers } from '../base/timers.ts';
import type { Lease } from './turn.ts';
import type { Claim } from './store.ts';
import { workSignalCreate } from './work-signal.ts';
import { WORKER_LOCK_CLASS } from './work-store.ts';

const CROWD = 500;
const HEALTHY = 20;
const WORKER = 1_000_000;
/** How many times faster than the machine's time passes, since the test mostly waits for the delays of restarts. */
const SPEED = 4;

const startedAt = systemClock.now().getTime();
const clock: FakeClock = {
  now: () => new Date(startedAt + SPEED * (systemClock.now().getTime() - startedAt)),
  schedule(delayMs, work) {
    const timer = setTimeout(work, delayMs / SPEED);
    return () => clearTimeout(timer);
  },
};
const timers: Timers = { after: clock.schedule };

let bench: ReconcileBench;
before(async () => {
  bench = await reconcileBenchOpen();
});
after(() => bench.close());

/** Waits until this many containers of an image have this status. */
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
  { timeout: 600_000 },
  async () => {
    const { db } = bench;
    await bench.clock.advance(systemClock.now().getTime() - bench.clock.now().getTime());
    const world = fakeWorldCreate({ clock, seed: 1 });
    world.publish('crash:1', { process: { exitAfterMs: 50, exitCode: 1 } });
    world.publish('app:1', {});
    const { id: installationId } = await installationRead(db);
    const engine = fakeEngineCreate(world, { installationId });
    const deps = {
      ...bench.deps,
      engine,
      clock,
      signal: workSignalCreate(db, systemRandom),
      eventSignal: { notify() {} },
    };

    await db.connection().execute(async (alive) => {
      // A worker that does not hold the lock of its number is considered dead.
      await sql`select pg_advisory_lock(${WORKER_LOCK_CLASS}, ${WORKER})`.execute(alive);
      const session = { number: () => WORKER, async close() {} };
      let turns = 0;
      const turnsBefore = new Map<number, number>();
      const kinds = kindsCreate(deps);
      const counted = kinds.map((kind) => ({
        kind: kind.kind,
        async reconcile(claim: Claim, lease: Lease) {
          if (kind.kind === 'container') {
            if (!turnsBefore.has(claim.id)) turnsBefore.set(claim.id, turns);
            turns += 1;
          }
          await kind.reconcile?.(claim, lease);
        },
      }));
      const loop = reconcilerLoopStart(deps, session, counted, timers);
      const watching = new AbortController();
      const watched = engineWatch(deps, kinds, watching.signal, timers);
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
