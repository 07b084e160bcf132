import assert from 'node:assert/strict';
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { type Container, type DollarboxClient, containerWait, unwrap } from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { folderRemove } from '@dollarbox/host/folder-remove';
import { canaryOf } from '@dollarbox/testbed/canary';
import type { TestImages } from '@dollarbox/testbed/images';
import { installationRemove, read } from './docker-host.ts';
import { type EngineScene, engineSceneOpen, writerCommand } from './engine-scene.ts';
import type { ServerProcess } from './server-process.ts';
import { until } from './wait.ts';

const skip = await dockerSkip();
/** What the container writes into its volume. */
const [WRITTEN, SINCE] = [canaryOf('written'), canaryOf('since')];

describe('a backup of the whole installation', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-backups-'));
  let scene: EngineScene;
  let images: TestImages;
  let server: ServerProcess;
  let client: DollarboxClient;
  let container: Container;

  before(async () => {
    scene = await engineSceneOpen();
    ({ client, images, server } = scene);
    const volume = await unwrap(client.POST('/volumes/', { body: { name: 'kept', size_gb: 1 } }));
    const body = {
      name: 'writer',
      image: images.web,
      env: { LINE: WRITTEN },
      command: writerCommand('/kept'),
      volumes: [{ volume: volume.id, mount_path: '/kept' }],
    };
    container = await running((await unwrap(client.POST('/containers/', { body }))).id);
    assert.equal(await log(), `${WRITTEN}\n`);
  });
  after(async () => {
    await scene?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  async function running(id: number): Promise<Container> {
    return until('the container running', async () => {
      const found = await containerWait(client, id, { pollMs: 50 });
      return found.status === 'running' && found.status_reason === null && found;
    });
  }
  const log = () =>
    until('what the volume holds', () => read(container.ipv6_address, 8080, '/log'));
  const backupMake = async (name: string, ...options: string[]): Promise<string> => {
    const to = join(folder, name);
    await server.admin('backup-create', '--to', to, ...options);
    return to;
  };

  it('restores rows and files of which nothing is left', async () => {
    const from = await backupMake('whole');
    await server.stop();
    await installationRemove(server.installation);
    for (const name of ['postgres', 'volumes']) folderRemove(join(server.dataDir, name));

    const restored = await server.admin('backup-restore', '--from', from);
    assert.deepEqual(restored['volumes_kept'], []);
    await server.restart();
    await running(container.id);
    await until('the data of before, and the line of a new start', async () => {
      return (await log()) === `${WRITTEN}\n${WRITTEN}\n`;
    });
  });

  it('leaves the data of existing volumes unchanged', async () => {
    const from = await backupMake('older');
    await unwrap(
      client.PATCH('/containers/{id}/', {
        params: { path: { id: container.id } },
        body: { env: { LINE: SINCE } },
      }),
    );
    await running(container.id);
    await until('the new line', async () => (await log()).endsWith(`${SINCE}\n`));
    const held = await log();

    await server.stop();
    renameSync(join(server.dataDir, 'postgres'), join(folder, 'postgres'));
    const restored = await server.admin('backup-restore', '--from', from);
    assert.deepEqual(restored['volumes_kept'], ['kept']);
    await server.restart();
    await running(container.id);
    await until('the spec of before', async () => (await log()) === `${held}${WRITTEN}\n`);
  });

  it('contains no data of volumes if none is requested', async () => {
    const from = await backupMake('rows', '--volume-data', 'no');
    await server.stop();
    await installationRemove(server.installation);
    for (const name of ['postgres', 'volumes']) folderRemove(join(server.dataDir, name));
    await server.admin('backup-restore', '--from', from);
    await server.restart();
    await until('the loss told', async () => {
      const found = await unwrap(
        client.GET('/containers/{id}/', { params: { path: { id: container.id } } }),
      );
      return found.status === 'failed' && found.status_reason === 'data_lost';
    });
  });
});
