import type { Engine, EngineChange } from '@dollarbox/engines/contract';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import { type VirtualClock, virtualClock } from '@dollarbox/engines/fake/clock';
import { type Tamper, tamperCreate } from '@dollarbox/engines/fake/tamper';
import { type FakeWorld, fakeWorldCreate } from '@dollarbox/engines/fake/world';
import type { SubnetStore } from '@dollarbox/engines/subnets';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { pino } from 'pino';
import { configRead } from '../../src/base/config.ts';
import { OPERATOR, type OrgActor } from '../../src/changes/actor.ts';
import * as containers from '../../src/containers/operations.ts';
import { containerDesired } from '../../src/containers/rules.ts';
import type { ContainerCreate, ContainerUpdate } from '../../src/containers/schema.ts';
import * as store from '../../src/containers/store.ts';
import { type Db, type Trx, databaseOpen } from '../../src/db/database.ts';
import { ipv6PrefixOpen } from '../../src/installation/ipv6-prefix.ts';
import { installationRead, installationUpdate } from '../../src/installation/store.ts';
import { usageRecorderCreate } from '../../src/http/usage.ts';
import { eventFeedCreate } from '../../src/feed/feed.ts';
import { mailSignalCreate } from '../../src/mail/signal.ts';
import { metricsCreate } from '../../src/base/metrics.ts';
import { orgCreate } from '../../src/orgs/operations.ts';
import { orgSubnetStoreCreate } from '../../src/orgs/subnet-store.ts';
import { orgLock } from '../../src/orgs/store.ts';
import { LEASE_MS } from '../../src/reconciler/loop.ts';
import type { Lease } from '../../src/reconciler/turn.ts';
import { kindsCreate, postgresStoreCreate } from '../../src/kinds.ts';
import type { ReconcilerDeps } from '../../src/upkeep.ts';
import { type Claim, FenceLost } from '../../src/reconciler/store.ts';
import { secretBoxCreate } from '../../src/base/secrets.ts';
import { systemRandom } from '../../src/base/system.ts';
import * as volumes from '../../src/volumes/operations.ts';
import * as volumeStore from '../../src/volumes/store.ts';
import { volumeSweeper } from '../../src/volumes/sweep.ts';
import { userInsert } from '../../src/users/store.ts';

const MAX_TURNS = 500;
import { MIGRATED_DATABASE } from './database-template.ts';

/** The real store and reconcile code on a real database, with the fake engine and virtual time. */
export interface ReconcileBench {
  deps: ReconcilerDeps;
  db: Db;
  databaseUrl: string;
  clock: VirtualClock;
  world: FakeWorld;
  tamper: Tamper;
  engine: Engine;
  /** What the engine stores about orgs' networks. */
  subnets: SubnetStore;
  installationId: string;
  orgId: number;
  /** In the first org unless another is named. */
  create(body: ContainerCreate, orgId?: number): Promise<number>;
  /** Another org, with an owner of its own. */
  orgAdd(): Promise<number>;
  update(id: number, body: ContainerUpdate): Promise<store.ContainerRow>;
  delete(id: number): Promise<void>;
  read(id: number): Promise<store.ContainerRow>;
  /** A volume of 1 GB. */
  volumeCreate(name: string): Promise<number>;
  volumeDelete(id: number): Promise<void>;
  volumeRead(id: number): Promise<volumeStore.VolumeRow>;
  /** The comparison of the engine's volumes with the table. */
  volumeSweep(): Promise<void>;
  /** Claims one due object without working on it. */
  claim(): Promise<Claim>;
  /** Works on a claim, with a lease whose `require` always succeeds. */
  work(claim: Claim): Promise<void>;
  /** Does all work that is due now, including the engine's hints. */
  settle(): Promise<void>;
  /** Advances time, stopping wherever something falls due. */
  advance(ms: number): Promise<void>;
  /** Discards the engine's hints so far. */
  dropHints(): Promise<void>;
  /** The number of turns done so far. */
  turns(): number;
  close(): Promise<void>;
}

/** @param options how the engine differs from the usual one. */
export async function reconcileBenchOpen(
  options: Pick<Parameters<typeof fakeWorldCreate>[0], 'restarts' | 'addressing'> = {},
): Promise<ReconcileBench> {
  const database = await databaseCreate(MIGRATED_DATABASE);
  const db = databaseOpen({ connectionString: database.url });
  const clock = virtualClock();
  const world = fakeWorldCreate({ clock, seed: 1, ...options });
  const { id: installationId } = await installationRead(db);
  await installationUpdate(db, { addresses_given: world.addressing === 'given' });
  const subnets = orgSubnetStoreCreate(db, 0);
  const engine = fakeEngineCreate(world, { installationId, subnets });
  await engine.host?.start();
  const secrets = secretBoxCreate('a key for tests only, of no use elsewhere');
  const log = pino({ level: 'silent' });
  const metrics = metricsCreate();
  const deps: ReconcilerDeps = {
    config: configRead({ ENGINE: 'fake' }),
    db,
    clock,
    random: systemRandom,
    secrets,
    store: postgresStoreCreate(db, secrets),
    ipv6Prefix: await ipv6PrefixOpen(db, null, log),
    eventSignal: { notify() {} },
    events: eventFeedCreate({
      db,
      location: { connectionString: database.url },
      clock,
      log,
      metrics,
    }),
    signal: { notify() {}, subscribe: () => () => undefined, receive() {} },
    metrics,
    usage: usageRecorderCreate(db, clock, log),
    mail: mailSignalCreate(),
    log,
    engine,
    access: engine.access,
    credentials: engine.credentials ?? null,
    workloads: engine.workloads ?? null,
  };
  let orgs = 0;
  const orgAdd = (): Promise<number> =>
    db.transaction().execute(async (trx) => {
      const now = clock.now();
      const slug = `org-${(orgs += 1)}`;
      const user = { email: `${slug}@example.invalid`, name: '', passwordHash: '', now };
      const ownerId = await userInsert(trx, user);
      const org = { slug, name: slug, ownerId, allowWeakIsolation: true };
      const { id } = await orgCreate(trx, OPERATOR, org, { clock });
      await trx.updateTable('orgs').set({ container_limit: 1000 }).execute();
      return id;
    });
  const orgId = await orgAdd();

  const hints: EngineChange[] = [];
  const listening = new AbortController();
  const following = (async () => {
    for await (const change of engine.changes(listening.signal)) hints.push(change);
  })();
  const kinds = new Map(kindsCreate(deps).map((kind) => [kind.kind, kind]));
  const lease: Lease = { require() {} };
  let turns = 0;

  /** Runs an operation as the operator, in a transaction of its own. */
  function operate<T>(inOrgId: number, run: (trx: Trx, actor: OrgActor) => Promise<T>): Promise<T> {
    return db.transaction().execute(async (trx) => {
      const org = await orgLock(trx, inOrgId);
      return run(trx, { ...OPERATOR, org, role: null });
    });
  }

  async function work(claim: Claim): Promise<void> {
    turns += 1;
    try {
      await kinds.get(claim.kind)?.reconcile?.(claim, lease);
    } catch (error) {
      if (!(error instanceof FenceLost)) throw error;
    }
  }

  async function settle(): Promise<void> {
    for (let count = 0; count < MAX_TURNS; count += 1) {
      // What follows from the last turn without any time passing: pulls of zero duration, ends of processes.
      await clock.advance(0);
      for (const { kind, id, ended } of hints.splice(0)) {
        if (ended === undefined) await deps.store.workHint(kind, id, clock.now());
        else await deps.store.containerMarkEnded(id, ended, clock.now());
      }
      const claims = await deps.store.workClaim(1, clock.now(), LEASE_MS, 50);
      if (claims.length === 0) return;
      for (const claim of claims) await work(claim);
    }
    throw new Error('it never comes to rest');
  }

  return {
    deps,
    db,
    databaseUrl: database.url,
    clock,
    world,
    tamper: tamperCreate(world, installationId),
    engine,
    subnets,
    installationId,
    orgId,
    orgAdd,
    create: (body, inOrgId = orgId) =>
      operate(inOrgId, async (trx, actor) => {
        const desired = containerDesired(body);
        return (await containers.containerCreate(trx, actor, desired, deps)).id;
      }),
    update: (id, change) =>
      operate(orgId, (trx, actor) => containers.containerUpdate(trx, actor, { id, change }, deps)),
    delete: (id) =>
      operate(orgId, (trx, actor) => containers.containerDelete(trx, actor, { id }, deps)),
    async read(id) {
      const row = await store.containerRead(db, [orgId], id);
      if (row === null) throw new Error(`no container ${id}`);
      return row;
    },
    volumeCreate: (name) =>
      operate(orgId, async (trx, actor) => {
        const desired = { name, size_gb: 1 };
        return (await volumes.volumeCreate(trx, actor, desired, deps)).id;
      }),
    volumeDelete: (id) =>
      operate(orgId, (trx, actor) => volumes.volumeDelete(trx, actor, { id }, deps)),
    async volumeRead(id) {
      const row = await volumeStore.volumeRead(db, [orgId], id);
      if (row === null) throw new Error(`no volume ${id}`);
      return row;
    },
    volumeSweep: volumeSweeper(deps),
    async claim() {
      const [claim] = await deps.store.workClaim(1, clock.now(), LEASE_MS, 1);
      if (claim === undefined) throw new Error('nothing is due');
      return claim;
    },
    work,
    settle,
    async advance(ms) {
      const end = clock.now().getTime() + ms;
      await settle();
      for (;;) {
        const now = clock.now().getTime();
        const due = await deps.store.workNextDue(clock.now());
        const next = Math.min(
          end,
          Math.max(now, due?.getTime() ?? Infinity),
          now + (clock.nextDueMs() ?? Infinity),
        );
        await clock.advance(next - now);
        await settle();
        if (clock.now().getTime() >= end) return;
      }
    },
    async dropHints() {
      await clock.advance(0);
      hints.length = 0;
    },
    turns: () => turns,
    async close() {
      listening.abort();
      await following;
      await engine.close();
      await db.destroy();
    },
  };
}
