/** Attacks by way of `/etc/passwd` and `/etc/group`, which dockerd opens as root of the host at every start. */
import assert from 'node:assert/strict';
import { imageAssemble, layerAssemble } from '@dollarbox/testbed/image-assemble';
import type { ImageConfig } from '@dollarbox/testbed/image-assemble';
import { busyboxLayer, imageLoad } from '@dollarbox/testbed/images';
import type { RootfsEntry } from '@dollarbox/testbed/rootfs';
import type { ContainerObservation, VolumeObservation } from '../contract.ts';
import { volumeSpecCreate } from '../docker/test/volumes.ts';
import type { AttackHost } from './attack-host.ts';
import type { Attack } from './attack.ts';

/** Far more than such a file ever holds, but too little to do harm if it is read. */
const HUGE_BYTES = 64 * 1024 * 1024;

async function requireAlive(host: AttackHost, ref: string): Promise<void> {
  await host.docker.ping();
  await host.engine('containers.end', ref, 0);
}

/** A container that changes its own files, ends, and is started again. */
function byItself(name: string, before: string, script: string, named: RegExp): Attack {
  return {
    name,
    before,
    async run(host) {
      const command = ['/bin/sh', '-c', `${script}; exit 3`];
      const spec = await host.spec(host.images.shell, { command });
      const { ref } = await host.apply(spec);
      await host.exited(spec.id);
      const error = await host.refused(spec);
      assert.equal(error.reason, 'start_error');
      assert.match(error.message, named);
      await requireAlive(host, ref);
      return `refused at the restart: ${error.message}`;
    },
  };
}

export async function imageOf(
  host: AttackHost,
  tag: string,
  entries: RootfsEntry[],
  settings: ImageConfig = {},
): Promise<string> {
  const layers = [await busyboxLayer(), await layerAssemble(entries)];
  const reference = `dollarbox-test/hostile-${tag}:1`;
  const config = { Cmd: ['/bin/sleep', '3600'], Env: ['PATH=/bin'], ...settings };
  await imageLoad(host.docker, reference, imageAssemble(layers, config));
  return reference;
}

/** An image that is hostile from the start and already on the engine. */
function byImage(name: string, before: string, entry: RootfsEntry, named: RegExp): Attack {
  return {
    name,
    before,
    async run(host) {
      const tag = name.replaceAll(/[^a-z]+/gi, '-').toLowerCase();
      const spec = await host.spec(await imageOf(host, tag, [entry]));
      const error = await host.refused(spec);
      assert.equal(error.reason, 'start_error');
      assert.match(error.message, named);
      const found = await host.engine<ContainerObservation>('containers.observe', spec.id);
      await requireAlive(host, found.ref);
      return `refused at the first start: ${error.message}`;
    },
  };
}

export async function volumeMake(host: AttackHost, id: number) {
  const { uid } = await host.engine<VolumeObservation>('volumes.apply', volumeSpecCreate(id));
  return { id, uid };
}

/** What a check sees of the volume over `/etc` is harmless. What dockerd opens below it is not. */
const UNDER_A_VOLUME: Attack = {
  name: 'a huge /etc/group below a volume that is mounted over /etc',
  before: 'dockerd reads the file below the volume into its memory',
  async run(host) {
    const content = Buffer.alloc(2 * 1024 * 1024, 'x');
    const image = await imageOf(host, 'below', [{ kind: 'file', path: 'etc/group', content }]);
    const volume = await volumeMake(host, 1);
    const spec = await host.spec(image, { volumes: [{ volume, mountPath: '/etc' }] });
    const error = await host.refused(spec);
    assert.equal(error.reason, 'start_error');
    assert.match(error.message, /\/etc\/group has 2097152 bytes/);
    const found = await host.engine<ContainerObservation>('containers.observe', spec.id);
    await requireAlive(host, found.ref);
    return `the image is looked at without its volumes: ${error.message}`;
  },
};

/** The container fills the files below and then makes a link that moves the mount point over `/etc`. */
const BY_A_MOVED_LINK: Attack = {
  name: 'a volume that a link of the container moves over /etc at the restart',
  before: 'dockerd reads the file below the volume into its memory',
  async run(host) {
    const volume = await volumeMake(host, 2);
    const image = await imageOf(host, 'link', [
      { kind: 'dir', path: 'elsewhere' },
      { kind: 'link', path: 'mnt', target: '/elsewhere' },
    ]);
    const script = `truncate -s ${HUGE_BYTES} /etc/group; rm /mnt; ln -s /etc /mnt; exit 3`;
    const spec = await host.spec(image, {
      command: ['/bin/sh', '-c', script],
      volumes: [{ volume, mountPath: '/mnt' }],
    });
    const { ref } = await host.apply(spec);
    await host.exited(spec.id);
    const error = await host.refused(spec);
    assert.equal(error.reason, 'start_error');
    assert.match(error.message, /\/mnt, as the container has made \/mnt a link/);
    await requireAlive(host, ref);
    return `what the container changed is looked at below its volumes: ${error.message}`;
  },
};

const FIFO_IN_A_VOLUME: Attack = {
  name: 'a FIFO as passwd in a volume that is then mounted at /etc',
  before: 'the start blocks in the container, which stays locked until Docker restarts',
  async run(host) {
    const volume = await volumeMake(host, 3);
    const writer = await host.spec(host.images.shell, {
      command: ['/bin/sh', '-c', 'mknod /v/passwd p; exit 3'],
      volumes: [{ volume, mountPath: '/v' }],
    });
    const { ref } = await host.apply(writer);
    await host.exited(writer.id);
    await host.engine('containers.end', ref, 0);
    const spec = await host.spec(host.images.shell, { volumes: [{ volume, mountPath: '/etc' }] });
    const error = await host.refused(spec);
    assert.equal(error.reason, 'start_error');
    assert.match(error.message, /\/etc\/passwd is not a regular file/);
    const found = await host.engine<ContainerObservation>('containers.observe', spec.id);
    await requireAlive(host, found.ref);
    return `refused: ${error.message}`;
  },
};

export const ACCOUNT_FILE_ATTACKS: readonly Attack[] = [
  byItself(
    'a container makes its /etc/group huge and ends',
    'at the restart dockerd grows until it is killed, and all containers with it',
    `rm -f /etc/group; truncate -s ${HUGE_BYTES} /etc/group`,
    /\/etc\/group has 67108864 bytes/,
  ),
  byItself(
    'a container puts a FIFO in place of its /etc/passwd',
    'dockerd blocks with the container locked: inspect and remove hang until it restarts',
    'rm /etc/passwd; mknod /etc/passwd p',
    /\/etc\/passwd is not a regular file/,
  ),
  byItself(
    'a container links its /etc/group to a huge file',
    'as with the file itself',
    `truncate -s ${HUGE_BYTES} /huge; rm /etc/group; ln -s /huge /etc/group`,
    /\/etc\/group has 67108864 bytes/,
  ),
  byImage(
    'an image has a device in place of /etc/group',
    'dockerd reads from /dev/zero for ever, every 30 seconds',
    { kind: 'device', path: 'etc/group', major: 1, minor: 5 },
    /\/etc\/group is not a regular file/,
  ),
  byImage(
    'an image has a FIFO in place of /etc/passwd',
    'dockerd blocks with the container locked',
    { kind: 'fifo', path: 'etc/passwd' },
    /\/etc\/passwd is not a regular file/,
  ),
  UNDER_A_VOLUME,
  BY_A_MOVED_LINK,
  FIFO_IN_A_VOLUME,
];
