import { databaseCreate } from '@dollarbox/testbed/postgres';
import { sql } from 'kysely';
import pg from 'pg';
import { OPERATOR, type OrgActor } from '../../../server/src/changes/actor.ts';
import { containerWorkRead } from '../../../server/src/containers/reconcile-read.ts';
import * as containers from '../../../server/src/containers/operations.ts';
import {
  type Db,
  type Trx,
  databaseClientConfig,
  databaseOpen,
} from '../../../server/src/db/database.ts';
import { installationUpdate } from '../../../server/src/installation/store.ts';
import { DomainError } from '../../../server/src/base/domain-error.ts';
import { orgCreate, orgResume, orgSuspend } from '../../../server/src/orgs/operations.ts';
import { orgSubnetStoreCreate } from '../../../server/src/orgs/subnet-store.ts';
import { orgLock } from '../../../server/src/orgs/store.ts';
import { postgresStoreCreate } from '../../../server/src/kinds.ts';
import type { WorkKind } from '../../../server/src/reconciler/store.ts';
import { WORKER_LOCK_CLASS } from '../../../server/src/reconciler/work-store.ts';
import { type SecretBox, secretBoxCreate } from '../../../server/src/base/secrets.ts';
import { systemRandom } from '../../../server/src/base/system.ts';
import type {
  CreateOutcome,
  DesireStore,
  LivingWorker,
  Snapshot,
  StoredContainer,
  StoredVolume,
  StoredWork,
  WholeStore,
} from './desire-store.ts';
import { userInsert } from '../../../server/src/users/store.ts';
import * as volumes from '../../../server/src/volumes/operations.ts';
import { volumeWorkRead } from '../../../server/src/volumes/reconcile-store.ts';
import { MIGRATED_DATABASE } from '../../../server/test/support/database-template.ts';

/** The product's own store and statements, on a separate database. */
export async function postgresWholeStoreOpen(): Promise<WholeStore> {
  const database = await databaseCreate(MIGRATED_DATABASE);
  const location = { connectionString: database.url };
  const db = databaseOpen(location);
  const secrets = secretBoxCreate('a key for tests only, of no use elsewhere');
  return {
    store: postgresStoreCreate(db, secrets),
    subnets: (startIndex) => orgSubnetStoreCreate(db, startIndex),
    desire: postgresDesire(db, secrets),
    workerOpen: () => workerOpen(location),
    snapshot: () => snapshot(db, secrets),
    async keptCounts(id) {
      const rows = await db
        .selectFrom('container_instances')
        .select('kept_lines')
        .where('container_id', '=', id)
        .orderBy('number')
        .execute();
      return rows.map((row) => row.kept_lines);
    },
    async addressesAssign() {
      await installationUpdate(db, { addresses_given: false });
    },
    async clear() {
      await installationUpdate(db, { addresses_given: true });
      await sql`truncate volumes, containers, work, orgs, org_slugs, users restart identity cascade`.execute(
        db,
      );
    },
    async close() {
      await db.destroy();
      await database.drop();
    },
  };
}

/** Does what `worker-session.ts` does, without reconnecting. */
async function workerOpen(location: { connectionString: string }): Promise<LivingWorker> {
  const client = new pg.Client(databaseClientConfig(location));
  await client.connect();
  const { rows } = await client.query<{ number: number }>(
    `select nextval('worker_number')::int as number`,
  );
  const number = rows[0]?.number ?? 0;
  await client.query('select pg_advisory_lock($1, $2)', [WORKER_LOCK_CLASS, number]);
  return {
    number,
    async close() {
      // The lock is released when this answers. Closing the connection would release it a little later.
      await client.query('select pg_advisory_unlock_all()');
      await client.end();
    },
  };
}

/** The product's operations, run as the operator. */
function postgresDesire(db: Db, secrets: SecretBox): DesireStore {
  let uids = 0;
  return {
    orgCreate(slug, containerLimit, volumeGbLimit = 50, removalLimit = 20) {
      return db.transaction().execute(async (trx) => {
        const now = new Date(0);
        const email = `${slug}@example.invalid`;
        const ownerId = await userInsert(trx, { email, name: '', passwordHash: '', now });
        const org = { slug, name: slug, ownerId, allowWeakIsolation: true };
        const { id } = await orgCreate(trx, OPERATOR, org, { clock: { now: () => now } });
        await trx
          .updateTable('orgs')
          .set({
            container_limit: containerLimit,
            volume_gb_limit: volumeGbLimit,
            removal_limit: removalLimit,
          })
          .where('id', '=', id)
          .execute();
        return id;
      });
    },

    async orgSuspend(orgId, now) {
      await operate(orgId, (trx, actor) => orgSuspend(trx, actor, { clock: { now: () => now } }));
    },

    async orgResume(orgId, now) {
      await operate(orgId, (trx, actor) => orgResume(trx, actor, { clock: { now: () => now } }));
    },

    containerCreate: (orgId, desired, now) =>
      created(
        operate(orgId, (trx, actor) =>
          containers.containerCreate(trx, actor, desired, { secrets, clock: { now: () => now } }),
        ),
      ),

    containerUpdate: (orgId, id, change, now) =>
      unless(
        operate(orgId, async (trx, actor) => {
          const deps = { secrets, clock: { now: () => now } };
          await containers.containerUpdate(trx, actor, { id, change }, deps);
          return 'done' as const;
        }),
        (error) => (error.reason === 'not_found' ? 'not_found' : 'volume_refused'),
      ),

    containerStop: (orgId, id, now) =>
      unless(
        operate(orgId, async (trx, actor) => {
          await containers.containerStop(trx, actor, { id }, { clock: { now: () => now } });
          return true;
        }),
        () => false,
      ),

    containerStart: (orgId, id, now) =>
      unless(
        operate(orgId, async (trx, actor) => {
          await containers.containerStart(trx, actor, { id }, { clock: { now: () => now } });
          return true;
        }),
        () => false,
      ),

    containerRestart: (orgId, id, pull, now) =>
      unless(
        operate(orgId, async (trx, actor) => {
          const deps = { clock: { now: () => now } };
          await containers.containerRestart(trx, actor, { id, pull }, deps);
          return true;
        }),
        () => false,
      ),

    containerDelete: (orgId, id, now) =>
      unless(
        operate(orgId, async (trx, actor) => {
          await containers.containerDelete(trx, actor, { id }, { clock: { now: () => now } });
          return true;
        }),
        () => false,
      ),

    volumeCreate(orgId, desired, now) {
      const random = { ...systemRandom, uuid: () => `v${String((uids += 1)).padStart(15, '0')}` };
      const deps = { random, clock: { now: () => now } };
      return created(
        operate(orgId, (trx, actor) => volumes.volumeCreate(trx, actor, desired, deps)),
      );
    },

    volumeDelete: (orgId, id, now) =>
      unless(
        operate(orgId, async (trx, actor) => {
          await volumes.volumeDelete(trx, actor, { id }, { clock: { now: () => now } });
          return 'deleted' as const;
        }),
        (error) => (error.reason === 'volume_mounted' ? 'mounted' : 'not_found'),
      ),
  };

  /** Runs an operation as the operator, in a transaction of its own. */
  function operate<T>(orgId: number, run: (trx: Trx, actor: OrgActor) => Promise<T>): Promise<T> {
    return db.transaction().execute(async (trx) => {
      const org = await orgLock(trx, orgId);
      return run(trx, { ...OPERATOR, org, role: null });
    });
  }
}

/** The outcome of an attempt to create something. */
function created(made: Promise<{ id: number }>): Promise<CreateOutcome> {
  return unless<CreateOutcome>(
    made.then(({ id }) => ({ outcome: 'created', id })),
    ({ reason }) => {
      if (reason === 'name_taken' || reason === 'quota_exceeded') return { outcome: reason };
      return { outcome: 'volume_refused' };
    },
  );
}

/** The result of an operation, or what its refusal is converted to. */
async function unless<T>(done: Promise<T>, refused: (error: DomainError) => T): Promise<T> {
  try {
    return await done;
  } catch (error) {
    if (error instanceof DomainError) return refused(error);
    throw error;
  }
}

async function snapshot(db: Db, secrets: SecretBox): Promise<Snapshot> {
  const orgs = await db.selectFrom('orgs').selectAll().orderBy('id').execute();
  const rows = await db
    .selectFrom('containers')
    .select(['id', 'observed_generation', 'revision', 'status_since'])
    .orderBy('id')
    .execute();
  const stored = new Map<number, StoredContainer>();
  for (const row of rows) {
    const work = await containerWorkRead(db, secrets, row.id);
    if (work === null) continue;
    const { observed_generation: observedGeneration, revision, status_since: statusSince } = row;
    stored.set(row.id, { state: work.state, statusSince, observedGeneration, revision });
  }
  return {
    orgs: orgs.map((org) => ({
      id: org.id,
      isSuspended: org.status === 'suspended',
      containerLimit: org.container_limit,
      containerCount: org.container_count,
      volumeGbLimit: org.volume_gb_limit,
      volumeGbCount: org.volume_gb_count,
      removalLimit: org.removal_limit,
      ipv4Subnet: org.ipv4_subnet,
      ipv6Subnet: org.ipv6_subnet,
    })),
    containers: stored,
    work: await storedWork(db, 'container'),
    volumes: await storedVolumes(db),
    volumeWork: await storedWork(db, 'volume'),
  };
}

async function storedVolumes(db: Db): Promise<Map<number, StoredVolume>> {
  const rows = await db
    .selectFrom('volumes')
    .select(['id', 'container_id', 'mount_path', 'revision'])
    .orderBy('id')
    .execute();
  const stored = new Map<number, StoredVolume>();
  for (const { id, container_id: containerId, mount_path: mountPath, revision } of rows) {
    const state = await volumeWorkRead(db, id);
    if (state !== null) stored.set(id, { state, containerId, mountPath, revision });
  }
  return stored;
}

async function storedWork(db: Db, kind: WorkKind): Promise<Map<number, StoredWork>> {
  const rows = await db
    .selectFrom('work')
    .selectAll()
    .where('kind', '=', kind)
    .orderBy('object_id')
    .execute();
  return new Map(
    rows.map((row) => [
      row.object_id,
      {
        dueAt: row.due_at,
        wakeSeq: row.wake_seq,
        hintSeq: row.hint_seq,
        engineBackAt: row.engine_back_at,
        leaseOwner: row.lease_owner,
        leaseUntil: row.lease_until,
        fence: row.fence,
        failures: row.failures,
        hangs: row.hangs,
      },
    ]),
  );
}
