// Pulls beside each other and beside the removal of images: whatever comes between two calls of the engine.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import type { ImageState, PullPolicy } from '../../contract.ts';
import type { DockerEngineOptions, PulledImageStore } from '../base/options.ts';
import { playRegistry, tinyImage } from '../test/registry.ts';
import type { PlayedImage, PlayedRegistry } from '../test/registry.ts';
import { docker, memoryImageStore, testEngineCreate, waitFor } from '../test/setup.ts';

const NOBODY = async () => new Set<string>();

describe('images that are pulled meanwhile', { skip: await dockerSkip() }, () => {
  const images = new Map<string, PlayedImage>();
  let registry: PlayedRegistry;
  before(async () => {
    registry = await playRegistry(images);
  });
  after(() => registry.close());

  const engineOpen = (options: Partial<DockerEngineOptions>) =>
    testEngineCreate({
      allowedRegistries: [registry.host],
      isLocalImageAllowed: async () => false,
      ...options,
    });

  /** @returns the image's id. */
  async function pull(
    engine: ReturnType<typeof engineOpen>,
    ref: string,
    tenantId = 1,
    pullPolicy: PullPolicy = 'always',
  ): Promise<string> {
    const request = { ref, tenantId, containerId: tenantId, since: new Date(), pullPolicy };
    await engine.images.ensure(request);
    const state = await waitFor<ImageState>(`the end of the pull of ${ref}`, async () => {
      const found = await engine.images.observe(request);
      return found.state !== 'queued' && found.state !== 'pulling' && found;
    });
    assert.ok(state.state === 'present', JSON.stringify(state));
    return state.imageId;
  }

  test('an image that is pulled while others are collected stays', async () => {
    images.set('new:1', tinyImage());
    images.set('again:1', tinyImage());
    const [fresh, again] = [`${registry.host}/new:1`, `${registry.host}/again:1`];
    /** The images of all containers. */
    const wanted = new Set<string>();
    let beforeList: (() => Promise<void>) | null = null;
    const recorded = memoryImageStore();
    const pulledImages: PulledImageStore = {
      ...recorded,
      async list() {
        const before = beforeList;
        beforeList = null;
        await before?.();
        return recorded.list();
      },
    };
    const engine = engineOpen({ pulledImages });
    try {
      await pull(engine, again);
      beforeList = async () => {
        wanted.add(fresh);
        await pull(engine, fresh);
      };
      const removed = await engine.images.collect(async () => {
        const kept = new Set(wanted);
        // Its container is created a moment too late to be in the list.
        await pull(engine, again);
        return kept;
      });
      assert.deepEqual(removed, []);
      for (const ref of [fresh, again]) assert.ok(await docker.getImage(ref).inspect());
    } finally {
      assert.deepEqual((await engine.images.collect(NOBODY)).toSorted(), [again, fresh].toSorted());
      await engine.close();
    }
  });

  test('an image that has its old tag again stays with the tag', async () => {
    const ref = `${registry.host}/back:1`;
    const [first, second] = [tinyImage(), tinyImage()];
    const engine = engineOpen({});
    try {
      images.set('back:1', first);
      const imageId = await pull(engine, ref);
      images.set('back:1', second);
      const secondId = await pull(engine, ref);
      assert.notEqual(secondId, imageId);
      images.set('back:1', first);
      assert.equal(await pull(engine, ref), imageId);
      assert.deepEqual(await engine.images.collect(async () => new Set([ref])), [secondId]);
      assert.equal((await docker.getImage(ref).inspect()).Id, imageId);
    } finally {
      await engine.images.collect(NOBODY);
      await assert.rejects(docker.getImage(ref).inspect(), { statusCode: 404 });
      await engine.close();
    }
  });

  test('a pull gives its tenant its own image if another takes the tag, and both are removed', async () => {
    const ref = `${registry.host}/raced:1`;
    images.set('raced:1', tinyImage());
    let other: Promise<string> | null = null;
    const engine = engineOpen({
      async onStep(step) {
        if (step !== 'image-loaded' || other !== null) return;
        images.set('raced:1', tinyImage());
        other = pull(engine, ref, 2);
        await other;
      },
    });
    try {
      const first = await pull(engine, ref);
      const second = await (other ?? assert.fail('no other pull began'));
      assert.notEqual(first, second);
      const removed = await engine.images.collect(NOBODY);
      assert.deepEqual(removed.toSorted(), [first, ref].toSorted());
      for (const id of [first, second]) {
        await assert.rejects(docker.getImage(id).inspect(), { statusCode: 404 });
      }
    } finally {
      await engine.close();
    }
  });
});
