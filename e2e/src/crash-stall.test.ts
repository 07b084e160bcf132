import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { containerSettled } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/testbed/docker';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { containersOf } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import { metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

const BURST = 24;
const LOOK_EVERY_MS = 100;

const skip = await dockerSkip();

describe('two reconcilers on one database', { skip }, () => {
  let scene: CrashScene;
  let api: ServerProcess;
  let one: ServerProcess;
  let ledger: Ledger;
  before(async () => {
    scene = await crashSceneOpen();
    api = await scene.start({ ROLE: 'api' });
    one = await scene.start({ ROLE: 'reconciler' });
    ledger = ledgerOpen(api);
  });
  after(() => scene?.close());

  let serial = 0;
  const nameNew = (): string => `s${(serial += 1)}`;
  const wish = () => ({ image: scene.images.web });
  const check = (): Promise<void> =>
    endCheck({
      server: { ...api, token: scene.token(), installation: one.installation },
      database: scene.database,
      ledger,
    });
  async function running(): Promise<number> {
    const name = nameNew();
    await ledger.create(name, wish());
    const id = ledger.idOf(name);
    await containerSettled(scene.client(api), id, { timeoutMs: 60_000, pollMs: 50 });
    return id;
  }

  /** Never more than one engine object of one container, looked at all the time. */
  function watch(): () => Promise<void> {
    let isStopping = false;
    const watching = (async () => {
      while (!isStopping) {
        const ids = (await containersOf(one.installation)).map(
          ({ Labels }) => Labels['dollarbox.container'],
        );
        assert.equal(new Set(ids).size, ids.length, `two objects at once: ${ids.join(' ')}`);
        await delay(LOOK_EVERY_MS);
      }
    })();
    return async () => {
      isStopping = true;
      await watching;
    };
  }

  it('share a burst, and each does a part of it', async () => {
    const two = await scene.start({ ROLE: 'reconciler' });
    const unwatch = watch();
    const turns = (server: ServerProcess): Promise<number> =>
      metricRead(server, 'dollarbox_reconcile_duration_seconds_count');
    const before = [await turns(one), await turns(two)];
    await Promise.all(Array.from({ length: BURST }, () => ledger.create(nameNew(), wish())));
    await check();
    await unwatch();
    const after = [await turns(one), await turns(two)];
    for (const index of [0, 1]) assert.ok((after[index] ?? 0) > (before[index] ?? 0) + 4);
    await two.stop();
  });

  /** One that stands still at a point, and is about to go on there with what it found before. */
  async function standing(point: string, deed: () => Promise<unknown>): Promise<ServerProcess> {
    const server = await scene.start({ ROLE: 'reconciler', FAILPOINTS: `${point}=stop@1` });
    one.signal('SIGSTOP');
    try {
      await deed();
      await until('it to stand still', async () => server.isStopped());
    } finally {
      one.signal('SIGCONT');
    }
    return server;
  }

  it('do no harm when one wakes up whose work another has done since, and more', async () => {
    const [changed, replaced, deleted] = [await running(), await running(), await running()];
    const greeting = (text: string) => ({ ...wish(), env: { GREETING: text } });
    const created = nameNew();
    const sleepers = [
      await standing('apply.before', () => ledger.create(created, wish())),
      await standing('apply.before', () => ledger.update(changed, greeting('one'))),
      await standing('remove.before', () => ledger.update(replaced, greeting('one'))),
      await standing('stop.before', () => ledger.delete(deleted)),
    ];
    const unwatch = watch();
    await ledger.update(changed, greeting('two'));
    const gone = ledger.idOf(created);
    await ledger.delete(gone);
    // Their leases have to run out: they live, as far as anyone can tell.
    await check();

    for (const sleeper of sleepers) sleeper.signal('SIGCONT');
    // The first makes what is deleted by now.
    await until(
      'the late one',
      async () => (await containersOf(one.installation, gone)).length > 0,
    );
    for (const sleeper of sleepers) {
      await until('it to notice', async () => {
        const name = 'dollarbox_reconcile_duration_seconds_count';
        const noticed = await Promise.all(
          ['fence_lost', 'lease_lost'].map((outcome) => metricRead(sleeper, name, { outcome })),
        );
        return noticed.some((count) => count > 0);
      });
    }
    // A start compares the engine with the table at once; all others do it now and then.
    await one.restart();
    await check();
    await unwatch();
  });
});
