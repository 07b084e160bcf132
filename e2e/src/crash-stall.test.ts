import assert from 'node:assert/strict';
import { type TestContext, after, before, describe, it } from 'node:test';
import { setTimeout as delay } from 'node:timers/promises';
import { containerWait, unwrap, volumeWait } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { commandRun, containersOf } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, type Wish, ledgerOpen } from './ledger.ts';
import { metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

const BURST = 24;
const SETTLE = { pollMs: 50 };
const LOOK_EVERY_MS = 100;
/** Two processes that have a volume at once may have it only for a moment. */
const VOLUMES_LOOK_EVERY_MS = 20;
/** How long a process that ignores its stop signal may go on. */
const GRACE_SECONDS = 2;

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
    await scene.storageKnown();
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
  async function running(wished: Wish = wish()): Promise<number> {
    const id = await created(wished);
    await containerWait(scene.client(api), id, SETTLE);
    return id;
  }
  async function created(wished: Wish): Promise<number> {
    const name = nameNew();
    await ledger.create(name, wished);
    return ledger.idOf(name);
  }
  async function bound(): Promise<number> {
    const body = { name: nameNew(), size_gb: 1 };
    const { id } = await unwrap(scene.client(api).POST('/volumes/', { body }));
    await volumeWait(scene.client(api), id, SETTLE);
    return id;
  }

  /** Checks continuously that no container has more than one engine object. */
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

  /** Checks continuously that no volume is in more than one running process. */
  function volumesWatch(t: TestContext): () => Promise<void> {
    let isStopping = false;
    t.after(() => {
      isStopping = true;
    });
    const watching = (async () => {
      while (!isStopping) {
        const found = await containersOf(one.installation);
        const held = found
          .filter(({ State }) => State === 'running')
          .flatMap(({ Mounts }) => Mounts.map(({ Name }) => Name));
        assert.equal(new Set(held).size, held.length, `two have a volume: ${held.join(' ')}`);
        await delay(VOLUMES_LOOK_EVERY_MS);
      }
    })();
    return async () => {
      isStopping = true;
      await watching;
    };
  }

  it('share a burst of work', async () => {
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

  /** A server that is stopped at a point and will continue there with its earlier findings. */
  async function standing(point: string, action: () => Promise<unknown>): Promise<ServerProcess> {
    const server = await scene.start({ ROLE: 'reconciler', FAILPOINTS: `${point}=stop@1` });
    one.signal('SIGSTOP');
    try {
      await action();
      await until('it to stand still', async () => server.isStopped());
    } finally {
      one.signal('SIGCONT');
    }
    return server;
  }

  it('do no harm when one resumes after another has done its work and more', async () => {
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
    // Their leases have to run out, because they still appear to be alive.
    await check();

    for (const sleeper of sleepers) sleeper.signal('SIGCONT');
    // The first one creates a container that is deleted by now.
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
    // A start compares the engine with the table at once; a running server does so from time to time.
    await one.restart();
    await check();
    await unwatch();
    await Promise.all(sleepers.map((sleeper) => sleeper.stop()));
  });

  it('never have a volume in two processes when one resumes after it was handed on', async (t) => {
    const having = (volume: number, image = scene.images.web): Wish => ({
      image,
      volumes: [{ volume, mount_path: '/data' }],
      stop_grace_seconds: GRACE_SECONDS,
    });
    const without = { ...wish(), volumes: [] };
    const [unmade, unstarted, ending] = [await bound(), await bound(), await bound()];
    const { stubborn } = scene.images;
    const ender = await running(having(ending, stubborn));
    await inside(ender, 'echo kept > /data/file');
    const successor = await running();
    const unwatch = volumesWatch(t);
    const firsts: number[] = [];
    const first = async (wished: Wish) => void firsts.push(await created(wished));
    const sleepers = [
      // About to create a container although another one has the volume by the time it continues.
      await standing('apply.before', () => first(having(unmade, stubborn))),
      // Has created a container and is about to start it.
      await standing('apply.between', () => first(having(unstarted, stubborn))),
      // About to remove a container whose process does not end by itself.
      await standing('remove.before', () => ledger.update(ender, without)),
    ];
    for (const id of firsts) await ledger.update(id, without);
    const successors = [
      await created(having(unmade, stubborn)),
      await created(having(unstarted, stubborn)),
    ];
    await ledger.update(successor, having(ending));
    await check();
    for (const sleeper of sleepers) {
      sleeper.signal('SIGCONT');
      await until('it to have nothing to do', async () => {
        const name = 'dollarbox_reconcile_duration_seconds_count';
        const noticed = await Promise.all(
          ['fence_lost', 'lease_lost'].map((outcome) => metricRead(sleeper, name, { outcome })),
        );
        return noticed.some((count) => count > 0);
      });
    }
    // A volume that is handed on once more waits for a process that ignores its stop signal.
    const [last = 0] = successors;
    await ledger.update(last, without);
    await ledger.update(firsts[0] ?? 0, having(unmade));
    await check();
    await unwatch();
    assert.equal(await inside(successor, 'cat /data/file'), 'kept\n');
  });

  const inside = (id: number, command: string): Promise<string> =>
    commandRun(one.installation, id, ['sh', '-c', command]);
});
