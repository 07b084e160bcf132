import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { dockerEngineCreate } from '@dollarbox/engines/docker';
import type { ImageRight, ImageRightStore, PulledImage } from '@dollarbox/engines/docker/options';
import { type ImageLayer, imageAssemble, layerAssemble } from '@dollarbox/testbed/image-assemble';
import { registryStart } from '@dollarbox/testbed/registry';
import { registryPut } from '@dollarbox/testbed/registry-put';
import { docker } from './docker.ts';
import { type Result, compare } from './result.ts';
import { median, timed } from './statistics.ts';
import { until } from './wait.ts';

const ROUNDS = 5;
const LAYERS = 5;
/** Of the image as the registry serves it. */
const SIZE_MB = Number(process.env['BENCH_IMAGE_MB'] ?? 500);
const TENANT_ID = 1;

/** Half of it can be compressed, like most images. @param compressedMb its size in the registry. */
async function layerOf(path: string, compressedMb: number): Promise<ImageLayer> {
  const bytes = Math.round(compressedMb * 1_000_000);
  const content = Buffer.concat([randomBytes(bytes), Buffer.alloc(bytes, `${path} `)]);
  return layerAssemble([{ kind: 'file', path, content }]);
}

/** In memory: what is measured is the pull. */
function rightStore(): ImageRightStore {
  const rights = new Map<string, ImageRight>();
  return {
    find: async (_, ref) => rights.get(ref)?.imageId ?? null,
    imagesOf: async () => [...rights.values()].map(({ imageId }) => imageId),
    imagesFrom: async () => [...rights.values()],
    add: async (_, right) => Boolean(rights.set(right.ref, right)),
    remove: async (ref) => void rights.delete(ref),
    retain: async () => {},
  };
}

function engineOpen(host: string, layersDir: string) {
  const pulled = new Map<string, PulledImage>();
  const dockerHost = process.env['DOCKER_HOST'];
  return dockerEngineCreate({
    ...(dockerHost !== undefined && { host: dockerHost }),
    installationId: randomBytes(6).toString('hex'),
    layersDir,
    allowedRegistries: [host],
    pulledImages: {
      add: async (ref, imageId) => void pulled.set(ref, { ref, imageId, pulledAt: new Date() }),
      list: async () => [...pulled.values()],
      remove: async (ref) => void pulled.delete(ref),
    },
    imageRights: rightStore(),
    isLocalImageAllowed: async () => false,
    subnets: {
      ensure: () => Promise.reject(new Error('no containers are made')),
      replace: () => Promise.reject(new Error('no containers are made')),
    },
    log: { info() {}, warn() {}, error() {} },
    now: () => new Date(),
  });
}

async function dockerPull(ref: string): Promise<void> {
  const progress = await docker.pull(ref);
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  docker.modem.followProgress(progress, (error) => (error === null ? resolve() : reject(error)));
  return promise;
}

/** P12: the pull of a large image, ours ÷ Docker's own, from the same registry on loopback. */
export async function pullBench(): Promise<Result[]> {
  const folder = await mkdtemp(join(tmpdir(), 'dollarbox-bench-registry-'));
  const registry = await registryStart({ folder });
  const layersDir = await mkdtemp(join(tmpdir(), 'dollarbox-bench-layers-'));
  const engine = engineOpen(registry.host, layersDir);
  const [whole, more] = [`${registry.host}/whole:1`, `${registry.host}/more:1`];

  async function enginePull(ref: string): Promise<void> {
    const since = new Date();
    const request = { ref, tenantId: TENANT_ID, containerId: 1, since };
    await engine.images.ensure(request);
    await until(
      `the pull of ${ref}`,
      async () => {
        const state = await engine.images.observe(request);
        if (state.state === 'failed') throw new Error(state.message);
        // Docker may have the image a moment before its pull has ended, and it was pulled in the rounds before.
        return state.state === 'present' && (state.pulledAt ?? since) > since;
      },
      { timeoutMs: 600_000, pollMs: 10 },
    );
  }
  const remove = (ref: string) => docker.getImage(ref).remove();

  try {
    const layers: ImageLayer[] = [];
    for (let index = 0; index < LAYERS; index += 1) {
      layers.push(await layerOf(`/file-${index}`, SIZE_MB / LAYERS));
    }
    await registryPut(registry.host, 'whole', ['1'], imageAssemble(layers, {}));
    const small = await layerOf('/small', 0.1);
    await registryPut(registry.host, 'more', ['1'], imageAssemble([...layers, small], {}));
    const samples = { ours: [] as number[], raw: [] as number[], more: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const raw = await timed(() => dockerPull(whole));
      await remove(whole);
      const ours = await timed(() => enginePull(whole));
      process.stderr.write(`  ours ${ours.toFixed(0)} ms, Docker's ${raw.toFixed(0)} ms\n`);
      samples.raw.push(raw);
      samples.ours.push(ours);
      samples.more.push(await timed(() => enginePull(more)));
      await remove(more);
      await remove(whole);
    }
    const [ours, unit] = [median(samples.ours), 'ms' as const];
    return [
      compare({
        ...{ id: 'P12', unit, what: `pull of an image of ${SIZE_MB} MB, p50`, ours },
        ...{ raw: median(samples.raw), goal: { atMost: 1.15 } },
      }),
      compare({
        ...{ id: 'P12', unit, what: '… of one whose layers are there, but a small one ÷ whole' },
        ...{ ours: median(samples.more), raw: ours, goal: { atMost: 0.2 } },
      }),
    ];
  } finally {
    await engine.close();
    await registry.close();
    for (const each of [layersDir, folder]) await rm(each, { recursive: true });
  }
}
