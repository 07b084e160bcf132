import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import Docker from 'dockerode';
import { unwrap, volumeWait } from '@dollarbox/client';
import {
  type DockerMachine,
  dockerMachineSkip,
  dockerMachineStart,
} from '@dollarbox/testbed/docker-machine';
import { type CrashScene, crashSceneOpen } from './crash-scene.ts';
import { commandRun } from './docker-host.ts';
import { endCheck } from './end-check.ts';
import { type Ledger, ledgerOpen } from './ledger.ts';
import { logWatch, metricRead } from './observe.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

const SETTLE = { pollMs: 50 };
const COUNT = 20;
/** The number of turns that our reconciler runs at a time. */
const RAW_AT_ONCE = 8;

describe('a Docker daemon that is killed', { skip: dockerMachineSkip() }, () => {
  let machine: DockerMachine;
  let docker: Docker;
  let scene: CrashScene;
  let server: ServerProcess;
  let ledger: Ledger;
  before(async () => {
    machine = await dockerMachineStart();
    docker = new Docker({ socketPath: machine.socketPath });
    scene = await crashSceneOpen();
    // Its networks are in another network namespace, so connecting to containers shows nothing.
    server = await scene.start({ DOCKER_HOST: `unix://${machine.socketPath}` });
    ledger = ledgerOpen(server);
  });
  after(async () => {
    await scene?.close();
    await machine?.close();
  });

  const check = (): Promise<void> => endCheck({ server, database: scene.database, ledger, docker });
  const runningCount = async (): Promise<number> => {
    const filters = {
      label: [`dollarbox.installation=${server.installation}`],
      status: ['running'],
    };
    return (await docker.listContainers({ filters })).length;
  };

  /**
   * Docker 20.10 can no longer start if it is killed while it removes a network (moby/moby#45057), such as those of the
   * isolation probe.
   */
  const probeEnded = (): Promise<unknown> =>
    until('the probe to end', async () => (await metricRead(server, 'dollarbox_isolation')) === 1);

  const volumeCreate = async (name: string): Promise<number> => {
    const body = { name, size_gb: 1 };
    return (await unwrap(scene.client(server).POST('/volumes/', { body }))).id;
  };
  const wishOf = (volume: number | undefined) => ({
    image: scene.images.web,
    volumes: volume === undefined ? [] : [{ volume, mount_path: '/data' }],
  });
  const inside = (name: string, command: string): Promise<string> =>
    commandRun(server.installation, ledger.idOf(name), ['sh', '-c', command], docker);

  it('and restarted: what ran runs again, and what was requested meanwhile is done', async (t) => {
    const names = Array.from({ length: COUNT }, (_, index) => `d${index}`);
    const volumes = await Promise.all(['v0', 'v1', 'v2'].map(volumeCreate));
    for (const id of volumes) await volumeWait(scene.client(server), id, SETTLE);
    const [stays, moves, goes] = volumes;
    const mounts: Record<string, number | undefined> = { d1: goes, d2: stays, d3: moves };
    await Promise.all(names.map((name) => ledger.create(name, wishOf(mounts[name]))));
    await check();
    for (const name of Object.keys(mounts)) await inside(name, `echo of ${name} > /data/file`);
    const logged = logWatch(server);
    await probeEnded();
    await machine.kill();
    await until(
      'the loss to be seen',
      async () => (await metricRead(server, 'dollarbox_engine_up')) === 0,
    );
    await ledger.create('meanwhile', { image: scene.images.web });
    await ledger.update(ledger.idOf('d0'), { image: scene.images.web, env: { GREETING: 'new' } });
    await ledger.delete(ledger.idOf('d1'));
    const params = { path: { id: goes ?? 0 } };
    await unwrap(scene.client(server).DELETE('/volumes/{id}/', { params }));
    await ledger.update(ledger.idOf('d3'), wishOf(undefined));
    await ledger.update(ledger.idOf('d4'), wishOf(moves));
    await ledger.update(ledger.idOf('d5'), wishOf(await volumeCreate('v3')));

    await machine.start();
    const startedAt = performance.now();
    await until('all to run', async () => (await runningCount()) === COUNT);
    const ours = performance.now() - startedAt;
    await check();
    assert.equal(await inside('d2', 'cat /data/file'), 'of d2\n');
    assert.equal(await inside('d4', 'cat /data/file'), 'of d3\n');
    await inside('d5', 'touch /data/file');
    // One line per event, regardless of how many containers it concerns.
    logged.assertQuiet();

    // For comparison, a bare loop that knows what to do. How fast either is depends on the machine.
    await server.stop();
    await machine.kill();
    await machine.start();
    const rawAt = performance.now();
    const left = await docker.listContainers({ all: true });
    const worker = async (): Promise<void> => {
      for (let next = left.pop(); next !== undefined; next = left.pop()) {
        await docker.getContainer(next.Id).start();
      }
    };
    await Promise.all(Array.from({ length: RAW_AT_ONCE }, worker));
    const raw = performance.now() - rawAt;
    t.diagnostic(
      `${COUNT} run again after ${Math.round(ours)} ms, by a raw loop ${Math.round(raw)} ms`,
    );
    await server.restart();
    await check();
    assert.equal(await inside('d4', 'cat /data/file'), 'of d3\n');
  });

  it('and has lost its networks: they are recreated, and everything runs on them', async () => {
    await probeEnded();
    const addresses = async (): Promise<string[]> => {
      const page = await unwrap(scene.client(server).GET('/containers/'));
      return page.results.map(({ ipv6_address: address }) => address ?? '').toSorted();
    };
    const before = await addresses();
    await machine.kill();
    rmSync(join(dirname(machine.socketPath), 'data/network/files/local-kv.db'));
    await machine.start();
    await until('all to run', async () => (await runningCount()) === COUNT);
    await check();
    const found = await docker.listContainers();
    const ours = found.flatMap(({ NetworkSettings: { Networks } }) =>
      Object.values(Networks).map(({ GlobalIPv6Address: address }) => address),
    );
    assert.deepEqual(ours.toSorted(), before);
  });
});
