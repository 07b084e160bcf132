import { databaseCreate } from '@dollarbox/testbed/postgres';
import { sql } from 'kysely';
import pg from 'pg';
import type { AuditEntry } from '../audit/store.ts';
import { containerWorkRead } from '../containers/reconcile-store.ts';
import { containerDesiredEqual, containerMerge } from '../containers/rules.ts';
import * as containers from '../containers/store.ts';
import { type Db, databaseClientConfig, databaseOpen } from '../db/database.ts';
import { ApiError } from '../errors.ts';
import { orgCreate } from '../orgs/create.ts';
import { postgresStoreCreate } from '../reconciler/postgres-store.ts';
import type { WorkKind } from '../reconciler/store.ts';
import { WORKER_LOCK_CLASS } from '../reconciler/work-store.ts';
import { type SecretBox, secretBoxCreate } from '../secrets.ts';
import type {
  DesireStore,
  LivingWorker,
  Snapshot,
  StoredContainer,
  StoredVolume,
  StoredWork,
  WholeStore,
} from '../simulation/desire-store.ts';
import { userCreate } from '../users/store.ts';
import { mountsAttach, mountsLock, mountsRequire, mountsWrite } from '../volumes/mounts.ts';
import { volumeWorkRead } from '../volumes/reconcile-store.ts';
import * as volumeStore from '../volumes/store.ts';
import { MIGRATED_DATABASE } from './database-template.ts';

/** The product's own store and statements, on a database of its own. */
export async function postgresWholeStoreOpen(): Promise<WholeStore> {
  const database = await databaseCreate(MIGRATED_DATABASE);
  const location = { connectionString: database.url };
  const db = databaseOpen(location);
  const secrets = secretBoxCreate('a key for tests only, of no use elsewhere');
  return {
    store: postgresStoreCreate(db, secrets),
    desire: postgresDesire(db, secrets),
    workerOpen: () => workerOpen(location),
    snapshot: () => snapshot(db, secrets),
    async clear() {
      await sql`truncate volumes, containers, work, orgs, users restart identity cascade`.execute(
        db,
      );
    },
    async close() {
      await db.destroy();
      await database.drop();
    },
  };
}

/** What `worker-session.ts` does, less its reconnecting. */
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
      // The lock is gone when this answers; a closed connection's goes a little later.
      await client.query('select pg_advisory_unlock_all()');
      await client.end();
    },
  };
}

function auditOf(orgId: number, objectId: number | null, action: string, at: Date): AuditEntry {
  const by = { userId: null, tokenId: null, requestId: null };
  return { at, orgId, ...by, action, objectKind: 'container', objectId, detail: {} };
}

/** As the routes do it, less who may. */
function postgresDesire(db: Db, secrets: SecretBox): DesireStore {
  let volumes = 0;
  return {
    orgCreate(slug, containerLimit, volumeGbLimit = 50) {
      return db.transaction().execute(async (trx) => {
        const now = new Date(0);
        const email = `${slug}@example.invalid`;
        const ownerId = await userCreate(trx, { email, name: '', passwordHash: '', now });
        const org = { slug, name: slug, ownerId, now, allowWeakIsolation: true };
        const id = await orgCreate(trx, org);
        await trx
          .updateTable('orgs')
          .set({ container_limit: containerLimit, volume_gb_limit: volumeGbLimit })
          .where('id', '=', id)
          .execute();
        return id;
      });
    },

    async containerCreate(orgId, desired, now) {
      const audit = auditOf(orgId, null, 'container.create', now);
      return refusable({ outcome: 'volume_refused' }, () =>
        db.transaction().execute(async (trx) => {
          const { row } = await containers.containerCreate(trx, secrets, orgId, desired, audit);
          if (row === null) {
            await mountsRequire(trx, orgId, desired.volumes);
            const isTaken = await containers.containerNameIsTaken(trx, orgId, desired.name);
            return { outcome: isTaken ? 'name_taken' : 'quota_exceeded' };
          }
          await mountsAttach(trx, orgId, row.id, desired.volumes, now);
          return { outcome: 'created', id: row.id };
        }),
      );
    },

    containerUpdate(orgId, id, change, now) {
      return refusable('volume_refused', () =>
        db.transaction().execute(async (trx) => {
          const row = await containers.containerLock(trx, orgId, id);
          if (row === null) return 'not_found';
          const mounts = change.volumes && (await mountsLock(trx, orgId, id, change.volumes));
          if (mounts !== undefined && Object.keys(mounts.faults).length > 0)
            return 'volume_refused';
          const before = containers.containerRowDesired(row, secrets);
          const desired = containerMerge(before, change);
          if (containerDesiredEqual(before, desired)) return 'done';
          if (mounts !== undefined) await mountsWrite(trx, mounts.held, id, desired.volumes, now);
          const audit = auditOf(orgId, id, 'container.update', now);
          await containers.containerUpdate(trx, secrets, id, desired, audit);
          return 'done';
        }),
      );
    },

    containerDelete(orgId, id, now) {
      return db.transaction().execute(async (trx) => {
        const row = await containers.containerLock(trx, orgId, id);
        if (row === null) return false;
        await containers.containerDelete(trx, row, auditOf(orgId, id, 'container.delete', now));
        return true;
      });
    },

    async volumeCreate(orgId, desired, now) {
      const uid = `v${String((volumes += 1)).padStart(15, '0')}`;
      const audit = auditOf(orgId, null, 'volume.create', now);
      const row = await volumeStore.volumeCreate(db, orgId, desired, uid, audit);
      if (row !== null) return { outcome: 'created', id: row.id };
      const isTaken = await volumeStore.volumeNameIsTaken(db, orgId, desired.name);
      return { outcome: isTaken ? 'name_taken' : 'quota_exceeded' };
    },

    volumeDelete(orgId, id, now) {
      return db.transaction().execute(async (trx) => {
        const row = await volumeStore.volumeLock(trx, orgId, id);
        if (row === null) return 'not_found';
        if (row.container_id !== null) return 'mounted';
        await volumeStore.volumeDelete(trx, row, auditOf(orgId, id, 'volume.delete', now));
        return 'deleted';
      });
    },
  };
}

/** @returns `refused` when the write was refused for its volumes' sake. */
async function refusable<T, const R>(refused: R, write: () => Promise<T>): Promise<T | R> {
  try {
    return await write();
  } catch (error) {
    if (error instanceof ApiError) return refused;
    throw error;
  }
}

async function snapshot(db: Db, secrets: SecretBox): Promise<Snapshot> {
  const orgs = await db.selectFrom('orgs').selectAll().orderBy('id').execute();
  const rows = await db
    .selectFrom('containers')
    .select(['id', 'observed_generation', 'revision'])
    .orderBy('id')
    .execute();
  const stored = new Map<number, StoredContainer>();
  for (const row of rows) {
    const work = await containerWorkRead(db, secrets, row.id);
    if (work === null) continue;
    const { observed_generation: observedGeneration, revision } = row;
    stored.set(row.id, { state: work.state, observedGeneration, revision });
  }
  return {
    orgs: orgs.map((org) => ({
      id: org.id,
      containerLimit: org.container_limit,
      containerCount: org.container_count,
      volumeGbLimit: org.volume_gb_limit,
      volumeGbCount: org.volume_gb_count,
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
        leaseOwner: row.lease_owner,
        leaseUntil: row.lease_until,
        fence: row.fence,
        failures: row.failures,
      },
    ]),
  );
}
