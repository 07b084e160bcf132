import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Container, containerWait, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { containerOf, containersOf } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

const DUPLICATES = 100;

const skip = await dockerSkip();

describe('concurrent changes', { skip }, () => {
  let scene: CrashScene;
  let server: ServerProcess;
  /** A second copy of the API. */
  let copy: ServerProcess;
  let ledger: Ledger;
  before(async () => {
    scene = await crashSceneOpen();
    server = await scene.start();
    copy = await scene.start({ ROLE: 'api' });
    ledger = ledgerOpen(server);
  });
  after(() => scene?.close());

  let serial = 0;
  const nameNew = (): string => `r${(serial += 1)}`;
  const wish = (greeting = '') => ({ image: scene.images.web, env: { GREETING: greeting } });
  const check = (): Promise<void> => endCheck({ server, database: scene.database, ledger });
  const settled = (id: number): Promise<Container> =>
    containerWait(scene.client(server), id, { pollMs: 50 });
  async function running(): Promise<number> {
    const name = nameNew();
    await ledger.create(name, wish());
    const id = ledger.idOf(name);
    assert.equal((await settled(id)).status, 'running');
    return id;
  }

  it('of a hundred creates through two copies with one place left, one succeeds', async () => {
    const { rows } = await scene.database.query<{ count: number }>(
      'update orgs set container_limit = container_count + 1 returning container_count as count',
    );
    const ways = [ledger, ledger.through(copy)];
    const outcomes = await Promise.all(
      Array.from({ length: 100 }, (_, index) =>
        // A machine that is too busy to answer in time answers 503 and accepts nothing.
        until('an answer', async () => {
          const outcome = await ways[index % 2]?.create(nameNew(), wish());
          return outcome?.status !== 503 && outcome;
        }),
      ),
    );
    const statuses = outcomes.map((outcome) => outcome?.status);
    assert.deepEqual(
      [201, 403].map((status) => statuses.filter((each) => each === status).length),
      [1, 99],
    );
    await scene.database.query('update orgs set container_limit = 1000');
    assert.equal(
      (await containersOf(server.installation)).length <= Number(rows[0]?.count) + 1,
      true,
    );
    await check();
  });

  it('a hundred requests with one Idempotency-Key while copies are killed create one container', async () => {
    const name = nameNew();
    const ids = new Set<number>();
    let lost = 0;
    // Each is killed just before it sends its first answer.
    const doomed = await Promise.all(
      [1, 2].map(() => scene.start({ ROLE: 'api', FAILPOINTS: 'write.reply.before=kill' })),
    );
    const ways = [...doomed, copy, server].map((each) => ledger.through(each));
    await Promise.all(
      Array.from({ length: DUPLICATES }, async (_, index) => {
        let turn = index;
        // As clients do: retry until there is a real answer.
        await until('an answer', async () => {
          const outcome = await ways[(turn += 1) % ways.length]?.create(name, wish(), 'one key');
          if (outcome === null) lost += 1;
          if (outcome?.status === 201) ids.add((outcome.body as Container).id);
          assert.ok([undefined, 201, 409].includes(outcome?.status), String(outcome?.status));
          return outcome?.status === 201;
        });
      }),
    );
    for (const each of doomed) {
      // A copy that was only ever told that the request is in progress elsewhere is still alive.
      if ((await ledger.through(each).create(name, wish(), 'one key')) === null) lost += 1;
      assert.equal(await each.ended(), null);
    }
    assert.ok(lost >= doomed.length);
    assert.equal(ids.size, 1);
    await check();
  });

  it('a deletion or another change during each change', async () => {
    const meetings: (() => Promise<unknown>)[] = [
      // Delete during create.
      async () => {
        const name = nameNew();
        await ledger.create(name, wish());
        await ledger.delete(ledger.idOf(name));
      },
      // Update during create.
      async () => {
        const name = nameNew();
        await ledger.create(name, wish());
        await ledger.update(ledger.idOf(name), wish('changed'));
      },
      // Update during update.
      async () => {
        const id = await running();
        for (const greeting of ['a', 'b', 'c']) await ledger.update(id, wish(greeting));
      },
      // Delete during update.
      async () => {
        const id = await running();
        await ledger.update(id, wish('last'));
        await ledger.delete(id);
      },
      // Deleted twice.
      async () => {
        const id = await running();
        const both = await Promise.all([ledger.delete(id), ledger.through(copy).delete(id)]);
        assert.deepEqual(both.map((outcome) => outcome?.status).toSorted(), [204, 404]);
      },
      // The creation of its successor overlaps with its own deletion.
      async () => {
        const name = nameNew();
        await ledger.create(name, wish('old'));
        const id = ledger.idOf(name);
        await settled(id);
        const deletion = ledger.delete(id);
        await until('the name', async () => {
          const outcome = await ledger.through(copy).create(name, wish('new'));
          assert.ok([201, 409].includes(outcome?.status ?? 0), String(outcome?.status));
          return outcome?.status === 201;
        });
        assert.equal((await deletion)?.status, 204);
      },
    ];
    await Promise.all([...meetings, ...meetings].map((meet) => meet()));
    await check();
  });

  it('a change that can not be applied while the old version dies', async () => {
    const id = await running();
    await ledger.update(id, { image: `${scene.registry.host}/web:none` });
    const told = await settled(id);
    assert.deepEqual([told.status, told.status_reason], ['running', 'image_not_found']);
    const object = await containerOf(server.installation, id);
    await object.kill();
    await until('its return', async () => (await object.inspect()).State.Running);
    const client = scene.client(server);
    const params = { path: { id } };
    await until('that to be told', async () => {
      const container = await unwrap(client.GET('/containers/{id}/', { params }));
      return container.status === 'running' && container.status_reason === 'image_not_found';
    });
    await object.remove({ force: true });
    await until('it to be made again', async () => {
      const { State } = await (await containerOf(server.installation, id)).inspect();
      return State.Running;
    });
    await ledger.update(id, wish('mended'));
    await check();
  });
});
