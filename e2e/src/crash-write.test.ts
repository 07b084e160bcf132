import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { containerWait, dollarboxClientCreate, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import { databaseCreate } from '@dollarbox/testbed/postgres';
import {
  CREDENTIAL_POINTS,
  START_POINTS,
  SWEEP_POINTS,
  TURN_POINTS,
  VOLUME_POINTS,
  WRITE_POINTS,
} from './crash-points.ts';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import type { ServerProcess } from './server-process.ts';

const skip = await dockerSkip();

describe('a process killed at each point of a write and of a first start', { skip }, () => {
  let scene: CrashScene;
  /** Serves and reconciles throughout the test. */
  let server: ServerProcess;
  let ledger: Ledger;
  before(async () => {
    scene = await crashSceneOpen();
    server = await scene.start();
    ledger = ledgerOpen(server);
  });
  after(() => scene?.close());

  let serial = 0;
  const nameNew = (): string => `w${(serial += 1)}`;
  async function running(): Promise<number> {
    const name = nameNew();
    await ledger.create(name, { image: scene.images.web });
    const id = ledger.idOf(name);
    const client = scene.client(server);
    const settled = await containerWait(client, id, { pollMs: 50 });
    assert.equal(settled.status, 'running', settled.status_message ?? '');
    return id;
  }

  for (const [point, isDone] of WRITE_POINTS) {
    it(`${point}: ${isDone ? 'the write is there' : 'nothing has happened'}`, async () => {
      const [toUpdate, toDelete] = await Promise.all([running(), running()]);
      const name = nameNew();
      const wish = { image: scene.images.web };
      const changed = { ...wish, env: { GREETING: 'changed' } };
      const client = scene.client(server);
      const read = (id: number) => client.GET('/containers/{id}/', { params: { path: { id } } });
      const actions = [
        {
          send: (through: Ledger) => through.create(name, wish, `key of ${name}`),
          seen: async () => {
            const { data } = await client.GET('/containers/', { params: { query: { name } } });
            return data?.results.length === 1;
          },
        },
        {
          send: (through: Ledger) => through.update(toUpdate, changed),
          seen: async () => (await read(toUpdate)).data?.env['GREETING'] === canaryOf('changed'),
        },
        {
          send: (through: Ledger) => through.delete(toDelete),
          seen: async () => (await read(toDelete)).response.status === 404,
        },
      ];
      await Promise.all(
        actions.map(async ({ send, seen }) => {
          const victim = await scene.start({ ROLE: 'api', FAILPOINTS: `${point}=kill` });
          assert.equal(await send(ledger.through(victim)), null);
          assert.equal(await victim.ended(), null);
          assert.equal(await seen(), isDone);
        }),
      );
      // As a client that received no answer would do: the same request again.
      for (const { send } of actions) await send(ledger);
      for (const { seen } of actions) assert.equal(await seen(), true);
      await endCheck({ server, database: scene.database, ledger });
    });
  }

  it(`${START_POINTS.join(', ')}: the next start goes on from there`, async () => {
    const { url } = await databaseCreate();
    const environment = { DATABASE_URL: url, ENGINE: 'fake' };
    for (const point of START_POINTS) {
      const { code, stdout } = await scene.run({ ...environment, FAILPOINTS: `${point}=kill` });
      assert.equal(code, null, point);
      assert.doesNotMatch(stdout, /dbx_/);
    }
    // The account exists. Nobody saw its token, so the operator replaces it.
    const started = await scene.start(environment);
    assert.doesNotMatch(started.output(), /dbx_/);
    const flags = ['--user', 'owner@localhost', '--name', 'mine', '--scope', 'write'];
    const { token } = await started.admin('token-create', ...flags);
    const client = dollarboxClientCreate({
      baseUrl: started.url,
      token: String(token),
      retries: 0,
    });
    const orgs = await unwrap(client.GET('/orgs/'));
    assert.deepEqual(
      orgs.results.map((org) => [org.slug, org.role]),
      [['main', 'owner']],
    );
    await unwrap(client.POST('/containers/', { body: { name: 'web', image: 'x' } }));
  });

  it('covers every point', async () => {
    const { stderr } = await scene.run({ FAILPOINTS: 'none=kill' });
    const known = /points: (.*)\)/.exec(stderr)?.[1]?.split(' ') ?? [];
    assert.ok(known.length >= 15, stderr);
    const tested = [
      ...TURN_POINTS.map(([point]) => point),
      ...SWEEP_POINTS,
      ...VOLUME_POINTS.map(([point]) => point),
      ...WRITE_POINTS.map(([point]) => point),
      ...CREDENTIAL_POINTS,
      ...START_POINTS,
    ];
    assert.deepEqual([...new Set<string>(tested)].toSorted(), known.toSorted());
  });
});
