/**
 * What registries do according to the distribution and token specifications, and in practice at Docker Hub, GHCR,
 * Quay, ECR Public, GitLab, Harbor, Artifactory and Zot. Each behaviour is compared with Docker's own pull.
 */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { dockerSkip } from '@dollarbox/host/docker';
import type { ImageFailure, ImageState } from '../../contract.ts';
import { digestOf, noImage, playRegistry, tinyImage } from '../test/registry.ts';
import type { PlayedImage, PlayedRegistry } from '../test/registry.ts';
import { docker, memoryImageStore, testEngineCreate, waitFor } from '../test/setup.ts';

const TOKEN = 'Bearer good-token';
const ARCHITECTURE = process.arch === 'x64' ? 'amd64' : process.arch;
const DOCKER_TYPES: Record<string, string> = {
  manifest: 'application/vnd.docker.distribution.manifest.v2+json',
  list: 'application/vnd.docker.distribution.manifest.list.v2+json',
};
const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json';
const OCI_INDEX = 'application/vnd.oci.image.index.v1+json';

interface Stage {
  registry: PlayedRegistry;
  /** Another host with the same images. */
  other: PlayedRegistry;
  images: Map<string, PlayedImage>;
  /** The `Authorization` of each request, by the host's role. */
  seen: { registry: (string | undefined)[]; other: (string | undefined)[] };
}

interface Behaviour {
  name: string;
  setUp(stage: Stage): void;
  /** If omitted, the image is pulled. */
  fails?: ImageFailure;
  /** The part after the host; default `/app:1`. */
  ref?: string;
  /** If omitted, Docker does the same. */
  docker?: 'refuses' | 'accepts' | 'not asked';
  check?(stage: Stage): void;
}

interface AnyManifest {
  mediaType: string;
  config: { mediaType: string; digest: string; size: number };
  layers: { mediaType: string; digest: string; size: number }[];
}

/** The image under `app:1`, with changes to its manifest, its configuration or its layers. */
function put(
  { images }: Stage,
  options: Parameters<typeof tinyImage>[0] = {},
  change: (manifest: AnyManifest, image: PlayedImage) => void = () => {},
): PlayedImage {
  const image = tinyImage(options);
  const manifest = JSON.parse(image.manifest.toString()) as AnyManifest;
  change(manifest, image);
  const made = { ...image, manifest: Buffer.from(JSON.stringify(manifest)) };
  images.set('app:1', made);
  return made;
}

function blobAdd(image: PlayedImage, content: Buffer): { digest: string; size: number } {
  image.blobs.set(digestOf(content), content);
  return { digest: digestOf(content), size: content.length };
}

/** Recompresses every layer with another format. */
function recompress(compress: (tar: Buffer) => Buffer, mediaType: string) {
  return (manifest: AnyManifest, image: PlayedImage): void => {
    for (const layer of manifest.layers) {
      const tar = gunzipSync(image.blobs.get(layer.digest) ?? Buffer.alloc(0));
      Object.assign(layer, { mediaType, ...blobAdd(image, compress(tar)) });
    }
  };
}

const putPlain = (stage: Stage): void => void put(stage);
const json = (reply: ServerResponse, body: unknown, status = 200): void =>
  void reply.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));

/** Requires a token for all of /v2/, and issues it at /token. */
function guard(
  { registry }: Pick<Stage, 'registry'>,
  challenge: (realm: string) => string | string[] = (realm) =>
    `Bearer realm="${realm}",service="registry.test"`,
  token: unknown = { token: 'good-token' },
  status = 200,
): void {
  const realm = `http://${registry.host}/token`;
  registry.rule((path, reply, { headers }) => {
    if (path.startsWith('/token')) {
      json(reply, token, status);
      return true;
    }
    if (headers.authorization === TOKEN) return false;
    reply.writeHead(401, { 'WWW-Authenticate': challenge(realm) }).end('{}');
    return true;
  });
}

function open({ registry }: Stage, path = '/v2/'): void {
  registry.rule((asked, reply) => {
    if (asked !== path) return false;
    json(reply, {});
    return true;
  });
}

/** Redirects matching requests to the other host, or to the address that `to` returns. */
function redirect(
  { registry, other }: Stage,
  pattern: RegExp,
  status: number,
  to: (path: string) => string = (path) => `http://${other.host}${path}`,
): void {
  registry.rule((path, reply) => {
    if (!pattern.test(path)) return false;
    reply.writeHead(status, { Location: to(path) }).end();
    return true;
  });
}

function answer({ registry }: Stage, pattern: RegExp, status: number): void {
  registry.rule((path, reply) => {
    if (!pattern.test(path)) return false;
    json(reply, { errors: [{ code: 'UNKNOWN', message: 'no' }] }, status);
    return true;
  });
}

type Platform = { os?: string; architecture?: string; variant?: string; [other: string]: unknown };

/** An index under `app:1`. The first entry marked with `true` is the right image. */
function putIndex(
  { images }: Stage,
  entries: readonly (readonly [Platform | undefined, isRight?: true])[],
  mediaType = OCI_INDEX,
  imageType = OCI_MANIFEST,
): void {
  const manifests = entries.map(([platform, isRight], index) => {
    const { os = 'linux', architecture = ARCHITECTURE } = platform ?? {};
    const image = tinyImage({ platform: { os, architecture } });
    images.set(`app:${isRight ? 'right' : `wrong-${index}`}`, image);
    const { manifest } = image;
    return { mediaType: imageType, digest: digestOf(manifest), size: manifest.length, platform };
  });
  images.set('app:1', noImage({ schemaVersion: 2, mediaType, manifests }));
}

/** Breaks the connection in the middle of a layer on every first of two requests. */
function breakOnce(stage: Stage, hasRanges: boolean): void {
  const image = put(stage);
  const [digest = ''] = image.layers;
  const blob = image.blobs.get(digest) ?? Buffer.alloc(0);
  let count = 0;
  stage.registry.rule((path, reply, { headers }) => {
    if (!path.endsWith(digest)) return false;
    count += 1;
    if (count % 2 === 1) {
      reply.writeHead(200, { 'Content-Length': blob.length });
      reply.write(blob.subarray(0, 1000), () => setImmediate(() => reply.destroy()));
      return true;
    }
    const start = Number(/bytes=(\d+)-/.exec(headers.range ?? '')?.[1] ?? 0);
    if (!hasRanges || start === 0) return false;
    const range = `bytes ${start}-${blob.length - 1}/${blob.length}`;
    reply.writeHead(206, { 'Content-Range': range }).end(blob.subarray(start));
    return true;
  });
}

const challengeCase = (
  name: string,
  challenge: (realm: string) => string | string[],
  more: Partial<Behaviour> = {},
): Behaviour => ({
  name: `a challenge ${name}`,
  setUp(stage) {
    put(stage);
    guard(stage, challenge);
  },
  ...more,
});

const tokenCase = (
  name: string,
  token: unknown,
  more: Partial<Behaviour> & { status?: number } = {},
): Behaviour => ({
  name: `a token reply ${name}`,
  setUp(stage) {
    put(stage);
    guard(stage, undefined, token, more.status);
  },
  ...more,
});

const configCase = (name: string, config: object, more: Partial<Behaviour> = {}): Behaviour => ({
  name: `a configuration ${name}`,
  setUp: (stage) => void put(stage, { config }),
  ...more,
});

const OURS: Platform = { os: 'linux', architecture: ARCHITECTURE };
const isAmd64 = ARCHITECTURE === 'amd64';

const BEHAVIOURS: Behaviour[] = [
  { name: 'no authentication', setUp: putPlain },
  challengeCase('with realm and service', (realm) => `Bearer realm="${realm}",service="s"`),
  challengeCase('without a service', (realm) => `Bearer realm="${realm}"`),
  challengeCase('in lower case', (realm) => `bearer realm="${realm}",service="s"`),
  challengeCase('with spaces, in another order', (realm) => `Bearer service="s", realm="${realm}"`),
  challengeCase('with names in upper case', (realm) => `Bearer Realm="${realm}",Service="s"`),
  challengeCase(
    'with a scope for pushes too',
    (realm) => `Bearer realm="${realm}",service="s",scope="repository:app:pull,push"`,
  ),
  challengeCase(
    'that names an error',
    (realm) => `Bearer realm="${realm}",service="s",error="invalid_token"`,
  ),
  challengeCase('with a query in its realm', (realm) => `Bearer realm="${realm}?a=b",service="s"`),
  challengeCase(
    'for Basic and for Bearer, in two headers',
    (realm) => ['Basic realm="registry"', `Bearer realm="${realm}",service="s"`],
    { docker: 'refuses' },
  ),
  challengeCase(
    'for Basic and for Bearer, in one header',
    (realm) => `Basic realm="registry", Bearer realm="${realm}",service="s"`,
    { docker: 'refuses' },
  ),
  challengeCase('with values that are not quoted', (realm) => `Bearer realm=${realm},service=s`, {
    docker: 'refuses',
  }),
  challengeCase('for Basic alone', () => 'Basic realm="registry"', { fails: 'image_pull_denied' }),
  challengeCase('without a realm', () => 'Bearer service="s"', { fails: 'image_pull_denied' }),
  challengeCase('of an unknown kind', () => 'Negotiate', { fails: 'image_pull_denied' }),
  tokenCase('with access_token alone', { access_token: 'good-token' }),
  tokenCase('with both, of which access_token counts', {
    ...{ token: 'bad', access_token: 'good-token' },
  }),
  tokenCase('with an empty token beside access_token', { token: '', access_token: 'good-token' }),
  tokenCase('with an empty access_token beside token', { token: 'good-token', access_token: '' }),
  tokenCase('with expires_in and issued_at', {
    ...{ token: 'good-token', expires_in: 300, issued_at: '2026-01-01T00:00:00Z' },
  }),
  tokenCase('with status 201', { token: 'good-token' }, { status: 201 }),
  tokenCase('without a token', {}, { fails: 'image_pull_denied' }),
  tokenCase('with status 401', {}, { status: 401, fails: 'image_pull_denied' }),
  tokenCase('with status 503', {}, { status: 503, fails: 'image_pull_error' }),
  {
    name: 'a token server that redirects',
    setUp(stage) {
      put(stage);
      guard(stage);
      redirect(stage, /^\/token/, 307, (path) => path.replace('/token', '/tokens/new'));
      stage.registry.rule((path, reply) => {
        if (!path.startsWith('/tokens/new')) return false;
        json(reply, { token: 'good-token' });
        return true;
      });
    },
  },
  {
    name: 'a token server on another host',
    setUp(stage) {
      put(stage);
      guard(stage, () => `Bearer realm="http://${stage.other.host}/token",service="s"`);
      stage.other.rule((path, reply) => {
        if (!path.startsWith('/token?')) return false;
        json(reply, { token: 'good-token' });
        return true;
      });
    },
  },
  {
    name: 'a challenge at the entrance alone, and 404 for strangers',
    setUp(stage) {
      put(stage);
      guard(stage);
      stage.registry.rule((path, reply, { headers }) => {
        if (!path.startsWith('/v2/app/') || headers.authorization === TOKEN) return false;
        json(reply, {}, 404);
        return true;
      });
    },
  },
  {
    name: 'a challenge at the image alone, and an open entrance',
    setUp(stage) {
      put(stage);
      guard(stage);
      open(stage);
    },
    docker: 'refuses',
  },
  {
    name: 'blobs on a storage host, which must not be sent the token',
    setUp(stage) {
      put(stage);
      guard(stage);
      stage.registry.rule((path, reply, { headers }) => {
        if (!path.includes('/blobs/') || headers.authorization !== TOKEN) return false;
        reply.writeHead(307, { Location: `http://${stage.other.host}${path}` }).end();
        return true;
      });
    },
    check: ({ seen }) => assert.ok(seen.other.length > 0 && seen.other.every((each) => !each)),
  },
  {
    name: 'blobs behind a relative redirect',
    setUp(stage) {
      put(stage);
      redirect(stage, /^\/v2\/app\/blobs/, 302, (path) => path.replace('/app/', '/stored/app/'));
      stage.images.set('stored/app:1', stage.images.get('app:1') ?? assert.fail());
    },
  },
  ...[301, 302, 303, 307, 308].map((status): Behaviour => ({
    name: `manifests behind a redirect with status ${status}`,
    setUp(stage) {
      put(stage);
      redirect(stage, /\/manifests\//, status);
    },
  })),
  {
    name: 'a host that redirects all of /v2/ to another',
    setUp(stage) {
      put(stage);
      redirect(stage, /^\/v2\//, 307);
    },
  },
  {
    name: 'a host that redirects all of /v2/ to another, which asks for a token',
    setUp(stage) {
      put(stage);
      redirect(stage, /^\/v2\//, 307);
      guard({ registry: stage.other });
    },
    check({ seen }) {
      assert.ok(seen.other.includes(TOKEN));
      assert.ok(
        seen.registry.every((each) => each === undefined),
        'the token went to the wrong host',
      );
    },
  },
  {
    name: 'eight redirects in a row',
    setUp(stage) {
      put(stage);
      redirect(stage, /^\/v2\/app\/blobs/, 307, (path) => `/hop-1${path}`);
      redirect(stage, /^\/hop-[1-7]\//, 307, (path) =>
        path.replace(/\d/, (digit) => String(Number(digit) + 1)),
      );
      redirect(stage, /^\/hop-8\//, 307, (path) => `http://${stage.other.host}${path.slice(6)}`);
    },
  },
  {
    name: 'a redirect in a circle',
    setUp: (stage) => redirect(stage, /^\/v2\/app/, 307, (path) => path),
    fails: 'image_pull_error',
  },
  {
    name: "manifests of Docker's own types",
    setUp: (stage) =>
      void put(stage, {}, (manifest) => {
        manifest.mediaType = DOCKER_TYPES['manifest'] ?? '';
        manifest.config.mediaType = 'application/vnd.docker.container.image.v1+json';
        for (const layer of manifest.layers) {
          layer.mediaType = 'application/vnd.docker.image.rootfs.diff.tar.gzip';
        }
      }),
  },
  {
    name: 'a type with a parameter',
    setUp(stage) {
      const { manifest } = put(stage);
      stage.registry.rule((path, reply) => {
        if (!path.includes('/manifests/')) return false;
        reply.writeHead(200, { 'Content-Type': `${OCI_MANIFEST}; charset=utf-8` }).end(manifest);
        return true;
      });
    },
  },
  { name: 'an index', setUp: (stage) => putIndex(stage, [[OURS, true]]) },
  {
    name: "Docker's manifest list",
    setUp: (stage) =>
      putIndex(stage, [[OURS, true]], DOCKER_TYPES['list'], DOCKER_TYPES['manifest']),
  },
  {
    name: 'an index with attestations',
    setUp: (stage) => putIndex(stage, [[{ os: 'unknown', architecture: 'unknown' }], [OURS, true]]),
  },
  {
    name: 'an index with a platform in the words of uname',
    setUp: (stage) => putIndex(stage, [[{ os: 'linux', architecture: 's390x' }], [OURS, true]]),
  },
  ...(isAmd64
    ? [
        {
          name: 'an index with a 32-bit image alone',
          setUp: (stage: Stage) =>
            putIndex(stage, [
              [{ os: 'linux', architecture: 'arm64' }],
              [{ os: 'linux', architecture: '386' }, true],
            ]),
          docker: 'refuses' as const,
        },
        {
          name: 'an index whose 64-bit image stands after the 32-bit one',
          setUp: (stage: Stage) =>
            putIndex(stage, [[{ os: 'linux', architecture: '386' }], [OURS, true]]),
        },
        {
          name: 'an index whose plain image stands after one for newer processors',
          setUp: (stage: Stage) => putIndex(stage, [[{ ...OURS, variant: 'v3' }], [OURS, true]]),
        },
      ]
    : []),
  {
    name: 'an index with a version of the system',
    setUp: (stage) => putIndex(stage, [[{ ...OURS, 'os.version': '10', 'os.features': [] }, true]]),
  },
  {
    name: 'an index whose only entry names no platform',
    setUp: (stage) => putIndex(stage, [[undefined, true]]),
    docker: 'refuses',
  },
  {
    name: 'an index for other machines alone',
    setUp: (stage) =>
      putIndex(stage, [
        [{ os: 'linux', architecture: 's390x' }],
        [{ os: 'windows', architecture: ARCHITECTURE }],
      ]),
    fails: 'image_rejected',
  },
  configCase('without os', { os: undefined }),
  configCase('without architecture', { architecture: undefined }),
  configCase('with an empty os', { os: '' }),
  configCase('with neither', { os: '', architecture: '' }),
  configCase('with history and unknown parts', {
    ...{ history: [{ created_by: 'x' }], author: 'a', moby: { a: [1] } },
  }),
  configCase(
    'for another machine',
    { architecture: 's390x' },
    {
      ...{ fails: 'image_rejected', docker: 'accepts' },
    },
  ),
  {
    name: 'layers without compression',
    setUp: (stage) =>
      void put(
        ...([stage, { layers: 2 }] as const),
        recompress((tar) => tar, 'application/vnd.oci.image.layer.v1.tar'),
      ),
  },
  {
    name: 'layers compressed with zstd',
    setUp: (stage) =>
      void put(
        ...([stage, { layers: 2 }] as const),
        recompress(zstdCompressSync, 'application/vnd.oci.image.layer.v1.tar+zstd'),
      ),
    docker: 'refuses',
  },
  {
    name: 'layers of several gzip members',
    setUp: (stage) =>
      void put(
        stage,
        {},
        recompress(
          (tar) => Buffer.concat([gzipSync(tar.subarray(0, 1024)), gzipSync(tar.subarray(1024))]),
          'application/vnd.oci.image.layer.v1.tar+gzip',
        ),
      ),
  },
  {
    name: 'the same layer several times',
    setUp: (stage) =>
      void put(stage, {}, (manifest, image) => {
        const config = JSON.parse(image.blobs.get(manifest.config.digest)?.toString() ?? '') as {
          rootfs: { diff_ids: string[] };
        };
        config.rootfs.diff_ids.push(config.rootfs.diff_ids[0] ?? '');
        manifest.layers.push(manifest.layers[0] ?? assert.fail());
        Object.assign(manifest.config, blobAdd(image, Buffer.from(JSON.stringify(config))));
      }),
  },
  {
    name: 'blobs in chunks, without a length',
    setUp(stage) {
      const { blobs } = put(stage);
      stage.registry.rule((path, reply) => {
        const blob = blobs.get(path.split('/').at(-1) ?? '');
        if (blob === undefined) return false;
        reply.write(blob.subarray(0, 10));
        reply.end(blob.subarray(10));
        return true;
      });
    },
  },
  { name: 'a connection that breaks off, and ranges', setUp: (stage) => breakOnce(stage, true) },
  {
    name: 'a connection that breaks off, and no ranges',
    setUp: (stage) => breakOnce(stage, false),
    // Docker tries for more than a minute before it fails.
    docker: 'not asked',
  },
  {
    name: 'a reference with a tag and a digest',
    setUp(stage) {
      const { manifest } = put(stage);
      this.ref = `/app:1@${digestOf(manifest)}`;
    },
  },
  {
    name: 'a deep path',
    setUp: (stage) => void stage.images.set('a/b/c/app:1', put(stage)),
    ref: '/a/b/c/app:1',
  },
  { name: 'no such image', setUp: () => {}, fails: 'image_not_found' },
  {
    name: 'an image that is denied',
    setUp: (stage) => answer(stage, /^\/v2\/app/, 403),
    fails: 'image_pull_denied',
  },
  {
    name: 'too many requests',
    setUp: (stage) => answer(stage, /^\/v2\/app/, 429),
    fails: 'image_pull_error',
  },
  {
    name: 'a registry under maintenance',
    setUp: (stage) => answer(stage, /^\/v2\/app/, 503),
    fails: 'image_pull_error',
  },
  {
    name: 'a missing blob',
    setUp(stage) {
      put(stage);
      answer(stage, /\/blobs\//, 404);
    },
    fails: 'image_not_found',
  },
  {
    name: 'a page in place of a manifest',
    setUp: ({ images }) => void images.set('app:1', noImage('<html>')),
    fails: 'image_rejected',
  },
];

test('there are at least forty behaviours, each with a unique name', () => {
  assert.ok(new Set(BEHAVIOURS.map(({ name }) => name)).size === BEHAVIOURS.length);
  assert.ok(BEHAVIOURS.length >= 40);
});

describe('behaviours of registries', { skip: await dockerSkip() }, () => {
  const pulledImages = memoryImageStore();
  const allowedRegistries: string[] = [];
  const engine = testEngineCreate({ pulledImages, allowedRegistries });
  before(() => engine.host.start());
  after(async () => {
    await engine.images.collect(async () => new Set());
    await engine.close();
  });

  async function stageOpen(): Promise<Stage> {
    const images = new Map<string, PlayedImage>();
    const [registry, other] = await Promise.all([playRegistry(images), playRegistry(images)]);
    const stage: Stage = { registry, other, images, seen: { registry: [], other: [] } };
    allowedRegistries.push(registry.host, other.host);
    return stage;
  }

  function watch(stage: Stage): void {
    for (const role of ['registry', 'other'] as const) {
      stage[role].rule((_, _reply, { headers }) => {
        stage.seen[role].push(headers.authorization);
        return false;
      });
    }
  }

  async function pull(ref: string): Promise<ImageState> {
    const request = { ref, tenantId: 1, containerId: 1, since: new Date(0) };
    await engine.images.ensure(request);
    return waitFor(`the end of the pull of ${ref}`, async () => {
      const state = await engine.images.observe(request);
      return (state.state === 'present' || state.state === 'failed') && state;
    });
  }

  /** @returns the id of the image that Docker's own pull produces, or its error. */
  async function dockerPull(ref: string): Promise<{ id: string } | { error: string }> {
    const { promise, resolve } = Promise.withResolvers<string | null>();
    try {
      const progress = await docker.pull(ref);
      docker.modem.followProgress(progress, (error, lines: { error?: string }[] | null) =>
        resolve(error?.message ?? lines?.find((line) => line.error !== undefined)?.error ?? null),
      );
      const error = await promise;
      if (error !== null) return { error };
    } catch (error) {
      return { error: String(error) };
    }
    const { Id: id } = await docker.getImage(ref).inspect();
    await docker.getImage(ref).remove();
    return { id };
  }

  for (const behaviour of BEHAVIOURS) {
    test(behaviour.name, async () => {
      const stage = await stageOpen();
      try {
        behaviour.setUp(stage);
        watch(stage);
        const ref = `${stage.registry.host}${behaviour.ref ?? '/app:1'}`;
        const isAsked = behaviour.docker !== 'not asked';
        const theirs = isAsked ? await dockerPull(ref) : { error: 'not asked' };
        for (const seen of Object.values(stage.seen)) seen.length = 0;
        const ours = await pull(ref);

        const right = stage.images.get('app:right');
        if (behaviour.fails !== undefined) {
          assert.equal(
            ours.state === 'failed' && ours.reason,
            behaviour.fails,
            JSON.stringify(ours),
          );
        } else {
          assert.ok(ours.state === 'present', JSON.stringify(ours));
          if (right !== undefined) {
            const { config } = JSON.parse(right.manifest.toString()) as AnyManifest;
            assert.equal(ours.imageId, config.digest);
          }
        }
        behaviour.check?.(stage);
        const dockerWorks =
          behaviour.docker === undefined
            ? behaviour.fails === undefined
            : behaviour.docker === 'accepts';
        // A newer version of Docker may accept what this one refuses.
        if (dockerWorks) assert.ok('id' in theirs, JSON.stringify(theirs));
        if (behaviour.docker === undefined && 'id' in theirs) {
          assert.equal(ours.state === 'present' && ours.imageId, theirs.id);
        }
      } finally {
        await stage.registry.close();
        await stage.other.close();
      }
    });
  }
});
