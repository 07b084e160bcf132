/** Pulls from a registry that accepts requests and then sends nothing: whoever ends one does not wait for it. */
import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { test } from 'node:test';
import { imageReferenceParse } from '../../registry/image-reference.ts';
import { playRegistry, tinyImage } from '../test/registry.ts';
import { imagePull } from './pull.ts';
import type { PullDependencies } from './pull.ts';

const LAYERS = 4;
/** The layer that is being sent to the engine, and those that are received meanwhile. */
const RECEIVED_AT_ONCE = 3;
const BLOB = '/v2/app/blobs/';

/** An engine that has no image, and reads what it is given. */
function dependenciesOf(
  host: string,
  load: (archive: AsyncIterable<Buffer>) => Promise<void>,
): PullDependencies {
  const store = { inspect: async () => undefined, listIds: async () => new Set<string>(), load };
  const none = async () => [];
  return {
    installationId: 'silentpulls1',
    allowedRegistries: [host],
    store,
    pulledImages: { list: none, add: async () => {}, remove: async () => {} },
    imageRights: { imagesOf: none, imagesFrom: none, add: async () => true },
    reuse: { heldLayers: async () => ({ count: 0, isOfRegistry: true }) },
    shelf: {
      open: async () => null,
      find: async () => null,
      // So that layers are received before the engine wants them.
      lacks: async () => true,
      keep: (_owner: unknown, _blob: unknown, content: AsyncIterable<Buffer>) => content,
      clear: async () => {},
    },
    registries: async () => ({
      platform: { os: 'linux', architecture: process.arch === 'x64' ? 'amd64' : process.arch },
      hubEndpoints: [],
      trusted: [host],
      isInsecure: () => true,
    }),
    imageMaxBytes: 1024 ** 3,
    storageReserveBytes: 0,
    storageFree: async () => null,
    onStep: () => {},
  } as unknown as PullDependencies;
}

async function readAll(archive: AsyncIterable<Buffer>): Promise<void> {
  for await (const _ of archive);
}

function pull(host: string, signal: AbortSignal, load = readAll): Promise<string> {
  const reference = imageReferenceParse(`${host}/app:1`) ?? assert.fail();
  const order = { reference, tenantId: 1, credential: null };
  return imagePull(order, dependenciesOf(host, load), signal, () => {});
}

/** Serves an image, but leaves requests whose path `isSilent` without an end. */
async function play(
  isSilent: (path: string, layers: readonly string[]) => boolean,
  begin: (reply: ServerResponse) => void = () => {},
) {
  const image = tinyImage({ layers: LAYERS });
  const registry = await playRegistry(new Map([['app:1', image]]));
  const waiting = new Set<ServerResponse>();
  let asked = 0;
  let onChange = () => {};
  registry.rule((path, reply) => {
    if (!isSilent(path, image.layers)) return false;
    asked += 1;
    waiting.add(reply);
    reply.once('close', () => {
      waiting.delete(reply);
      onChange();
    });
    begin(reply);
    onChange();
    return true;
  });
  /** Resolves when so many requests are left waiting. */
  const left = (count: number) =>
    new Promise<void>((resolve) => {
      onChange = () => {
        if (waiting.size === count) resolve();
      };
      onChange();
    });
  return { registry, left, asked: () => asked };
}

const begun = (reply: ServerResponse): void => {
  reply.writeHead(200, { 'Content-Length': 1_000_000 });
  reply.write('x');
};
const isLayer = (path: string, layers: readonly string[]) =>
  layers.some((digest) => path === BLOB + digest);

const STAGES = {
  'its manifest': { isSilent: (path: string) => path.includes('/manifests/') },
  'the rest of its manifest': {
    isSilent: (path: string) => path.includes('/manifests/'),
    begin: begun,
  },
  'its configuration': {
    isSilent: (path: string, layers: readonly string[]) =>
      path.startsWith(BLOB) && !isLayer(path, layers),
  },
  'its layers': { isSilent: isLayer, count: RECEIVED_AT_ONCE },
  'the rest of its layers': { isSilent: isLayer, begin: begun, count: RECEIVED_AT_ONCE },
};

for (const [what, stage] of Object.entries(STAGES)) {
  test(`a pull that is abandoned while the registry owes ${what} ends its requests`, async () => {
    const { isSilent, begin, count = 1 } = { begin: undefined, count: 1, ...stage };
    const { registry, left, asked } = await play(isSilent, begin);
    const abandoned = new AbortController();
    const pulling = pull(registry.host, abandoned.signal);
    await Promise.race([left(count), pulling]);
    abandoned.abort();
    await assert.rejects(pulling);
    await left(0);
    assert.equal(asked(), count, 'nothing is requested again');
    await registry.close();
  });
}

test('a pull that the engine breaks off does not wait for what the registry owes', async () => {
  const { registry, left, asked } = await play(isLayer, begun);
  const broken = new Error('the engine broke off');
  const load = async (archive: AsyncIterable<Buffer>) => {
    readAll(archive).catch(() => {});
    await left(RECEIVED_AT_ONCE);
    throw broken;
  };
  await assert.rejects(pull(registry.host, new AbortController().signal, load), broken);
  await left(0);
  assert.equal(asked(), RECEIVED_AT_ONCE, 'nothing is requested again');
  await registry.close();
});
