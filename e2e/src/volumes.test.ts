import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Container, type DollarboxClient, containerWait, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { canaryOf } from '@dollarbox/testbed/canary';
import type { TestImages } from '@dollarbox/testbed/images';
import { folderRemove } from '@dollarbox/host/folder-remove';
import { docker, read } from './docker-host.ts';
import { type EngineScene, engineSceneOpen, writerCommand } from './engine-scene.ts';
import type { ServerProcess } from './server-process.ts';
import { volumeTraces } from './volume-host.ts';
import { until } from './wait.ts';

const skip = await dockerSkip();
const MOUNT_PATH = '/srv/data';

describe('volumes on a real engine', { skip }, () => {
  let scene: EngineScene;
  let images: TestImages;
  let server: ServerProcess;
  let client: DollarboxClient;
  let serial = 0;

  before(async () => {
    scene = await engineSceneOpen();
    ({ client, images, server } = scene);
  });
  after(() => scene?.close());

  const volumeGet = (id: number) =>
    unwrap(client.GET('/volumes/{id}/', { params: { path: { id } } }));
  const volumeDelete = (id: number) =>
    client.DELETE('/volumes/{id}/', { params: { path: { id } } });
  const patch = (id: number, body: object) =>
    unwrap(client.PATCH('/containers/{id}/', { params: { path: { id } }, body }));
  const remove = (id: number) =>
    unwrap(client.DELETE('/containers/{id}/', { params: { path: { id } } }));

  async function volumeBound(): Promise<number> {
    const name = `v${(serial += 1)}`;
    const made = await unwrap(client.POST('/volumes/', { body: { name, size_gb: 1 } }));
    assert.equal(made.status, 'pending');
    await until(`volume ${name} bound`, async () => (await volumeGet(made.id)).status === 'bound');
    return made.id;
  }
  /** A container that, at its start, writes `line` into the volume that it mounts, if any. */
  async function writer(line: string, volume: number | null): Promise<Container> {
    const name = `c${(serial += 1)}`;
    const volumes = volume === null ? [] : [{ volume, mount_path: MOUNT_PATH }];
    const command = volume === null ? [] : writerCommand(MOUNT_PATH);
    const body = { name, image: images.web, env: { LINE: canaryOf(line) }, command, volumes };
    return running((await unwrap(client.POST('/containers/', { body }))).id);
  }
  async function running(id: number): Promise<Container> {
    const container = await containerWait(client, id, { pollMs: 50 });
    assert.equal(container.status, 'running', container.status_message ?? '');
    return container;
  }
  const linesOf = (...lines: string[]) => lines.map((line) => `${canaryOf(line)}\n`).join('');
  const logOf = (container: Container) =>
    until('what the volume holds', async () => read(container.ipv6_address, 8080, '/log'));

  it('keep their files through a change of their container, by a user who is not root', async () => {
    const volume = await volumeBound();
    const container = await writer('first', volume);
    assert.equal(await logOf(container), linesOf('first'));
    const shown = await volumeGet(volume);
    assert.deepEqual([shown.container, shown.mount_path], [container.id, MOUNT_PATH]);

    await patch(container.id, { env: { LINE: canaryOf('second') } });
    await running(container.id);
    await until(
      'the second line',
      async () => (await logOf(container)) === linesOf('first', 'second'),
    );

    const refused = await volumeDelete(volume);
    assert.equal(refused.response.status, 409);
    await remove(container.id);
    assert.equal((await volumeDelete(volume)).response.status, 204);
    assert.equal(
      (await client.GET('/volumes/{id}/', { params: { path: { id: volume } } })).response.status,
      404,
    );
    await until('the data gone', async () => (await volumesOf(volume)).length === 0);
  });

  it('move to another container with all their data', async () => {
    const volume = await volumeBound();
    const from = await writer('from', volume);
    assert.equal(await logOf(from), linesOf('from'));
    await patch(from.id, { volumes: [], command: [] });
    const to = await writer('to', volume);
    assert.equal(await logOf(to), linesOf('from', 'to'));
    await running(from.id);
    assert.equal((await volumeGet(volume)).container, to.id);
    await remove(from.id);
    await remove(to.id);
  });

  it('wait for a process that ignores its stop signal, and are never in two running containers', async () => {
    const volume = await volumeBound();
    const mounted = [{ volume, mount_path: '/kept' }];
    const body = {
      ...{ name: 'stubborn', image: images.stubborn, volumes: mounted },
      stop_grace_seconds: 2,
    };
    const stubborn = await running((await unwrap(client.POST('/containers/', { body }))).id);
    await remove(stubborn.id);
    const successorBody = { name: 'successor', image: images.web, volumes: mounted };
    const successor = await unwrap(client.POST('/containers/', { body: successorBody }));
    let isOver = false;
    let most = 0;
    const watch = (async () => {
      while (!isOver) most = Math.max(most, (await runningWith(volume)).length);
    })();
    await running(successor.id);
    isOver = true;
    await watch;
    assert.equal(most, 1);
    await remove(successor.id);
  });

  it('are refused at once if the image has a file at their mount path', async () => {
    const volume = await volumeBound();
    const mounted = [{ volume, mount_path: '/bin/busybox' }];
    const body = { name: 'misplaced', image: images.web, volumes: mounted };
    const { id } = await unwrap(client.POST('/containers/', { body }));
    const container = await containerWait(client, id, { pollMs: 50 });
    assert.equal(container.status_reason, 'start_error');
    assert.match(container.status_message ?? '', /at \/bin\/busybox: the image has a file there/);
    const volumes = [{ volume, mount_path: '/data' }];
    await patch(id, { volumes });
    await running(id);
    await remove(id);
  });

  it('are created and deleted rapidly under the same names, and leave nothing', async () => {
    const made: number[] = [];
    await Promise.all(
      ['a', 'b', 'c', 'd'].map(async (name) => {
        for (const isMounted of [false, true, false, true, false]) {
          const volume = await unwrap(client.POST('/volumes/', { body: { name, size_gb: 1 } }));
          made.push(volume.id);
          if (isMounted) {
            const volumes = [{ volume: volume.id, mount_path: MOUNT_PATH }];
            const body = { name: `of-${name}`, image: images.web, volumes };
            const { id } = await unwrap(client.POST('/containers/', { body }));
            assert.equal((await volumeDelete(volume.id)).response.status, 409);
            await remove(id);
          }
          assert.equal((await volumeDelete(volume.id)).response.status, 204);
        }
      }),
    );
    await until('none left', async () => {
      const left = await Promise.all(made.map(volumesOf));
      const { mounted } = await volumeTraces(join(server.dataDir, 'volumes'));
      return left.flat().length === 0 && made.every((id) => !mounted.some(isOf(id)));
    });
  });

  it('report that their data is lost if somebody removes it, and are never recreated', async () => {
    const volume = await volumeBound();
    const container = await writer('lost', volume);
    const [held = ''] = await volumesOf(volume);
    await server.stop('SIGKILL');
    for (const found of await runningWith(volume)) {
      await docker.getContainer(found).remove({ force: true });
    }
    await docker.getVolume(held).remove();
    // Where the volume has a file system of its own, that file system holds the data.
    folderRemove(join(server.dataDir, 'volumes', held));
    await server.restart();
    await until(
      'the loss told',
      async () => (await volumeGet(volume)).status_reason === 'data_lost',
    );
    await until('the container told', async () => {
      const { status, status_reason: reason } = await unwrap(
        client.GET('/containers/{id}/', { params: { path: { id: container.id } } }),
      );
      return status === 'failed' && reason === 'data_lost';
    });
    assert.deepEqual(await volumesOf(volume), []);
    await remove(container.id);
    assert.equal((await volumeDelete(volume)).response.status, 204);
  });

  /** Whether an engine's name is that of a volume of the API. */
  function isOf(id: number): (name: string) => boolean {
    return (name) => name.includes(`-v${id}-`);
  }
  /** The names of the engine's volumes for one volume of the API. */
  async function volumesOf(id: number): Promise<string[]> {
    const label = [`dollarbox.installation=${server.installation}`, `dollarbox.volume=${id}`];
    const { Volumes } = await docker.listVolumes({ filters: { label } });
    return (Volumes ?? []).map(({ Name }) => Name);
  }
  /** Engine ids of the running containers that mount it. */
  async function runningWith(id: number): Promise<string[]> {
    const names = await volumesOf(id);
    if (names.length === 0) return [];
    return (await docker.listContainers({ filters: { volume: names } })).map(({ Id }) => Id);
  }
});
