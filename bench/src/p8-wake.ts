import { setTimeout as delay } from 'node:timers/promises';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import { systemFakeClock } from '@dollarbox/engines/fake/clock';
import { fakeWorldCreate } from '@dollarbox/engines/fake/world';
import { pino } from 'pino';
// What happens between a commit and a reconcile is not visible at any URL: the parts themselves are measured here.
import { databaseOpen } from '../../server/src/db/database.ts';
import { metricsCreate } from '../../server/src/base/metrics.ts';
import { reconcilerLoopStart } from '../../server/src/reconciler/loop.ts';
import type { Reconcile } from '../../server/src/reconciler/turn.ts';
import { postgresStoreCreate } from '../../server/src/kinds.ts';
import { workSignalCreate } from '../../server/src/reconciler/work-signal.ts';
import { workerSessionOpen } from '../../server/src/reconciler/worker-session.ts';
import { secretBoxCreate } from '../../server/src/base/secrets.ts';
import { systemClock, systemRandom } from '../../server/src/base/system.ts';
import { apiOpen } from './api.ts';
import { type Load, loadOpen } from './load.ts';
import { rawHopOpen } from './notify-hop.ts';
import { type BenchOrg, orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { median } from './statistics.ts';

const ROUNDS = 5;
const HOPS = 60;
const CONNECTIONS = 32;
const ROUND_MS = 3000;

/** P8: how soon after a commit a reconcile starts, and what the wake-ups cost the writes. */
export async function wakeBench(): Promise<Result[]> {
  const server = await serverOpen({ ENGINE: 'fake', ROLE: 'api' });
  const load = loadOpen();
  try {
    const hops = await hopsCompare(server);
    const orgs = await orgsCreate(server, CONNECTIONS, 10_000_000);
    return [...hops, await writesCompare(server, load, orgs)];
  } finally {
    load.close();
    await server.close();
  }
}

/** Milliseconds from a commit to the reconcile, in this process or another one, compared with a NOTIFY. */
async function hopsCompare(server: BenchServer): Promise<Result[]> {
  const own = await workerOpen(server);
  const other = workSignalCreate(own.db, systemRandom);
  const raw = await rawHopOpen(server);
  const tookMs = { own: [] as number[], other: [] as number[], raw: [] as number[] };
  for (let round = 0; round < ROUNDS; round += 1) {
    for (let hop = 0; hop < HOPS; hop += 1) {
      tookMs.raw.push(await raw.hop());
      tookMs.own.push(await own.startAfter(() => own.signal.notify()));
      tookMs.other.push(await own.startAfter(() => other.notify()));
    }
  }
  await raw.close();
  await own.close();
  const result = (what: string, ours: readonly number[]): Result =>
    compare({
      id: 'P8',
      what: `commit → reconcile starts, ${what}, p50`,
      ours: median(ours),
      raw: median(tookMs.raw),
      unit: 'ms',
      goal: { atMost: 3 },
    });
  return [result('in the same process', tookMs.own), result('in another process', tookMs.other)];
}

/** A worker like the product's, whose reconcile only reports that it was called. */
async function workerOpen(server: BenchServer) {
  const log = pino({ level: 'silent' });
  const db = databaseOpen(server.location);
  const signal = workSignalCreate(db, systemRandom);
  const store = postgresStoreCreate(db, secretBoxCreate('a key of the bench, of no use elsewhere'));
  const world = fakeWorldCreate({ clock: systemFakeClock(), seed: 1 });
  const deps = {
    eventSignal: signal,
    ...{ store, signal, log, clock: systemClock, random: systemRandom, metrics: metricsCreate() },
    engine: fakeEngineCreate(world, { installationId: server.installationId }),
  };
  let started = Promise.withResolvers<number>();
  const session = await workerSessionOpen(server.location, log, (from) => signal.receive(from));
  const reconcile: Reconcile = async (claim) => {
    started.resolve(performance.now());
    await store.workRelease(claim, new Date(), { dueAt: null, failures: 0 });
  };
  const loop = reconcilerLoopStart(deps, session, [{ kind: 'container', reconcile }]);
  const { rows } = await server.db.query<{ id: string }>(
    `insert into work (kind, object_id) values ('container', 1) returning object_id as id`,
  );
  const id = Number(rows[0]?.id);
  return {
    db,
    signal,
    /** Makes an object due, sends the wake-up, and waits for the reconcile. @returns milliseconds from the commit. */
    async startAfter(notify: () => void): Promise<number> {
      // The worker has finished the previous reconcile by then.
      await delay(5);
      started = Promise.withResolvers();
      await store.workWake('container', id, new Date());
      const committedAt = performance.now();
      notify();
      return (await started.promise) - committedAt;
    },
    async close() {
      await loop.stop();
      await session.close();
      await server.db.query('delete from work');
      await db.destroy();
    },
  };
}

/** Creates per second of two API processes, one of which sends no wake-ups. */
async function writesCompare(
  server: BenchServer,
  load: Load,
  orgs: readonly BenchOrg[],
): Promise<Result> {
  const telling = await apiOpen(server, { isTelling: true });
  const silent = await apiOpen(server, { isTelling: false });
  const rates = { telling: [] as number[], silent: [] as number[] };
  const rateOf = async (url: string): Promise<number> => {
    const requests = orgs.map(({ token }) => ({
      path: '/api/v1/containers/',
      headers: { Authorization: `Bearer ${token}` },
      body: `{"name": "web-{n}", "image": "nginx:1.27"}`,
    }));
    const plan = { url, connections: CONNECTIONS, durationMs: ROUND_MS } as const;
    const result = await load.run({ ...plan, method: 'POST', order: 'own', requests });
    return result.requestsPerSecond;
  };
  try {
    await rateOf(telling.url);
    await rateOf(silent.url);
    for (let round = 0; round < ROUNDS; round += 1) {
      rates.telling.push(await rateOf(telling.url));
      rates.silent.push(await rateOf(silent.url));
    }
  } finally {
    telling.close();
    silent.close();
  }
  return compare({
    id: 'P8',
    what: 'POST container, wake-ups on ÷ off',
    ours: median(rates.telling),
    raw: median(rates.silent),
    unit: '/s',
    goal: { atLeast: 0.95 },
  });
}
