// A backup that is restored with an engine of another kind.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Engine, EngineError } from '@dollarbox/engines/contract';
import { fakeEngineCreate } from '@dollarbox/engines/fake';
import { systemFakeClock } from '@dollarbox/engines/fake/clock';
import { fakeWorldCreate } from '@dollarbox/engines/fake/world';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import { configRead } from '../../src/base/config.ts';
import { engineChange, volumesPlace } from '../../src/backup/engine-change.ts';
import { manifestCreate } from '../../src/backup/manifest.ts';
import { backupRestore, isEngineChanged } from '../../src/backup/restore.ts';
import type { Container } from '../../src/containers/schema.ts';
import { databaseOpen } from '../../src/db/database.ts';
import { type Harness, type TestCaller, harnessOpen } from '../support/harness.ts';

let harness: Harness;
let caller: TestCaller;
before(async () => {
  harness = await harnessOpen();
  caller = await harness.callerAdd();
});
after(() => harness.close());

const CLUSTER = {
  addressing: 'assigned',
  storage: { storageClass: 'standard', isSizeEnforced: false },
} as const;
const DOCKER = {
  addressing: 'given',
  storage: { storageClass: 'docker-loop', isSizeEnforced: true },
} as const;

async function containerAdd(name: string): Promise<Container> {
  const made = await caller.api.post('/containers/', { name, image: 'nginx:1.27' });
  assert.equal(made.status, 201);
  return made.body as Container;
}

const containerRead = async (id: number) =>
  (await caller.api.get(`/containers/${id}/`)).body as Container;

test('containers are as if they had just been created, and those that were stopped are stopped', async () => {
  const { db } = harness;
  const [running, stopped] = [await containerAdd('running'), await containerAdd('stopped')];
  const old = {
    ...{ observed_generation: 1, applied_ref: 'docker', exit_ref: 'docker', exit_count: 2 },
    applied_sealed: Buffer.from('x'),
    status_reason: 'engine_error',
  };
  for (const [{ id }, status] of [
    [running, 'running'],
    [stopped, 'stopped'],
  ] as const) {
    await db
      .updateTable('containers')
      .set({ ...old, status })
      .where('id', '=', id)
      .execute();
  }
  const now = harness.clock.now();
  await db.transaction().execute((trx) => engineChange(trx, CLUSTER, now));
  const [one, two] = [await containerRead(running.id), await containerRead(stopped.id)];
  assert.deepEqual(
    [one.status, one.status_reason, one.ipv6_address, one.observed_generation, one.generation],
    ['pending', null, null, 0, 1],
  );
  assert.deepEqual([two.status, two.status_reason], ['stopped', 'engine_error']);
  const row = await db
    .selectFrom('containers')
    .select(['applied_ref', 'applied_sealed', 'exit_ref', 'exit_count'])
    .where('id', '=', running.id)
    .executeTakeFirstOrThrow();
  assert.deepEqual(row, {
    ...{ applied_ref: null, applied_sealed: null, exit_ref: null, exit_count: 0 },
  });

  await db.transaction().execute((trx) => engineChange(trx, DOCKER, now));
  for (const { id, ipv6_address: address } of [running, stopped]) {
    assert.equal((await containerRead(id)).ipv6_address, address);
  }
});

test('volumes have the storage of the new engine, and the objects that they were restored to', async () => {
  const { db } = harness;
  const made = await caller.api.post('/volumes/', { name: 'data', size_gb: 1 });
  assert.equal(made.status, 201);
  const { id } = made.body as { id: number };
  const { uid } = await db
    .selectFrom('volumes')
    .select('uid')
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  await db.transaction().execute(async (trx) => {
    await volumesPlace(trx, new Map([[uid, 'namespace/claim/1']]));
    await engineChange(trx, CLUSTER, harness.clock.now());
  });
  const row = await db
    .selectFrom('volumes')
    .select(['ref', 'storage_class', 'size_enforced'])
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  assert.deepEqual(row, {
    ...{ ref: 'namespace/claim/1', storage_class: 'standard', size_enforced: false },
  });
  const installation = await db
    .selectFrom('installation')
    .select(['addresses_given', 'volume_storage_class'])
    .executeTakeFirstOrThrow();
  assert.deepEqual(installation, { addresses_given: false, volume_storage_class: 'standard' });
});

test('a backup tells which engine it was made on, unless that did not answer', () => {
  const engine = { kind: 'docker', containers: [], volumes: [] };
  assert.equal(isEngineChanged({ engine: 'kubernetes' }, { engine }), true);
  assert.equal(isEngineChanged({ engine: 'docker' }, { engine }), false);
  assert.equal(isEngineChanged({ engine: 'kubernetes' }, { engine: null }), false);
});

/** Moves an installation without volumes from Docker to another engine, which is expected to fail. */
async function moveFailing(kind: Engine['kind'], engine: Engine | null): Promise<void> {
  const { url } = await databaseCreate();
  const db = databaseOpen({ connectionString: url });
  const manifest = manifestCreate({
    createdAt: '2026-11-24T12:00:00.000Z',
    installationId: 'moved',
    migrations: [],
    keyCheck: null,
    tables: [],
    sequences: {},
    engine: { kind: 'docker', containers: [], volumes: [] },
    volumes: [],
  });
  const SECRET_KEY = 'a key for tests only, of no use elsewhere';
  try {
    await backupRestore({
      ...{ db, manifest, clock: harness.clock, folder: 'none', withVolumeData: true },
      ...{ progress() {}, signal: new AbortController().signal },
      config: configRead({ ENGINE: kind, DATABASE_URL: url, SECRET_KEY }),
      engineOpen: async () => engine,
    });
  } finally {
    await db.destroy();
  }
}

test('a move to an engine that is in no other process says so, also without volumes', async () => {
  await assert.rejects(moveFailing('fake', null), {
    name: 'OperatorError',
    message:
      'The backup was made with ENGINE=docker, so a restore with ENGINE=fake has to ask the new engine how it stores volumes and gives addresses. That failed: ENGINE=fake runs inside a server only. Run this where ENGINE and DOCKER_HOST or KUBECONFIG lead to the new engine, or set ENGINE=docker to restore the installation without moving it.',
  });
});

test('a move to an engine that does not answer says so, and leaves nothing open', async () => {
  const world = fakeWorldCreate({ clock: systemFakeClock(), seed: 1 });
  const fake = fakeEngineCreate(world, { installationId: 'moved' });
  let closed = 0;
  const silent: Engine = {
    ...fake,
    volumes: {
      ...fake.volumes,
      storage: () =>
        Promise.reject(new EngineError('retryable', 'engine_error', 'Nothing answers.')),
    },
    close: async () => void (closed += 1),
  };
  await assert.rejects(moveFailing('kubernetes', silent), {
    name: 'OperatorError',
    message: /ENGINE=kubernetes has to ask .* That failed: Nothing answers\. Run this where/,
  });
  assert.equal(closed, 1);
});
