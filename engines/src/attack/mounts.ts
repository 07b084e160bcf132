/** Attacks through volumes that are mounted over the kernel's own files. */
import assert from 'node:assert/strict';
import type { RootfsEntry } from '@dollarbox/testbed/rootfs';
import type { ImageState } from '../contract.ts';
import { imageOf, volumeMake } from './account-files.ts';
import type { Attack } from './attack.ts';

const UNMASKED = 'what runc hides of /proc and /sys became readable (CVE-2025-31133)';

function byLink(name: string, id: number, target: string, isOfImage: boolean): Attack {
  return {
    name,
    before: UNMASKED,
    async run(host) {
      const link: RootfsEntry = { kind: 'link', path: 'kernel', target };
      const tag = `mount${target.replaceAll('/', '-')}-${isOfImage ? 'image' : 'own'}`;
      const settings = isOfImage ? { Volumes: { '/kernel': {} } } : {};
      const image = await imageOf(host, tag, [link], settings);
      const volume = await volumeMake(host, id);
      const volumes = [{ volume, mountPath: '/kernel' }];
      const error = await host.refused(await host.spec(image, { volumes }));
      assert.equal(error.reason, 'start_error');
      assert.match(error.message, /can not be mounted at \/kernel/);
      return `refused at the start, links followed: ${error.message}`;
    },
  };
}

export const MOUNT_ATTACKS: readonly Attack[] = [
  {
    name: 'an image with a VOLUME at /dev',
    before: UNMASKED,
    async run(host) {
      const ref = await imageOf(host, 'volume-dev', [], { Volumes: { '/dev': {} } });
      const request = { ref, tenantId: 1, containerId: 1, since: new Date(0) };
      const state = await host.engine<ImageState>('images.observe', request);
      assert.ok(state.state === 'failed' && state.reason === 'image_rejected');
      assert.match(state.message, /VOLUME at "\/dev"/);
      return `image_rejected: ${state.message}`;
    },
  },
  byLink('an image with a VOLUME that a link leads to /dev', 11, '/dev', true),
  byLink('an image with a VOLUME that a link leads to /', 12, '/', true),
  byLink('a volume that a link of the image leads to /sys', 15, '/sys/firmware', false),
  {
    name: 'an image with a VOLUME, to have space that nobody counts or limits',
    before: 'a volume without a limit for each object, in no quota, which vanished at a change',
    async run(host) {
      const image = await imageOf(host, 'volume-data', [], { Volumes: { '/data': {} } });
      const error = await host.refused(await host.spec(image));
      assert.equal(error.reason, 'image_volumes');
      const volume = await volumeMake(host, 14);
      const volumes = [{ volume, mountPath: '/data' }];
      const { ref } = await host.apply(await host.spec(image, { volumes }));
      const { Mounts } = await host.docker.getContainer(ref).inspect();
      const [mount, other] = Mounts;
      assert.ok(other === undefined && mount?.Name?.startsWith('dbx-'), JSON.stringify(Mounts));
      return 'started with a volume of the org only, which has a size and counts';
    },
  },
  {
    name: 'an image with a VOLUME below a volume, which would not be in that volume',
    before: 'data that the volume seemed to hold was lost without a word',
    async run(host) {
      const image = await imageOf(host, 'nested', [], { Volumes: { '/var/lib/db/data': {} } });
      const volume = await volumeMake(host, 13);
      const volumes = [{ volume, mountPath: '/var/lib/db' }];
      const error = await host.refused(await host.spec(image, { volumes }));
      assert.match(error.message, /mount it there/);
      return `refused: ${error.message}`;
    },
  },
];
