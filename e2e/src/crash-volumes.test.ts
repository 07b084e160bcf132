import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { containerWait, listAll, unwrap, volumeWait } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { VOLUME_POINTS } from './crash-points.ts';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { commandRun, docker } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { engineVolumes } from './end-check-volumes.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import { metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { volumeFolder, volumeTraces } from './volume-host.ts';
import { until } from './wait.ts';

/** Points that are reached only where volumes have file systems of their own. */
const DISK_POINTS: ReadonlySet<string> = new Set([
  'volume.filled',
  'volume.placed',
  'volume.mounted',
  'volume.unmounted',
  'volume.trashed',
]);
/** A file in the volume's data. */
const KEPT = 'kept';
const KEPT_BYTES = 100_000;

const SETTLE = { pollMs: 50 };

const skip = await dockerSkip();

describe(
  'a reconciler killed at each point of a turn that has to do with volumes',
  { skip },
  () => {
    let scene: CrashScene;
    /** Serves throughout the test. */
    let api: ServerProcess;
    /** Is stopped while another server is killed, then continues. */
    let survivor: ServerProcess;
    let ledger: Ledger;
    /** Volumes that exist as far as clients know. */
    const live = new Set<number>();
    /** The content of a file in each of them. */
    const kept = new Map<number, Buffer>();
    /** Whether volumes have file systems of their own here. */
    let isDisk = false;
    before(async () => {
      scene = await crashSceneOpen();
      api = await scene.start({ ROLE: 'api' });
      survivor = await scene.start({ ROLE: 'reconciler' });
      ledger = ledgerOpen(api);
      await scene.database.query('update orgs set volume_gb_limit = 1000');
      await scene.storageKnown();
      const id = await bound();
      const { storage_class: storageClass } = await unwrap(
        scene.client(api).GET('/volumes/{id}/', { params: { path: { id } } }),
      );
      isDisk = storageClass === 'docker-loop';
      await mark(id);
    });
    after(() => scene?.close());

    let serial = 0;
    const nameNew = (): string => `v${(serial += 1)}`;
    async function check(): Promise<void> {
      await endCheck({
        server: { ...api, token: scene.token(), installation: survivor.installation },
        database: scene.database,
        ledger,
      });
      const shown = new Set<number>();
      for await (const { id } of listAll(scene.client(api), '/volumes/')) shown.add(id);
      assert.deepEqual(shown, live);
      const found = await engineVolumes(docker, survivor.installation);
      for (const [id, bytes] of kept) {
        const name = found.find((each) => each.id === id)?.name ?? '';
        assert.deepEqual(await readFile(join(await volumeFolder(name), KEPT)), bytes);
      }
      const names = isDisk ? found.map(({ name }) => name).toSorted() : [];
      const { mounted } = await volumeTraces(join(scene.dataDir, 'volumes'));
      assert.deepEqual(mounted, names);
    }

    async function volumeCreate(): Promise<number> {
      const body = { name: nameNew(), size_gb: 1 };
      const { id } = await unwrap(scene.client(api).POST('/volumes/', { body }));
      live.add(id);
      return id;
    }
    async function volumeDelete(id: number): Promise<void> {
      const params = { path: { id } };
      await unwrap(scene.client(api).DELETE('/volumes/{id}/', { params }));
      live.delete(id);
      kept.delete(id);
    }
    async function bound(): Promise<number> {
      const id = await volumeCreate();
      const { status, status_message: message } = await volumeWait(scene.client(api), id, SETTLE);
      assert.equal(status, 'bound', message ?? '');
      return id;
    }
    /** Writes data to it that must exist from now on. */
    async function mark(id: number): Promise<void> {
      const found = await engineVolumes(docker, survivor.installation);
      const name = found.find((each) => each.id === id)?.name ?? '';
      const bytes = randomBytes(KEPT_BYTES);
      await writeFile(join(await volumeFolder(name), KEPT), bytes);
      kept.set(id, bytes);
    }
    const wishOf = (volume: number | null) => ({
      image: scene.images.web,
      volumes: volume === null ? [] : [{ volume, mount_path: '/data' }],
    });
    async function running(volume: number | null): Promise<number> {
      const name = nameNew();
      await ledger.create(name, wishOf(volume));
      const id = ledger.idOf(name);
      const settled = await containerWait(scene.client(api), id, SETTLE);
      assert.equal(settled.status, 'running', settled.status_message ?? '');
      return id;
    }
    const inside = (id: number, command: string): Promise<string> =>
      commandRun(survivor.installation, id, ['sh', '-c', command]);

    /** What makes a turn reach the point, on objects prepared before anything fails; and what must hold afterwards. */
    const actions = {
      create: async () => ({ action: async () => void (await volumeCreate()) }),
      mount: async () => {
        const volume = await bound();
        const name = nameNew();
        return {
          action: async () => void (await ledger.create(name, wishOf(volume))),
          // It belongs to its user, whichever server was to set the owner.
          verify: async () => void (await inside(ledger.idOf(name), 'echo mine > /data/file')),
        };
      },
      'hand on': async () => {
        const volume = await bound();
        const [from, to] = [await running(volume), await running(null)];
        await inside(from, 'echo kept > /data/file && sync');
        await mark(volume);
        return {
          async action() {
            await ledger.update(from, wishOf(null));
            await ledger.update(to, wishOf(volume));
          },
          verify: async () => assert.equal(await inside(to, 'cat /data/file'), 'kept\n'),
        };
      },
      delete: async () => {
        const volume = await bound();
        return { action: () => volumeDelete(volume) };
      },
      'delete with its container': async () => {
        const volume = await bound();
        const container = await running(volume);
        return {
          async action() {
            await ledger.delete(container);
            await volumeDelete(volume);
          },
        };
      },
      sweep: async () => ({ action: async () => {} }),
    } satisfies Record<
      string,
      () => Promise<{ action(): Promise<void>; verify?(): Promise<void> }>
    >;

    it('are reported to the operator and never removed if they have no row', async () => {
      const volume = await bound();
      const forget = `with gone as (delete from volumes where id = $1 returning org_id, size_gb),
      work as (delete from work where kind = 'volume' and object_id = $1)
      update orgs set volume_gb_count = volume_gb_count - size_gb from gone where orgs.id = org_id`;
      // As after restoring a database backup that is older than the volume.
      await scene.database.query(forget, [volume]);
      live.delete(volume);
      // A start checks at once, a running server from time to time.
      await survivor.restart();
      await until('the count of volumes without a row', async () => {
        return (await metricRead(survivor, 'dollarbox_volumes_without_row')) === 1;
      });
      const found = (await survivor.admin('volume-orphans')) as unknown as {
        ref: string;
        id: number;
      }[];
      assert.deepEqual(
        found.map(({ id }) => id),
        [volume],
      );
      const remove = ['volume-orphan-remove', '--ref', found[0]?.ref ?? ''];
      await assert.rejects(survivor.admin(...remove), /would destroy the volume .* for good/);
      assert.equal((await engineVolumes(docker, survivor.installation)).length, live.size + 1);
      await survivor.admin(...remove, '--yes');
      await check();
    });

    for (const [point, during] of VOLUME_POINTS) {
      it(`${point} during ${during}`, async (t) => {
        if (!isDisk && DISK_POINTS.has(point)) {
          return t.skip('volumes have no file systems of their own here');
        }
        const { action, verify }: { action(): Promise<void>; verify?(): Promise<void> } =
          await actions[during]();
        await check();
        survivor.signal('SIGSTOP');
        try {
          const dying = scene.run({ ROLE: 'reconciler', FAILPOINTS: `${point}=kill` });
          await action();
          assert.equal((await dying).code, null);
        } finally {
          survivor.signal('SIGCONT');
        }
        await check();
        await verify?.();
      });
    }

    it('leaves only live volumes on the disk after another start', async () => {
      await survivor.restart();
      await check();
      const found = await engineVolumes(docker, survivor.installation);
      const { kept: folders } = await volumeTraces(join(scene.dataDir, 'volumes'));
      // Only its age distinguishes an abandoned volume from one that is being created.
      const left = folders.filter((name) => !name.startsWith('making-'));
      assert.deepEqual(left, isDisk ? found.map(({ name }) => name).toSorted() : []);
    });
  },
);
