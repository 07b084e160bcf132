import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { containerSettled } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/testbed/docker';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { containerOf, containersOf, docker } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import type { ServerProcess } from './server-process.ts';
import { SWEEP_POINTS, TURN_POINTS } from './crash-points.ts';
import { until } from './wait.ts';

const TAKEOVER_MS = 5000;

const skip = await dockerSkip();

describe('a reconciler killed at each point of a turn and of a sweep', { skip }, () => {
  let scene: CrashScene;
  /** Serves all along. */
  let api: ServerProcess;
  /** Stands while another is killed, and goes on then. */
  let survivor: ServerProcess;
  let ledger: Ledger;
  before(async () => {
    scene = await crashSceneOpen();
    api = await scene.start({ ROLE: 'api' });
    survivor = await scene.start({ ROLE: 'reconciler' });
    ledger = ledgerOpen(api);
  });
  after(() => scene?.close());

  let serial = 0;
  const nameNew = (): string => `p${(serial += 1)}`;
  const check = (): Promise<void> =>
    endCheck({
      server: { ...api, token: scene.token(), installation: survivor.installation },
      database: scene.database,
      ledger,
    });
  async function running(): Promise<number> {
    const name = nameNew();
    await ledger.create(name, { image: scene.images.web });
    const client = scene.client(api);
    const settled = await containerSettled(client, ledger.idOf(name), {
      timeoutMs: 60_000,
      pollMs: 50,
    });
    assert.equal(settled.status, 'running', settled.status_message ?? '');
    return settled.id;
  }

  /** What makes a turn pass the point, on a container that is made ready while all is well. */
  const deeds = {
    create: async () => async () => {
      await ledger.create(nameNew(), { image: scene.images.web });
    },
    'create of a new image': async () => {
      const image = await scene.imageNew();
      return async () => {
        await ledger.create(nameNew(), { image });
      };
    },
    update: async () => {
      const id = await running();
      return async () => {
        await ledger.update(id, { image: scene.images.web, env: { GREETING: String(id) } });
      };
    },
    delete: async () => {
      const id = await running();
      return async () => {
        await ledger.delete(id);
      };
    },
    exit: async () => {
      const object = await containerOf(survivor.installation, await running());
      return () => object.kill();
    },
  };

  /** What the dead one held is free long before its lease would have run out. */
  async function takeover(): Promise<void> {
    const held = 'select object_id, fence from work where lease_owner is not null';
    const { rows } = await scene.database.query<{ object_id: string; fence: string }>(held);
    const startedAt = performance.now();
    await until('the takeover', async () => {
      const { rows: still } = await scene.database.query<(typeof rows)[number]>(held);
      return !rows.some(({ object_id: id, fence }) =>
        still.some((row) => row.object_id === id && row.fence === fence),
      );
    });
    assert.ok(performance.now() - startedAt < TAKEOVER_MS);
  }

  for (const [point, during] of TURN_POINTS) {
    it(`${point} during ${during}`, async () => {
      const deed = await deeds[during]();
      await check();
      const victim = await scene.start({ ROLE: 'reconciler', FAILPOINTS: `${point}=kill` });
      survivor.signal('SIGSTOP');
      try {
        await deed();
        assert.equal(await victim.ended(), null);
      } finally {
        survivor.signal('SIGCONT');
      }
      await takeover();
      await check();
    });
  }

  it(`${SWEEP_POINTS.join(', then ')} while an object without a row is there`, async () => {
    const id = 999_999;
    const { Id: image } = await docker.getImage(scene.images.web).inspect();
    survivor.signal('SIGSTOP');
    try {
      await docker.createContainer({
        name: `dbx-${survivor.installation}-c${id}`,
        Image: image,
        Labels: {
          'dollarbox.installation': survivor.installation,
          'dollarbox.container': String(id),
          'dollarbox.tenant': '1',
          'dollarbox.name': 'orphan',
          'dollarbox.spec': '0'.repeat(64),
        },
      });
      const left: number[] = [];
      for (const point of SWEEP_POINTS) {
        const { code } = await scene.run({ ROLE: 'reconciler', FAILPOINTS: `${point}=kill` });
        assert.equal(code, null);
        left.push((await containersOf(survivor.installation, id)).length);
      }
      assert.deepEqual(left, [1, 1, 0]);
    } finally {
      survivor.signal('SIGCONT');
    }
    await check();
  });

  it('goes on after all of that as if nothing had been', async () => {
    const id = await running();
    await until('an answer', async () => {
      const { State } = await (await containerOf(survivor.installation, id)).inspect();
      return State.Running;
    });
    await check();
  });
});
