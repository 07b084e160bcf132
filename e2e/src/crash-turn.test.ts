import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { containerWait } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { containerOf, containersOf, docker } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import type { ServerProcess } from './server-process.ts';
import { SWEEP_POINTS, TURN_POINTS } from './crash-points.ts';
import { until } from './wait.ts';

/** The class of the advisory locks by which workers show that they are alive. */
const WORKER_LOCK_CLASS = 0x44_42_58;

const skip = await dockerSkip();

describe('a reconciler killed at each point of a turn and of a sweep', { skip }, () => {
  let scene: CrashScene;
  /** Serves throughout the test. */
  let api: ServerProcess;
  /** Is stopped while another server is killed, then continues. */
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
    const settled = await containerWait(client, ledger.idOf(name), { pollMs: 50 });
    assert.equal(settled.status, 'running', settled.status_message ?? '');
    return settled.id;
  }

  /** What makes a turn reach the point, on a container that is prepared before anything fails. */
  const actions = {
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

  interface Held {
    object_id: string;
    fence: string;
  }

  /** The numbers of the workers that are alive. */
  async function workersAlive(): Promise<number[]> {
    const { rows } = await scene.database.query<{ number: string }>(
      `select objid::bigint as number from pg_locks
       where locktype = 'advisory' and classid = $1 and granted
         and database = (select oid from pg_database where datname = current_database())`,
      [WORKER_LOCK_CLASS],
    );
    return rows.map(({ number }) => Number(number));
  }

  /**
   * Extends the leases of all but those workers by a day, so that only the detection of their death can release them in
   * time.
   */
  async function leasesExtend(others: readonly number[]): Promise<Held[]> {
    const { rows } = await scene.database.query<Held>(
      `update work set lease_until = lease_until + interval '1 day', due_at = lease_until + interval '1 day'
       where lease_owner is not null and lease_owner::bigint <> all ($1::bigint[])
       returning object_id, fence`,
      [others],
    );
    return rows;
  }

  async function takeover(held: readonly Held[]): Promise<void> {
    await until('the takeover', async () => {
      const { rows: still } = await scene.database.query<Held>(
        'select object_id, fence from work where lease_owner is not null',
      );
      return !held.some(({ object_id: id, fence }) =>
        still.some((row) => row.object_id === id && row.fence === fence),
      );
    });
  }

  for (const [point, during] of TURN_POINTS) {
    it(`${point} during ${during}`, async () => {
      const action = await actions[during]();
      await check();
      const survivors = await workersAlive();
      const victim = await scene.start({ ROLE: 'reconciler', FAILPOINTS: `${point}=kill` });
      let held: Held[] = [];
      survivor.signal('SIGSTOP');
      try {
        await action();
        assert.equal(await victim.ended(), null);
        held = await leasesExtend(survivors);
      } finally {
        survivor.signal('SIGCONT');
      }
      await takeover(held);
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

  it('continues after all of that as if nothing had happened', async () => {
    const id = await running();
    await until('an answer', async () => {
      const { State } = await (await containerOf(survivor.installation, id)).inspect();
      return State.Running;
    });
    await check();
  });
});
