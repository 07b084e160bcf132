import assert from 'node:assert/strict';
import { test } from 'node:test';
import type Docker from 'dockerode';
import { installationObjectsRemove } from './installation-objects.ts';

/** Docker with one network that it refuses to remove with this error, and with these containers on it. */
function dockerRefusing(message: string, containers: string[] = []): Docker {
  const network = {
    id: 'net',
    inspect: async () => ({ Containers: {} }),
    remove: async () => {
      throw new Error(message);
    },
  };
  const partial: Partial<Record<keyof Docker, unknown>> = {
    listContainers: async ({ filters }: { filters: { network?: string[] } }) =>
      filters.network === undefined ? [] : containers,
    listNetworks: async () => [{ Id: 'net' }],
    listVolumes: async () => ({ Volumes: [] }),
    getNetwork: () => network,
  };
  return partial as Docker;
}

const COUNTED = '(HTTP code 403) unexpected - network net has active endpoints';

test('a network on which Docker counts endpoints that do not exist is stuck, and reported', async () => {
  const found = await installationObjectsRemove(dockerRefusing(COUNTED), 'abc', 0);
  assert.deepEqual(found, { count: 1, stuckNetworks: ['net'] });
});

test('a network that a container is on, or that fails to go for another reason, is an error', async () => {
  const attached = installationObjectsRemove(dockerRefusing(COUNTED, ['one']), 'abc', 0);
  await assert.rejects(attached, /with endpoints/);
  await assert.rejects(installationObjectsRemove(dockerRefusing('broken'), 'abc', 0), /broken/);
});
