import type { Engine, EngineChange } from '@dollarbox/engines/contract';
import { createFakeEngine } from '@dollarbox/engines/fake';
import { type VirtualClock, virtualClock } from '@dollarbox/engines/fake/clock';
import { type Tamper, createTamper } from '@dollarbox/engines/fake/tamper';
import { type FakeWorld, createFakeWorld } from '@dollarbox/engines/fake/world';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { pino } from 'pino';
import { configRead } from '../config.ts';
import type { AuditEntry } from '../audit/store.ts';
import { containerReconcilerCreate } from '../containers/reconcile.ts';
import { containerDesired, containerMerge } from '../containers/rules.ts';
import type { ContainerCreate, ContainerUpdate } from '../containers/schema.ts';
import * as store from '../containers/store.ts';
import { type Db, databaseOpen } from '../db/database.ts';
import type { ReconcilerDeps } from '../deps.ts';
import { ipv6PrefixOpen } from '../installation/ipv6-prefix.ts';
import { installationRead } from '../installation/store.ts';
import { usageRecorderCreate } from '../http/usage.ts';
import { mailSignalCreate } from '../mail/signal.ts';
import { metricsCreate } from '../metrics.ts';
import { orgCreate } from '../orgs/create.ts';
import { LEASE_MS, type Lease } from '../reconciler/loop.ts';
import { postgresStoreCreate } from '../reconciler/postgres-store.ts';
import { type Claim, FenceLost } from '../reconciler/store.ts';
import { secretBoxCreate } from '../secrets.ts';
import { systemRandom } from '../system.ts';
import { mountsAttach, mountsLock, mountsWrite } from '../volumes/mounts.ts';
import { volumeReconcilerCreate } from '../volumes/reconcile.ts';
import * as volumeStore from '../volumes/store.ts';
import { volumeSweeper } from '../volumes/sweep.ts';
import { userCreate } from '../users/store.ts';

const MAX_TURNS = 500;
import { MIGRATED_DATABASE } from './database-template.ts';

/** The real store and reconcile code on a real database, with the fake engine and virtual time. */
export interface ReconcileBench {
  deps: ReconcilerDeps;
  db: Db;
  clock: VirtualClock;
  world: FakeWorld;
  tamper: Tamper;
  engine: Engine;
  orgId: number;
  /** In the first org, unless another is named. */
  create(body: ContainerCreate, orgId?: number): Promise<number>;
  /** Another org, with an owner of its own. */
  orgAdd(): Promise<number>;
  update(id: number, body: ContainerUpdate): Promise<store.ContainerRow>;
  delete(id: number): Promise<void>;
  read(id: number): Promise<store.ContainerRow>;
  /** Of 1 GB. */
  volumeCreate(name: string): Promise<number>;
  volumeDelete(id: number): Promise<void>;
  volumeRead(id: number): Promise<volumeStore.VolumeRow>;
  /** The comparison of the engine's volumes with the table. */
  volumeSweep(): Promise<void>;
  /** Claims one due object without working on it. */
  claim(): Promise<Claim>;
  /** Works on a claim, with a lease that `require` says yes to. */
  work(claim: Claim): Promise<void>;
  /** Does all that is due now, hints of the engine included. */
  settle(): Promise<void>;
  /** Moves time on, stopping wherever something falls due. */
  advance(ms: number): Promise<void>;
  /** Loses what the engine has hinted at. */
  dropHints(): Promise<void>;
  /** Turns done so far. */
  turns(): number;
  close(): Promise<void>;
}

export async function reconcileBenchOpen(): Promise<ReconcileBench> {
  const database = await databaseCreate(MIGRATED_DATABASE);
  const db = databaseOpen({ connectionString: database.url });
  const clock = virtualClock();
  const world = createFakeWorld({ clock, seed: 1 });
  const { id: installationId } = await installationRead(db);
  const engine = createFakeEngine(world, { installationId });
  await engine.start();
  const secrets = secretBoxCreate('a key for tests only, of no use elsewhere');
  const log = pino({ level: 'silent' });
  const deps: ReconcilerDeps = {
    config: configRead({ ENGINE: 'fake' }),
    db,
    clock,
    random: systemRandom,
    secrets,
    store: postgresStoreCreate(db, secrets),
    subnetStartIndex: 0,
    ipv6Prefix: await ipv6PrefixOpen(db, null, log),
    signal: { notify() {}, subscribe: () => () => undefined, receive() {} },
    metrics: metricsCreate(),
    usage: usageRecorderCreate(db, clock, log),
    mail: mailSignalCreate(),
    log,
    engine,
  };
  let orgs = 0;
  const orgAdd = (): Promise<number> =>
    db.transaction().execute(async (trx) => {
      const now = clock.now();
      const slug = `org-${(orgs += 1)}`;
      const user = { email: `${slug}@example.invalid`, name: '', passwordHash: '', now };
      const ownerId = await userCreate(trx, user);
      const id = await orgCreate(trx, { slug, name: slug, ownerId, now, allowWeakIsolation: true });
      await trx.updateTable('orgs').set({ container_limit: 1000 }).execute();
      return id;
    });
  const orgId = await orgAdd();

  const hints: EngineChange[] = [];
  const listening = new AbortController();
  const following = (async () => {
    for await (const change of engine.changes(listening.signal)) hints.push(change);
  })();
  const kinds = {
    container: containerReconcilerCreate(deps),
    volume: volumeReconcilerCreate(deps),
  };
  const lease: Lease = { require() {} };
  let turns = 0;

  const audit = (action: string, objectId: number | null = null): AuditEntry => ({
    at: clock.now(),
    orgId,
    userId: null,
    tokenId: null,
    requestId: null,
    action,
    objectKind: 'container',
    objectId,
    detail: {},
  });

  async function work(claim: Claim): Promise<void> {
    turns += 1;
    try {
      await kinds[claim.kind](claim, lease);
    } catch (error) {
      if (!(error instanceof FenceLost)) throw error;
    }
  }

  async function settle(): Promise<void> {
    for (let count = 0; count < MAX_TURNS; count += 1) {
      // What follows from the last turn without any time passing: pulls of no length, ends of processes.
      await clock.advance(0);
      for (const { kind, id } of hints.splice(0)) await deps.store.workWake(kind, id, clock.now());
      const claims = await deps.store.workClaim(1, clock.now(), LEASE_MS, 50);
      if (claims.length === 0) return;
      for (const claim of claims) await work(claim);
    }
    throw new Error('it never comes to rest');
  }

  return {
    deps,
    db,
    clock,
    world,
    tamper: createTamper(world, installationId),
    engine,
    orgId,
    orgAdd,
    async create(body, inOrgId = orgId) {
      const desired = containerDesired(body);
      const entry = audit('container.create');
      return db.transaction().execute(async (trx) => {
        const { row } = await store.containerCreate(trx, deps.secrets, inOrgId, desired, entry);
        if (row === null) throw new Error(`no room for ${desired.name}, or its name is taken`);
        await mountsAttach(trx, inOrgId, row.id, desired.volumes, clock.now());
        return row.id;
      });
    },
    update(id, body) {
      return db.transaction().execute(async (trx) => {
        const row = await store.containerLock(trx, orgId, id);
        if (row === null) throw new Error(`no container ${id}`);
        const desired = containerMerge(store.containerRowDesired(row, deps.secrets), body);
        const { held } = await mountsLock(trx, orgId, id, desired.volumes);
        await mountsWrite(trx, held, id, desired.volumes, clock.now());
        return store.containerUpdate(trx, deps.secrets, id, desired, audit('container.update', id));
      });
    },
    delete(id) {
      return db.transaction().execute(async (trx) => {
        const row = await store.containerLock(trx, orgId, id);
        if (row === null) throw new Error(`no container ${id}`);
        await store.containerDelete(trx, row, audit('container.delete', id));
      });
    },
    async read(id) {
      const row = await store.containerRead(db, [orgId], id);
      if (row === null) throw new Error(`no container ${id}`);
      return row;
    },
    async volumeCreate(name) {
      const uid = systemRandom.uuid().replaceAll('-', '').slice(-16);
      const entry = audit('volume.create');
      const row = await volumeStore.volumeCreate(db, orgId, { name, size_gb: 1 }, uid, entry);
      if (row === null) throw new Error(`no room for ${name}, or its name is taken`);
      return row.id;
    },
    volumeDelete(id) {
      return db.transaction().execute(async (trx) => {
        const row = await volumeStore.volumeLock(trx, orgId, id);
        if (row === null) throw new Error(`no volume ${id}`);
        await volumeStore.volumeDelete(trx, row, audit('volume.delete', id));
      });
    },
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
        const due = await deps.store.workNextDue();
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
