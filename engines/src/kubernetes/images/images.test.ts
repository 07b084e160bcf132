import assert from 'node:assert/strict';
import { it } from 'node:test';
import type { ImageRequest } from '../../contract.ts';
import { canonicalReference } from '../../registry/image-reference.ts';
import { hintHubCreate } from '../../hints.ts';
import type { ImageStore, KnownImage } from './image-store.ts';
import { imagesCreate } from './images.ts';

function memoryStore(): ImageStore {
  const images = new Map<string, KnownImage>();
  const keyOf = (tenantId: number, ref: string) => `${tenantId} ${ref}`;
  return {
    find: async (tenantId, ref) => images.get(keyOf(tenantId, ref)),
    findById: async () => undefined,
    put: async (image) => void images.set(keyOf(image.tenantId, image.ref), image),
    list: async () => [...images.values()],
    remove: async ({ tenantId, ref }) => void images.delete(keyOf(tenantId, ref)),
  };
}

it('an image that is pulled while others are collected stays', async () => {
  const { signal } = new AbortController();
  let seconds = 0;
  const images = imagesCreate(
    {
      installationId: 'installation',
      log: { info() {}, warn() {}, error() {} },
      now: () => new Date((seconds += 1) * 1000),
    },
    {
      store: memoryStore(),
      usedIds: async () => new Set(),
      pullTimeoutMs: 60_000,
      pull: async (tenantId, reference) => ({
        tenantId,
        ref: canonicalReference(reference),
        imageId: reference.repository,
        exposedPorts: [],
        volumePaths: [],
        isRoot: true,
        pulledAt: new Date((seconds += 1) * 1000),
        credentialId: null,
      }),
    },
    hintHubCreate(),
  );
  async function pull(ref: string): Promise<void> {
    const since = new Date((seconds += 1) * 1000);
    const request: ImageRequest = { ref, tenantId: 1, containerId: 1, since, pullPolicy: 'always' };
    await images.ensure(request, signal);
    while ((await images.observe(request, signal)).state !== 'present');
  }
  await pull('old:1');
  await pull('again:1');
  const removed = await images.collect(async () => {
    await pull('again:1');
    return new Set();
  }, signal);
  assert.deepEqual(removed, ['docker.io/library/old:1']);
  await images.close();
});
