/** Attacks through images that a tenant must not be able to use. */
import assert from 'node:assert/strict';
import type { ImageState } from '../contract.ts';
import { imageOf } from './account-files.ts';
import type { Attack } from './attack.ts';

export const IMAGE_ATTACKS: readonly Attack[] = [
  {
    name: 'an image that the operator has built for themselves, by its name',
    before: 'any image on the engine could be run by any tenant',
    async run(host) {
      const reference = await imageOf(host, 'operator', []);
      const image = host.docker.getImage(reference);
      const ours = 'registry.example/private';
      await image.tag({ repo: ours, tag: '1' });
      const request = { tenantId: 1, containerId: 1, since: new Date(0) };
      const observe = (ref: string) =>
        host.engine<ImageState>('images.observe', { ...request, ref });
      assert.equal((await observe(reference)).state, 'present');
      assert.equal((await observe(`${ours}:1`)).state, 'absent');
      return 'it is as if the engine did not have it: its registry decides (ALLOWED_LOCAL_IMAGES)';
    },
  },
];
