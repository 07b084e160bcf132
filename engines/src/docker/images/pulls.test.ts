import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { dockerSkip } from '@dollarbox/host/docker';
import type { Engine, ImageFailure, ImageState } from '../../contract.ts';
import {
  docker,
  memoryImageStore,
  testEngineCreate,
  installationIdCreate,
  waitFor,
} from '../test/setup.ts';
import { digestOf, noImage, playRegistry, tinyImage } from '../test/registry.ts';
import type { PlayedImage, PlayedRegistry } from '../test/registry.ts';

const LONG_AGO = new Date(0);

describe('pulls into Docker', { skip: await dockerSkip() }, () => {
  const installationId = installationIdCreate();
  const pulledImages = memoryImageStore();
  const images = new Map<string, PlayedImage>();
  let registry: PlayedRegistry;
  /** Not allowed: a listener that tenants must not reach. */
  let secret: PlayedRegistry;
  let engine: Engine;

  before(async () => {
    registry = await playRegistry(images);
    secret = await playRegistry(images);
    engine = testEngineCreate({
      installationId,
      pulledImages,
      allowedRegistries: [registry.host],
    });
    await engine.host?.start();
  });
  after(async () => {
    await engine.images.collect(async () => new Set());
    await engine.close();
    await registry.close();
    await secret.close();
  });

  const request = (ref: string, tenantId = 1, containerId = 1) => ({
    ref,
    tenantId,
    containerId,
    since: LONG_AGO,
  });

  async function ended(ref: string, tenantId = 1, by = engine): Promise<ImageState> {
    return waitFor(`the end of the pull of ${ref}`, async () => {
      const state = await by.images.observe(request(ref, tenantId));
      return state.state !== 'queued' && state.state !== 'pulling' && state;
    });
  }

  async function pull(ref: string): Promise<ImageState> {
    await engine.images.ensure(request(ref));
    return ended(ref);
  }

  async function pullFails(ref: string, reason: ImageFailure, message: RegExp): Promise<void> {
    const state = await pull(ref);
    assert.ok(state.state === 'failed', JSON.stringify(state));
    assert.equal(state.reason, reason, state.message);
    assert.match(state.message, message);
    assert.doesNotMatch(state.message, /SECRET|\n/);
    await assert.rejects(docker.getImage(ref).inspect(), { statusCode: 404 });
  }

  /** Answers the requests to one repository, or those of one kind, with a status. */
  function failWith(
    repository: string,
    status: number,
    headers: Record<string, string> = {},
  ): void {
    registry.rule((path, reply) => {
      if (!path.startsWith(`/v2/${repository}/`)) return false;
      reply.writeHead(status, headers).end('SECRET WORDS');
      return true;
    });
  }

  test('a pulled image is present with its TCP ports and its layers', async () => {
    images.set('good:1', tinyImage({ layers: 3 }));
    const state = await pull(`${registry.host}/good:1`);
    assert.ok(state.state === 'present', JSON.stringify(state));
    assert.deepEqual(state.exposedPorts, [80, 9000]);
    const { RootFS } = await docker.getImage(state.imageId).inspect();
    assert.equal(RootFS.Layers?.length, 3);
  });

  test('large layers are verified apart, and one with other content than stated is refused', async () => {
    const big = { layers: 3, fileBytes: 5_000_000 };
    const right = tinyImage(big);
    images.set('large:1', right);
    const state = await pull(`${registry.host}/large:1`);
    assert.ok(state.state === 'present', JSON.stringify(state));
    const { RootFS } = await docker.getImage(state.imageId).inspect();
    const [first = '', second = '', third = ''] = RootFS.Layers ?? [];
    // The layers of this image say that they have the content of that one's.
    const stated = { rootfs: { type: 'layers', diff_ids: [first, third, second] } };
    images.set('large-wrong:1', tinyImage({ ...big, config: stated }));
    await pullFails(`${registry.host}/large-wrong:1`, 'image_rejected', /its content is broken/);
  });

  test('an image by digest is found by its digest, and nothing else is fetched for it', async () => {
    const image = tinyImage();
    images.set('digest:whatever', image);
    const ref = `${registry.host}/digest@${digestOf(image.manifest)}`;
    const state = await pull(ref);
    assert.ok(state.state === 'present');
    const other = testEngineCreate({ installationId, allowedRegistries: [registry.host] });
    const { pulledAt: _, ...rest } = state;
    assert.deepEqual(await other.images.observe(request(ref)), rest);
    await other.close();
  });

  test('a registry at an IPv6 address works too', async () => {
    const ipv6 = await playRegistry(images, '::1');
    images.set('six:1', tinyImage());
    const other = testEngineCreate({ allowedRegistries: [ipv6.host] });
    const asked = request(`${ipv6.host}/six:1`);
    await other.images.ensure(asked);
    await waitFor('the image', async () => (await other.images.observe(asked)).state === 'present');
    assert.equal((await other.images.collect(async () => new Set([asked.ref]))).length, 0);
    // The engine may have the image a moment before its pull has ended.
    await waitFor('its removal', async () => {
      return (await other.images.collect(async () => new Set())).length === 1;
    });
    assert.deepEqual(await other.images.observe(asked), { state: 'absent' });
    await other.close();
    await ipv6.close();
  });

  test('content that does not match the requested digest is refused', async () => {
    const digest = digestOf(Buffer.from('something else'));
    registry.rule((path, reply) => {
      if (path !== `/v2/lie/manifests/${digest}`) return false;
      reply.writeHead(200).end(tinyImage().manifest);
      return true;
    });
    await pullFails(`${registry.host}/lie@${digest}`, 'image_rejected', /digest/);
  });

  test('missing, denied, limited and broken are distinguished, with the status', async () => {
    await pullFails(`${registry.host}/none:1`, 'image_not_found', /none:1.*\(HTTP 404\)/);
    for (const [status, reason] of [
      [401, 'image_pull_denied'],
      [403, 'image_pull_denied'],
      [429, 'image_pull_error'],
      [500, 'image_pull_error'],
      [502, 'image_pull_error'],
      [503, 'image_pull_error'],
    ] as const) {
      failWith(`status-${status}`, status);
      const message = new RegExp(`\\(HTTP ${status}\\)`);
      await pullFails(`${registry.host}/status-${status}:1`, reason, message);
    }
  });

  test('a blob that is missing or fails is an error of the pull', async () => {
    images.set('noblob:1', tinyImage({ layers: 2 }));
    const lost = images.get('noblob:1')?.layers[1];
    registry.rule((path, reply) => {
      if (!path.endsWith(`/blobs/${lost}`)) return false;
      reply.writeHead(500).end('SECRET WORDS');
      return true;
    });
    await pullFails(`${registry.host}/noblob:1`, 'image_pull_error', /HTTP 500/);
  });

  test('a layer that does not match its digest is never assembled', async () => {
    for (const [name, corrupt] of [
      ['longer', (blob: Buffer) => Buffer.concat([blob, blob])],
      ['shorter', (blob: Buffer) => blob.subarray(0, 100)],
      ['other', (blob: Buffer) => Buffer.alloc(blob.length, 'x')],
    ] as const) {
      const image = tinyImage({ layers: 2 });
      images.set(`${name}:1`, image);
      const [digest = '', blob = Buffer.alloc(0)] = [...image.blobs][1] ?? [];
      registry.rule((path, reply) => {
        if (!path.endsWith(digest)) return false;
        reply.writeHead(200).end(corrupt(blob));
        return true;
      });
      await pullFails(`${registry.host}/${name}:1`, 'image_pull_error', /something else/);
    }
  });

  test('an image that declares too much is refused, and none of it is read', async () => {
    const [big, fits] = [tinyImage({ layers: 2 }), tinyImage({ layers: 1 })];
    images.set('big:1', big);
    images.set('fits:1', fits);
    const bytes = ({ blobs, layers }: PlayedImage) =>
      layers.reduce((sum, digest) => sum + (blobs.get(digest)?.length ?? 0), 0);
    const other = testEngineCreate({
      allowedRegistries: [registry.host],
      imageMaxBytes: bytes(big) - 1,
    });
    const [tooBig, small] = [request(`${registry.host}/big:1`), request(`${registry.host}/fits:1`)];
    await other.images.ensure(tooBig);
    const state = await waitFor('the refusal', async () => {
      const found = await other.images.observe(tooBig);
      return found.state === 'failed' && found;
    });
    assert.equal(state.reason, 'image_rejected');
    assert.match(state.message, /^The image is too big: .+ GiB are taken\.$/);
    assert.ok(!registry.asked.some((path) => big.layers.some((layer) => path.endsWith(layer))));
    await other.images.ensure(small);
    await waitFor('it', async () => (await other.images.observe(small)).state === 'present');
    await other.images.collect(async () => new Set());
    await other.close();
  });

  test('an endless layer is read no further than its declared size', async () => {
    const image = tinyImage();
    images.set('endless:1', image);
    const chunk = Buffer.alloc(64 * 1024, 'x');
    let isCut = false;
    registry.rule((path, reply) => {
      if (!path.endsWith(image.layers[0] ?? '')) return false;
      reply.on('close', () => (isCut = true));
      const write = () => {
        while (!isCut && reply.write(chunk));
      };
      reply.on('drain', write);
      write();
      return true;
    });
    await pullFails(`${registry.host}/endless:1`, 'image_pull_error', /something else/);
    await waitFor('the end of reading', async () => isCut);
  });

  test('with little disk space left nothing is pulled, but present images are found', async () => {
    images.set('room:1', tinyImage());
    const asked = request(`${registry.host}/room:1`);
    const full = testEngineCreate({
      allowedRegistries: [registry.host],
      storageReserveBytes: Number.MAX_SAFE_INTEGER,
    });
    await full.images.ensure(asked);
    const state = await waitFor('the refusal', async () => {
      const found = await full.images.observe(asked);
      return found.state === 'failed' && found;
    });
    assert.equal(state.reason, 'image_pull_error');
    assert.equal(state.message, 'The host has little disk space left.');
    assert.ok(!registry.asked.some((path) => path.startsWith('/v2/room/')));
    assert.equal((await pull(asked.ref)).state, 'present');
    assert.equal((await full.images.observe(asked)).state, 'present');
    await full.close();
  });

  test('a registry that breaks off is an error of the pull', async () => {
    images.set('breaks:1', tinyImage());
    registry.rule((path, reply) => {
      if (!path.startsWith('/v2/breaks/blobs/')) return false;
      reply.writeHead(200, { 'Content-Length': 1_000_000 });
      reply.write('x');
      reply.destroy();
      return true;
    });
    await pullFails(`${registry.host}/breaks:1`, 'image_pull_error', /broke off|could not be/);
  });

  test('a registry that cannot be found or reached is an error of the pull', async () => {
    const gone = await playRegistry(images);
    await gone.close();
    const other = testEngineCreate({ allowedRegistries: [gone.host] });
    for (const ref of [`${gone.host}/a:1`, 'registry.invalid/a:1']) {
      await other.images.ensure(request(ref));
      const state = await waitFor(ref, async () => {
        const found = await other.images.observe(request(ref));
        return found.state === 'failed' && found;
      });
      assert.equal(state.reason, 'image_pull_error');
      assert.match(state.message, /could not be (found|reached)/);
    }
    await other.close();
  });

  test('content that is not an image for this machine is refused', async () => {
    images.set('arch:1', tinyImage({ platform: { os: 'linux', architecture: 'sparc' } }));
    images.set('os:1', tinyImage({ platform: { os: 'windows', architecture: 'amd64' } }));
    images.set('chart:1', tinyImage({ config: { rootfs: undefined } }));
    images.set('json:1', noImage('<html>'));
    images.set('old:1', noImage({ schemaVersion: 1, fsLayers: [] }));
    images.set('empty:1', noImage({ schemaVersion: 2, manifests: [] }));
    images.set('null:1', noImage(null));
    images.set(
      'path:1',
      noImage({ schemaVersion: 2, config: { digest: '../../x', size: 1 }, layers: [] }),
    );
    for (const name of ['arch', 'os', 'chart', 'json', 'old', 'empty', 'null', 'path']) {
      await pullFails(
        `${registry.host}/${name}:1`,
        'image_rejected',
        /^The image can't be used: .+\.$/,
      );
    }
  });

  test("an image that the engine can't unpack is refused", async () => {
    const layer = Buffer.from('this is no archive');
    const image = tinyImage({ layers: 0, config: { rootfs: { diff_ids: [digestOf(layer)] } } });
    const manifest = JSON.parse(image.manifest.toString()) as { layers: object[] };
    manifest.layers.push({ digest: digestOf(layer), size: layer.length });
    image.blobs.set(digestOf(layer), layer);
    images.set('garbage:1', { ...image, manifest: Buffer.from(JSON.stringify(manifest)) });
    await pullFails(`${registry.host}/garbage:1`, 'image_rejected', /content is broken/);
  });

  test('of an index, the image for this machine is taken', async () => {
    const [ours, theirs] = [
      tinyImage(),
      tinyImage({ platform: { os: 'linux', architecture: 's390x' } }),
    ];
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch;
    const entry = ({ manifest }: PlayedImage, name: string) => ({
      digest: digestOf(manifest),
      size: manifest.length,
      platform: { os: name === 'unknown' ? name : 'linux', architecture: name },
    });
    const index = {
      schemaVersion: 2,
      manifests: [entry(theirs, 's390x'), entry(theirs, 'unknown'), entry(ours, architecture)],
    };
    images.set('index:ours', ours);
    images.set('index:1', noImage(index));
    assert.equal((await pull(`${registry.host}/index:1`)).state, 'present');
  });

  test('a token is fetched where the registry says, and sent', async () => {
    images.set('guarded/image:1', tinyImage());
    registry.rule((path, reply, { headers }) => {
      if (path.startsWith('/token?')) {
        const asked = new URL(path, 'http://x').searchParams;
        assert.equal(asked.get('service'), 'the service');
        assert.equal(asked.get('scope'), 'repository:guarded/image:pull');
        reply.writeHead(200).end(JSON.stringify({ token: 'a token' }));
        return true;
      }
      if (!path.startsWith('/v2/guarded/') || headers.authorization === 'Bearer a token')
        return false;
      const realm = `Bearer realm="http://${registry.host}/token",service="the service"`;
      reply.writeHead(401, { 'WWW-Authenticate': realm }).end();
      return true;
    });
    assert.equal((await pull(`${registry.host}/guarded/image:1`)).state, 'present');
  });

  test('a token that is refused is a pull denied', async () => {
    registry.rule((path, reply) => {
      if (!path.startsWith('/no-token')) return false;
      reply.writeHead(403).end('SECRET WORDS');
      return true;
    });
    const realm = `Bearer realm="http://${registry.host}/no-token"`;
    failWith('untokened', 401, { 'WWW-Authenticate': realm });
    await pullFails(`${registry.host}/untokened:1`, 'image_pull_denied', /HTTP 403/);
  });

  test('a registry at a local address that is not allowed is never contacted', async () => {
    const port = secret.host.split(':')[1];
    images.set('inside:1', tinyImage());
    for (const host of [secret.host, `localhost:${port}`, `LOCALHOST:${port}`, `0x7f.1:${port}`]) {
      await pullFails(`${host}/inside:1`, 'image_rejected', /local or private/);
    }
    assert.deepEqual(secret.asked, []);
  });

  test('an allowed registry cannot lead to a local address either', async () => {
    for (const [name, header] of [
      ['redirects', 'Location'],
      ['realms', 'WWW-Authenticate'],
    ] as const) {
      const target = `http://${secret.host}/inside`;
      const value = header === 'Location' ? target : `Bearer realm="${target}"`;
      failWith(name, header === 'Location' ? 307 : 401, { [header]: value });
      await pullFails(`${registry.host}/${name}:1`, 'image_rejected', /local or private/);
    }
    assert.deepEqual(secret.asked, []);
  });

  test('redirects are followed up to a limit', async () => {
    images.set('moved:1', tinyImage());
    registry.rule((path, reply) => {
      if (!path.startsWith('/v2/here/')) return false;
      reply.writeHead(307, { Location: path.replace('/here/', '/moved/') }).end();
      return true;
    });
    assert.equal((await pull(`${registry.host}/here:1`)).state, 'present');
    failWith('round', 302, { Location: '/v2/round/again' });
    await pullFails(`${registry.host}/round:1`, 'image_pull_error', /redirects/);
  });

  describe('from a registry that stalls', () => {
    const names = ['stall-1', 'stall-2', 'stall-3'];
    let stalled = 0;
    let refs: string[] = [];
    before(() => {
      refs = names.map((name) => `${registry.host}/${name}:1`);
      for (const name of names) images.set(`${name}:1`, tinyImage({ layers: 9 }));
      registry.rule((path, reply) => {
        const isLayer = names.some((name) =>
          images.get(`${name}:1`)?.layers.some((digest) => path.endsWith(digest)),
        );
        if (!isLayer) return false;
        reply.writeHead(200, { 'Content-Length': 1_000_000 });
        reply.write('x');
        stalled += 1;
        return true;
      });
    });

    /** Starts a separate engine, since stalled pulls occupy its places. */
    async function withEngine(
      options: { pullTimeoutMs?: number },
      work: (own: Engine) => Promise<void>,
    ): Promise<void> {
      const allowedRegistries = [registry.host];
      const own = testEngineCreate({ installationId, pulledImages, allowedRegistries, ...options });
      try {
        await own.host?.start();
        for (const [index, ref] of refs.entries()) {
          await own.images.ensure(request(ref, 1, 11 + index));
        }
        await work(own);
      } finally {
        await own.close();
      }
    }

    test('pulls of other tenants continue', async () => {
      await withEngine({}, async (own) => {
        await waitFor('two stalled layers', async () => stalled === 2);
        images.set('quick:1', tinyImage());
        const quick = `${registry.host}/quick:1`;
        await own.images.ensure(request(quick, 2));
        assert.equal((await ended(quick, 2, own)).state, 'present');
        const states = [];
        for (const ref of refs) states.push((await own.images.observe(request(ref))).state);
        assert.deepEqual(states, ['pulling', 'pulling', 'queued']);
      });
    });

    test('each pull ends at its deadline', async () => {
      await withEngine({ pullTimeoutMs: 3000 }, async (own) => {
        for (const ref of refs) {
          const state = await ended(ref, 1, own);
          assert.ok(
            state.state === 'failed' && state.reason === 'image_pull_error',
            JSON.stringify(state),
          );
          assert.match(state.message, /no progress for 3 s/);
        }
      });
    });
  });

  test('one pull serves all containers of a tenant, and reports each when it ends', async () => {
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    const image = tinyImage();
    images.set('shared:1', image);
    registry.rule((path, reply) => {
      if (path !== '/v2/shared/manifests/1') return false;
      void held.then(() => reply.end(image.manifest));
      return true;
    });
    const ref = `${registry.host}/shared:1`;
    const abort = new AbortController();
    const seen = new Set<number>();
    const watching = (async () => {
      for await (const { id } of engine.changes(abort.signal)) seen.add(id);
    })();
    await engine.images.ensure(request(ref, 1, 101));
    await engine.images.ensure(request(ref, 1, 102));
    await engine.images.ensure(request(`${ref}`, 1, 103));
    release();
    await waitFor('three hints', async () => [101, 102, 103].every((id) => seen.has(id)));
    abort.abort();
    await watching;
    assert.equal(registry.asked.filter((path) => path === '/v2/shared/manifests/1').length, 1);
  });

  test('an image is pulled again under latest, and the one before is collected', async () => {
    const ref = `${registry.host}/moving`;
    images.set('moving:latest', tinyImage());
    const first = await pull(ref);
    assert.ok(first.state === 'present');
    images.set('moving:latest', tinyImage());
    const since = new Date();
    const again = { ...request(ref), since };
    await engine.images.ensure(again);
    const second = await waitFor('the second', async () => {
      const state = await engine.images.observe(again);
      return state.state === 'present' && state;
    });
    assert.notEqual(second.imageId, first.imageId);
    assert.ok((await engine.images.collect(async () => new Set([ref]))).includes(first.imageId));
    await assert.rejects(docker.getImage(first.imageId).inspect(), { statusCode: 404 });
    assert.ok((await docker.getImage(second.imageId).inspect()).Id);
  });

  test('a fixed tag is pulled again if the pull policy is always', async () => {
    const ref = `${registry.host}/tagged-main:main`;
    images.set('tagged-main:main', tinyImage());
    await engine.images.ensure(request(ref));
    // The engine may have the image a moment before its pull has ended.
    const first = await waitFor('the first', async () => {
      const state = await engine.images.observe(request(ref));
      return state.state === 'present' && state.pulledAt !== undefined && state;
    });
    images.set('tagged-main:main', tinyImage());
    const again = await pull(ref);
    assert.ok(again.state === 'present');
    assert.equal(again.imageId, first.imageId);
    const always = { ...request(ref), since: new Date(), pullPolicy: 'always' } as const;
    await engine.images.ensure(always);
    const second = await waitFor('the second', async () => {
      const state = await engine.images.observe(always);
      return state.state === 'present' && state;
    });
    assert.notEqual(second.imageId, first.imageId);
  });

  test('collect spares images that others tagged, used or had before', async () => {
    images.set('theirs:1', tinyImage());
    images.set('tagged:1', tinyImage());
    images.set('used:1', tinyImage());
    const [theirs, tagged, used] = ['theirs', 'tagged', 'used'].map(
      (name) => `${registry.host}/${name}:1`,
    );
    assert.ok(theirs !== undefined && tagged !== undefined && used !== undefined);
    // Pulled by another installation, then requested by this one: it was already present.
    const other = testEngineCreate({ allowedRegistries: [registry.host] });
    await other.images.ensure(request(theirs));
    await waitFor(
      'theirs',
      async () => (await other.images.observe(request(theirs))).state === 'present',
    );
    for (const ref of [theirs, tagged, used]) assert.equal((await pull(ref)).state, 'present');
    await docker.getImage(tagged).tag({ repo: 'kept-by-someone', tag: installationId });
    const container = await docker.createContainer({
      Image: used,
      name: `foreign-${installationId}`,
    });
    try {
      // The engine may have an image a moment before its pull has ended.
      const removed = await waitFor('the removal', async () => {
        const found = await engine.images.collect(async () => new Set());
        return found.includes(tagged) && found;
      });
      assert.ok(!removed.includes(theirs) && !removed.includes(used));
      assert.ok(await docker.getImage(`kept-by-someone:${installationId}`).inspect());
      assert.ok(await docker.getImage(used).inspect());
      assert.ok(await docker.getImage(theirs).inspect());
    } finally {
      await container.remove();
      await docker.getImage(`kept-by-someone:${installationId}`).remove();
      await other.images.collect(async () => new Set());
      await other.close();
    }
  });
});
