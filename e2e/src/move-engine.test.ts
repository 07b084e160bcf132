/** An installation on Docker is moved to a cluster, as `docs/operations.md` tells operators to do it. */
import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import {
  type Container,
  type DollarboxClient,
  containerWait,
  dollarboxClientCreate,
  unwrap,
} from '@dollarbox/client';
import { dockerSkip } from '@dollarbox/host/docker';
import { type TestKubernetes, clusterSkip, clusterStart } from '@dollarbox/testbed/cluster';
import { clusterAccountCreate } from '@dollarbox/testbed/cluster-account';
import { clusterRegistryStart } from '@dollarbox/testbed/cluster-registry';
import { type TestImages, imagesPush, imagesUntag } from '@dollarbox/testbed/images';
import { addressRead } from './cluster-scene.ts';
import { docker, read } from './docker-host.ts';
import { type ServerProcess, serverStart } from './server-process.ts';
import { until } from './wait.ts';

const skip = (await dockerSkip()) || clusterSkip();

/** Fills an empty volume with what archives easily lose, and serves a list of what is in it. */
const SCRIPT = `
cd /data
if [ ! -e large ]; then
  mkdir -p deep/er && echo one > deep/er/file && ln -s er/file deep/soft && ln deep/er/file hard
  chown 1500:1700 deep/er/file && chmod 640 deep/er/file && chown 33:44 deep && chmod 2750 deep
  busybox chown -h 7:8 deep/soft && ln -s /nowhere dangling
  truncate -s 30M hole && echo end >> hole
  touch -d "2001-02-03 04:05:06" deep/er && touch -h -d "2002-02-03 04:05:06" dangling
  dd if=/dev/urandom of=large bs=1M count=150 2> /dev/null
fi
mkdir /tmp/www
busybox find . | busybox sort | while read -r path; do
  stat -c "%n %F %u:%g %a %Y" "$path"
  if [ -f "$path" ]; then stat -c %h "$path" && busybox sha256sum "$path"; fi
done > /tmp/www/list
trap "exit 0" TERM
httpd -f -p 8080 -h /tmp/www & wait $!`;

const IDLE = 'trap "exit 0" TERM; sleep 100000 & wait $!';

describe('an installation that is moved from Docker to Kubernetes', { skip }, () => {
  const folder = mkdtempSync(join(tmpdir(), 'dollarbox-move-'));
  const started = new AsyncDisposableStack();
  let cluster: TestKubernetes;
  let images: TestImages;
  let server: ServerProcess;
  let environment: Record<string, string>;

  before(async () => {
    started.defer(() => rmSync(folder, { recursive: true, force: true }));
    cluster = await clusterStart();
    started.defer(() => cluster.close());
    const { registry, close } = await clusterRegistryStart(cluster);
    started.defer(close);
    images = await imagesPush(registry.host);
    started.defer(() => imagesUntag(docker, registry.host));
    environment = {
      DATA_DIR: join(folder, 'data'),
      ENGINE: 'kubernetes',
      KUBECONFIG: await clusterAccountCreate(cluster),
      ALLOWED_REGISTRIES: registry.host,
      PROBE_IMAGE: images.web,
    };
    server = await serverStart({ ALLOWED_REGISTRIES: registry.host });
    started.defer(() => server.remove());
  });
  after(() => started.disposeAsync());

  const clientOf = (url: string) =>
    dollarboxClientCreate({ baseUrl: url, token: server.token, retries: 0 });
  const pathOf = (id: number) => ({ params: { path: { id } } });
  const volumeRead = (client: DollarboxClient, id: number) =>
    unwrap(client.GET('/volumes/{id}/', pathOf(id)));

  async function settled(client: DollarboxClient, id: number, status: Container['status']) {
    return until(`the container ${id} ${status}`, async () => {
      const found = await containerWait(client, id, { pollMs: 50 });
      return found.status === status && found;
    });
  }

  /** A restore that is killed when `isDue` says so. */
  async function restoreKilled(from: string, isDue: (stderr: string) => Promise<boolean>) {
    const { child, stderr, result } = server.adminStart(
      environment,
      'backup-restore',
      '--from',
      from,
    );
    await until('the time to kill the restore', async () => {
      assert.equal(child.exitCode, null, stderr());
      return isDue(stderr());
    });
    child.kill('SIGKILL');
    const { code } = await result;
    assert.equal(code, null);
  }

  it('runs there with the same ids, files and settings, though the restore is killed twice', async () => {
    const client = clientOf(server.url);
    const volume = async (name: string) =>
      (await unwrap(client.POST('/volumes/', { body: { name, size_gb: 1 } }))).id;
    const create = async (body: { name: string; volumes?: Container['volumes'] }) => {
      const command = ['sh', '-c', body.volumes === undefined ? IDLE : SCRIPT];
      const all = { ...body, image: images.shell, command, ports: [8080] };
      return (await unwrap(client.POST('/containers/', { body: all }))).id;
    };
    const [data, empty] = [await volume('data'), await volume('empty')];
    const id = await create({ name: 'box', volumes: [{ volume: data, mount_path: '/data' }] });
    const stopped = await create({ name: 'stopped' });
    await settled(client, stopped, 'running');
    await unwrap(client.POST('/containers/{id}/stop/', pathOf(stopped)));
    await settled(client, stopped, 'stopped');
    const before = await settled(client, id, 'running');
    const list = await until('the list of files', () => read(before.ipv6_address, 8080, '/list'));
    assert.match(list, /deep\/soft symbolic link 7:8/);

    await server.admin('org-suspend', '--org', 'main');
    await settled(client, id, 'stopped');
    await server.stop();
    const from = join(folder, 'backup');
    await server.admin('backup-create', '--to', from);
    keyCopy(server.dataDir, join(folder, 'data'));

    const isReading = async () => {
      const pods = await cluster.kubectl(
        ...['get', 'pods', '-A', '--field-selector=status.phase=Running'],
        ...['-l', 'dollarbox.io/role=volume-data', '-o', 'name'],
      );
      return pods !== '';
    };
    await restoreKilled(from, isReading);
    await restoreKilled(from, async (said) => said.includes('Volume 2 of 2'));
    const { code, stderr } = await server.adminStart(environment, 'backup-restore', '--from', from)
      .result;
    assert.equal(code, 0, stderr);

    const moved = await serverStart(environment);
    try {
      const there = clientOf(moved.url);
      assert.equal((await settled(there, id, 'stopped')).status_reason, 'org_suspended');
      await moved.admin('org-resume', '--org', 'main');
      const found = await settled(there, id, 'running');
      const address = await until('an address', async () => {
        return (await unwrap(there.GET('/containers/{id}/', pathOf(id)))).ipv6_address;
      });
      assert.notEqual(address, before.ipv6_address);
      assert.deepEqual(
        [found.name, found.image, found.command, found.volumes, found.generation],
        [before.name, before.image, before.command, before.volumes, before.generation],
      );
      assert.equal(await until('the list', () => addressRead(address, 8080, '/list')), list);
      // Its turn may come after those of the others.
      await until('the reason to be gone', async () => {
        return (await settled(there, stopped, 'stopped')).status_reason === null;
      });
      for (const each of [data, empty]) {
        const { storage_class: storageClass, status } = await until(
          'the volume bound',
          async () => {
            const seen = await volumeRead(there, each);
            return seen.status === 'bound' && seen;
          },
        );
        assert.equal(status, 'bound');
        assert.doesNotMatch(storageClass, /docker/);
      }
      const left = await cluster.kubectl(
        'get',
        'pods',
        '-A',
        '-l',
        'dollarbox.io/role=volume-data',
      );
      assert.equal(left, '');
      const claims = await cluster.kubectl('get', 'pvc', '-A', '-o', 'name');
      assert.equal(claims.trim().split('\n').length, 2);
    } finally {
      await cluster.kubectl(
        'delete',
        'namespace',
        '-l',
        'dollarbox.io/installation',
        '--wait=false',
      );
      await moved.remove();
    }
  });
});

function keyCopy(from: string, to: string): void {
  mkdirSync(to, { recursive: true });
  copyFileSync(join(from, 'secret-key'), join(to, 'secret-key'));
}
