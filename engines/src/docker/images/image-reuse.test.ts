/** What a tenant gets of the images and layers that are on the engine, and what it does not. */
import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { dockerSkip } from '@dollarbox/host/docker';
import type { Engine, ImageState } from '../../contract.ts';
import { digestOf, playRegistry, tinyImage } from '../test/registry.ts';
import type { PlayedImage, PlayedRegistry } from '../test/registry.ts';
import {
  docker,
  installationIdCreate,
  memoryImageStore,
  memoryRightStore,
  testEngineCreate,
  waitFor,
} from '../test/setup.ts';

interface Manifest {
  config: { digest: string; size: number };
  layers: { digest: string; size: number; mediaType?: string }[];
}

interface Config {
  rootfs: { diff_ids: string[] };
}

function partsOf(image: PlayedImage): { manifest: Manifest; config: Config } {
  const manifest = JSON.parse(image.manifest.toString()) as Manifest;
  const config = JSON.parse(image.blobs.get(manifest.config.digest)?.toString() ?? '') as Config;
  return { manifest, config };
}

/** The image with other layers and digests of their content. Contents that are not given are not in its registry. */
function imageOf(
  image: PlayedImage,
  layers: Manifest['layers'],
  diffIds: string[],
  contents: Buffer[] = [],
): PlayedImage {
  const { manifest, config } = partsOf(image);
  const written = Buffer.from(JSON.stringify({ ...config, rootfs: { diff_ids: diffIds } }));
  const blobs = new Map([written, ...contents].map((content) => [digestOf(content), content]));
  const described = {
    ...manifest,
    config: { ...manifest.config, digest: digestOf(written), size: written.length },
    layers,
  };
  return {
    manifest: Buffer.from(JSON.stringify(described)),
    layers: layers.map(({ digest }) => digest),
    blobs,
  };
}

/** A new image whose first layers are those of another. */
function extend(base: PlayedImage): PlayedImage {
  const [lower, upper] = [partsOf(base), tinyImage()];
  const { manifest, config } = partsOf(upper);
  return imageOf(
    upper,
    [...lower.manifest.layers, ...manifest.layers],
    [...lower.config.rootfs.diff_ids, ...config.rootfs.diff_ids],
    [...base.blobs.values(), ...upper.blobs.values()],
  );
}

/** As `since`: no outcome of a pull counts. */
const NEVER = new Date(8.64e15);
const PASSWORD = `Basic ${Buffer.from('one:secret').toString('base64')}`;

describe('images and layers on the engine', { skip: await dockerSkip() }, () => {
  const installationId = installationIdCreate();
  const images = new Map<string, PlayedImage>();
  /** What the second tenant's own registry serves. */
  const evil = new Map<string, PlayedImage>();
  const pulledImages = memoryImageStore();
  let credentials = new Map<number, { id: number; username: string; secret: string }>();
  const imageRights = memoryRightStore((id) =>
    [...credentials.values()].some((credential) => credential.id === id),
  );
  let registry: PlayedRegistry;
  let own: PlayedRegistry;
  let engine: Engine;
  let layersDir: string;
  let lastName = 0;

  before(async () => {
    registry = await playRegistry(images);
    own = await playRegistry(evil);
    layersDir = await mkdtemp(join(tmpdir(), 'dollarbox-layers-'));
    engine = testEngineCreate({
      ...{ installationId, pulledImages, imageRights, layersDir },
      allowedRegistries: [registry.host, own.host],
      isLocalImageAllowed: async () => false,
      registryCredential: async (tenantId) => credentials.get(tenantId) ?? null,
    });
    await engine.host?.start();
  });
  after(async () => {
    await engine.images.collect(async () => new Set());
    await engine.close();
    await registry.close();
    await own.close();
    await rm(layersDir, { recursive: true });
  });

  const request = (ref: string, tenantId: number, since = new Date()) => ({
    ...{ ref, tenantId, since },
    containerId: tenantId,
  });

  async function pull(ref: string, tenantId: number): Promise<ImageState> {
    const asked = request(ref, tenantId);
    await engine.images.ensure(asked);
    return waitFor(`the end of the pull of ${ref}`, async () => {
      const state = await engine.images.observe(asked);
      return (state.state === 'present' || state.state === 'failed') && state;
    });
  }

  async function pullWorks(ref: string, tenantId: number): Promise<string> {
    const state = await pull(ref, tenantId);
    assert.ok(state.state === 'present', JSON.stringify(state));
    return state.imageId;
  }

  async function pullFails(ref: string, tenantId: number, reason: string): Promise<void> {
    const state = await pull(ref, tenantId);
    assert.equal(state.state === 'failed' && state.reason, reason, JSON.stringify(state));
  }

  /** Publishes an image under a name of its own. @returns its repository. */
  function publish(image: PlayedImage, where = images): string {
    lastName += 1;
    where.set(`app-${lastName}:1`, image);
    return `app-${lastName}`;
  }

  /** @returns which layers of an image were asked for, and how often. */
  function fetches(from: PlayedRegistry, image: PlayedImage): number[] {
    return image.layers.map(
      (digest) => from.asked.filter((path) => path.endsWith(`/blobs/${digest}`)).length,
    );
  }

  /** From now on, a repository needs the first tenant's password. */
  function makePrivate(repository: string): void {
    registry.rule((path, reply, { headers }) => {
      if (!path.startsWith(`/v2/${repository}/`) || headers.authorization === PASSWORD)
        return false;
      reply.writeHead(401, { 'WWW-Authenticate': 'Basic realm="x"' }).end();
      return true;
    });
    credentials.set(1, { id: 11, username: 'one', secret: 'secret' });
  }

  test('layers that an earlier pull of the tenant obtained are not fetched again', async () => {
    const base = tinyImage({ layers: 2 });
    const image = extend(base);
    await pullWorks(`${registry.host}/${publish(base)}:1`, 1);
    registry.asked.length = 0;
    const imageId = await pullWorks(`${registry.host}/${publish(image)}:1`, 1);
    assert.deepEqual(fetches(registry, image), [0, 0, 1]);
    const { RootFS } = await docker.getImage(imageId).inspect();
    assert.deepEqual(RootFS.Layers, partsOf(image).config.rootfs.diff_ids);
  });

  test('an image that is used is not fetched when its registry is away; another tenant has to ask', async () => {
    const ref = `${registry.host}/${publish(tinyImage())}:1`;
    const imageId = await pullWorks(ref, 1);
    images.clear();
    registry.asked.length = 0;
    const found = await engine.images.observe(request(ref, 1));
    assert.equal(found.state === 'present' && found.imageId, imageId);
    assert.deepEqual(registry.asked, []);
    assert.deepEqual(await engine.images.observe(request(ref, 2, NEVER)), { state: 'absent' });
    await pullFails(ref, 2, 'image_not_found');
  });

  test("layers of another tenant's image are used if the same registry confirms them", async () => {
    const base = tinyImage({ layers: 2 });
    const image = extend(base);
    await pullWorks(`${registry.host}/${publish(base)}:1`, 1);
    const methods: (string | undefined)[] = [];
    registry.rule((path, _reply, { method }) => {
      if (base.layers.some((digest) => path.endsWith(digest))) methods.push(method);
      return false;
    });
    await pullWorks(`${registry.host}/${publish(image)}:1`, 2);
    assert.deepEqual(methods, ['HEAD', 'HEAD']);
    // The same image, whole: nothing is fetched.
    methods.length = 0;
    await pullWorks(`${registry.host}/${publish(base)}:1`, 3);
    assert.deepEqual(methods, ['HEAD', 'HEAD']);
  });

  test("another tenant's private image is refused by its reference", async () => {
    const repository = publish(tinyImage());
    makePrivate(repository);
    const ref = `${registry.host}/${repository}:1`;
    await pullWorks(ref, 1);
    await pullFails(ref, 2, 'image_pull_denied');
    assert.deepEqual(await engine.images.observe(request(ref, 2, NEVER)), { state: 'absent' });
  });

  test('the right ends with the credential that obtained the image', async () => {
    const repository = publish(tinyImage());
    makePrivate(repository);
    const ref = `${registry.host}/${repository}:1`;
    await pullWorks(ref, 1);
    assert.equal((await engine.images.observe(request(ref, 1))).state, 'present');
    credentials = new Map();
    assert.deepEqual(await engine.images.observe(request(ref, 1, NEVER)), { state: 'absent' });
    await pullFails(ref, 1, 'image_pull_denied');
  });

  test('a failure without the credential that is there now counts no more', async () => {
    const repository = publish(tinyImage());
    makePrivate(repository);
    const ref = `${registry.host}/${repository}:1`;
    credentials = new Map();
    await pullFails(ref, 1, 'image_pull_denied');
    const long = new Date(0);
    assert.equal((await engine.images.observe(request(ref, 1, long))).state, 'failed');
    credentials = new Map([[1, { id: 31, username: 'one', secret: 'secret' }]]);
    assert.deepEqual(await engine.images.observe(request(ref, 1, long)), { state: 'absent' });
    await pullWorks(ref, 1);
    credentials = new Map();
  });

  test('a credential that is deleted during the pull gives no right', async () => {
    const image = tinyImage();
    const repository = publish(image);
    makePrivate(repository);
    registry.rule((path) => {
      if (path.endsWith(image.layers[0] ?? '')) {
        credentials.set(1, { id: 12, username: 'one', secret: 'secret' });
      }
      return false;
    });
    const ref = `${registry.host}/${repository}:1`;
    const asked = request(ref, 1);
    await engine.images.ensure(asked);
    // It counts as no outcome: another credential is there now.
    await waitFor('its end', async () => {
      return (await engine.images.observe(asked)).state === 'absent';
    });
    await pullWorks(ref, 1);
    credentials = new Map();
  });

  describe("a registry of the tenant's own that names another tenant's layer", () => {
    let secret: PlayedImage;
    let secretId: string;
    let layer: Manifest['layers'][number];
    let diffId: string;
    before(async () => {
      secret = tinyImage();
      const { manifest, config } = partsOf(secret);
      [layer, diffId] = [manifest.layers[0], config.rootfs.diff_ids[0]] as [typeof layer, string];
      secretId = await pullWorks(`${registry.host}/${publish(secret)}:1`, 1);
    });

    /** Whether any image but the first tenant's contains the layer. */
    async function assertKept(): Promise<void> {
      const all = await docker.listImages({ all: true });
      const inspected = await Promise.all(
        all.map(({ Id }) =>
          docker
            .getImage(Id)
            .inspect()
            .catch(() => null),
        ),
      );
      const having = inspected.flatMap((each) =>
        each?.RootFS.Layers?.includes(diffId) === true ? each.Id : [],
      );
      assert.deepEqual(having, [secretId]);
    }

    test('and does not have it: the pull fails', async () => {
      const image = imageOf(tinyImage(), [layer], [diffId]);
      await pullFails(`${own.host}/${publish(image, evil)}:1`, 2, 'image_not_found');
      await assertKept();
    });

    test('and serves its very manifest and configuration: the pull fails', async () => {
      const blobs = new Map([...secret.blobs].filter(([digest]) => digest !== layer.digest));
      const image = { ...secret, blobs };
      const ref = `${own.host}/${publish(image, evil)}:1`;
      await pullFails(ref, 2, 'image_not_found');
      assert.deepEqual(await engine.images.observe(request(ref, 2, NEVER)), { state: 'absent' });
    });

    test('and claims to have it: the claim counts for nothing', async () => {
      own.rule((path, reply, { method }) => {
        if (method !== 'HEAD' || !path.endsWith(layer.digest)) return false;
        reply.writeHead(200, { 'Content-Length': layer.size }).end();
        return true;
      });
      const image = imageOf(tinyImage(), [layer], [diffId]);
      await pullFails(`${own.host}/${publish(image, evil)}:1`, 2, 'image_not_found');
      await assertKept();
    });

    test('and serves other content for it: the image is rejected', async () => {
      for (const content of [gzipSync('something else'), Buffer.from('something else')]) {
        const blob = { ...layer, digest: digestOf(content), size: content.length };
        const image = imageOf(tinyImage(), [blob], [diffId], [content]);
        await pullFails(`${own.host}/${publish(image, evil)}:1`, 2, 'image_rejected');
      }
      await assertKept();
    });

    test('also in the same registry, the content counts and not what an image states', async () => {
      const content = gzipSync('something else');
      const blob = { ...layer, digest: digestOf(content), size: content.length };
      const image = imageOf(tinyImage(), [blob], [diffId], [content]);
      await pullFails(`${registry.host}/${publish(image)}:1`, 2, 'image_rejected');
      await assertKept();
    });

    test('and gets the first tenant to pull it: nobody else gets the layer from there', async () => {
      const image = imageOf(tinyImage(), [layer], [diffId]);
      const ref = `${own.host}/${publish(image, evil)}:1`;
      await pullWorks(ref, 1);
      await pullFails(ref, 2, 'image_not_found');
    });
  });

  test("another tenant's pull of the same tag does not change what the tag means to a tenant", async () => {
    const repository = publish(tinyImage());
    const ref = `${registry.host}/${repository}:1`;
    const first = await pullWorks(ref, 1);
    images.set(`${repository}:1`, tinyImage());
    const second = await pullWorks(ref, 2);
    assert.notEqual(second, first);
    assert.equal(await pullWorks(ref, 1), first);
  });

  test('an image whose layers disappear from the engine during the pull is fetched whole', async () => {
    const base = tinyImage();
    const image = extend(base);
    const baseId = await pullWorks(`${registry.host}/${publish(base)}:1`, 1);
    let isRemoved = false;
    registry.rule((path, reply) => {
      if (isRemoved || !path.endsWith(image.layers[1] ?? '')) return false;
      isRemoved = true;
      const content = image.blobs.get(image.layers[1] ?? '');
      void docker
        .getImage(baseId)
        .remove({ force: true })
        .finally(() => reply.end(content));
      return true;
    });
    await pullWorks(`${registry.host}/${publish(image)}:1`, 1);
    assert.ok(isRemoved);
  });

  describe('a pull that is interrupted', () => {
    test('keeps the layers that it has received for the next attempt of the tenant', async () => {
      const image = tinyImage({ layers: 3 });
      const repository = publish(image);
      const ref = `${registry.host}/${repository}:1`;
      const before = (await readdir(layersDir)).length;
      const kept = async () => (await readdir(layersDir)).length - before;
      let isBroken = true;
      registry.rule((path, reply) => {
        if (!isBroken || !path.endsWith(image.layers[2] ?? '')) return false;
        reply.writeHead(500).end();
        return true;
      });
      await pullFails(ref, 1, 'image_pull_error');
      assert.equal(await kept(), 2);
      await pullFails(ref, 2, 'image_pull_error');
      assert.equal(await kept(), 4);
      isBroken = false;
      registry.asked.length = 0;
      await pullWorks(ref, 1);
      assert.deepEqual(fetches(registry, image), [0, 0, 1]);
      assert.equal(await kept(), 2, 'those of the other tenant are left');
    });
  });
});
