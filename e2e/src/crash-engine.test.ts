import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { type Container, containerWait, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { containerOf } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import { logWatch, metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

const skip = await dockerSkip();

describe('an engine that fails', { skip }, () => {
  let scene: CrashScene;
  let server: ServerProcess;
  let ledger: Ledger;
  before(async () => {
    scene = await crashSceneOpen();
    server = await scene.start();
    ledger = ledgerOpen(server);
  });
  after(() => scene?.close());

  let serial = 0;
  const check = (): Promise<void> => endCheck({ server, database: scene.database, ledger });
  const get = (id: number): Promise<Container> =>
    unwrap(scene.client(server).GET('/containers/{id}/', { params: { path: { id } } }));
  async function created(image = scene.images.web): Promise<number> {
    const name = `e${(serial += 1)}`;
    await ledger.create(name, { image });
    return ledger.idOf(name);
  }
  async function running(image?: string): Promise<number> {
    const id = await created(image);
    const settled = await containerWait(scene.client(server), id, { pollMs: 50 });
    assert.equal(settled.status, 'running', settled.status_message ?? '');
    return id;
  }

  it('does what was requested, but its answer is lost', async () => {
    const [toUpdate, toDelete] = await Promise.all([running(), running()]);
    for (const [method, path] of [
      ['POST', /^\/networks\/create/],
      ['POST', /^\/containers\/create/],
      ['POST', /^\/containers\/\w+\/start/],
      ['POST', /^\/containers\/\w+\/kill/],
      ['DELETE', /^\/containers\//],
      ['POST', /^\/images\/load/],
    ] as const) {
      scene.proxy.rule({ method, path, action: { do: 'loseReply' }, times: 2 });
    }
    const image = await scene.imageNew();
    await Promise.all([
      created(image),
      created(),
      ledger.update(toUpdate, { image: scene.images.web, env: { GREETING: 'new' } }),
      ledger.delete(toDelete),
    ]);
    await check();
  });

  it('sends no events, and does late what was requested: the sweep finds both', async () => {
    const id = await running();
    // For two minutes after its start, its turns look at it anyway.
    await until('it to rest', async () => {
      const { rows } = await scene.database.query(
        "select from work where kind = 'container' and object_id = $1 and due_at is null",
        [id],
      );
      return rows.length > 0;
    });
    const drift = (kind: string): Promise<number> =>
      metricRead(server, 'dollarbox_drift_found_total', { drift: kind });
    const [down, orphan] = [await drift('down'), await drift('orphan')];
    const lift = scene.proxy.rule({ path: /^\/events/, action: { do: 'silence' } });
    try {
      const streams = scene.proxy.count('GET', /^\/events/);
      assert.equal(scene.proxy.cut(/^\/events/), 1);
      await until('a new stream', async () => scene.proxy.count('GET', /^\/events/) > streams);
      await (await containerOf(server.installation, id)).kill();

      // Later than a verb's deadline, and later than the deletion of its subject.
      const create = /^\/containers\/create/;
      const creates = scene.proxy.count('POST', create);
      const action = { do: 'late', ms: 12_000 } as const;
      scene.proxy.rule({ method: 'POST', path: create, action, times: 1 });
      const doomed = await created();
      await until('the call', async () => scene.proxy.count('POST', create) > creates);
      await ledger.delete(doomed);

      await until('both to be found', async () => {
        return (await drift('down')) > down && (await drift('orphan')) > orphan;
      });
      await check();
    } finally {
      lift();
      scene.proxy.cut(/^\/events/);
    }
  });

  it('does not answer at all: nothing is claimed about what runs, and everything recovers', async () => {
    const id = await running();
    const logged = logWatch(server);
    const lift = scene.proxy.rule({ path: /./, action: { do: 'cut' } });
    scene.proxy.cut(/./);
    const accepted = await created();
    const isUp = (): Promise<number> => metricRead(server, 'dollarbox_engine_up');
    try {
      const told = await until('the doubt', async () => {
        const container = await get(id);
        return container.status_reason === 'engine_error' && container;
      });
      assert.equal(told.status, 'running');
      assert.match(told.status_message ?? '', /is not known|not answer/);
      await until('it to be seen', async () => (await isUp()) === 0);
      assert.equal((await get(accepted)).status, 'pending');
    } finally {
      lift();
    }
    await until('the engine to be seen again', async () => (await isUp()) === 1);
    await check();
    // One line per event and one per failed try.
    assert.ok((logged.warnings()['the engine does not answer'] ?? 0) >= 1);
    logged.assertQuiet();
  });

  it('does not answer until the deadline of a verb', async () => {
    const lift = scene.proxy.rule({
      path: /^\/containers\/create/,
      action: { do: 'hold' },
      times: 2,
    });
    await Promise.all([created(), created(), created()]);
    await check();
    lift();
    await check();
  });
});
