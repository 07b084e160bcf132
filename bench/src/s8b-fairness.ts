import { setTimeout as delay } from 'node:timers/promises';
import { type DollarboxClient, unwrap } from '@dollarbox/client';
import { imageAssemble, layerAssemble } from '@dollarbox/testbed/image-assemble';
import { busyboxLayer, imagesBuild } from '@dollarbox/testbed/images';
import { registryStart } from '@dollarbox/testbed/registry';
import { registryPut } from '@dollarbox/testbed/registry-put';
import { containerMake, containerRunning, containersDelete } from './containers.ts';
import { docker, engineEmpty, installationRemove } from './docker.ts';
import { orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { p99, timed } from './statistics.ts';

const ROUNDS = 4;
/** Containers that the quiet org creates in each round, one after the other. */
const SAMPLES = 10;
const PAUSE_MS = 200;
const CRASH_LOOPS = 35;
const PATCHED = 5;
const PULLED = 10;
/** Of create and delete, and of changes. */
const REQUESTS_PER_SECOND = 10;

interface Images {
  web: string;
  shell: string;
  /** In a registry, and small. */
  remote: string;
}

/** What one org does to the others. */
interface Load {
  what: string;
  /** Goes on until the signal is aborted. The containers that it leaves are deleted by the caller. */
  run(client: DollarboxClient, images: Images, signal: AbortSignal): Promise<void>;
}

let serial = 0;
const nameNew = () => `load-${(serial += 1)}`;

async function create(client: DollarboxClient, body: { image: string; command?: string[] }) {
  return unwrap(client.POST('/containers/', { body: { name: nameNew(), ...body } }));
}

/** Calls `work` ten times a second, without waiting for the one before. */
async function atRate(signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  const running = new Set<Promise<unknown>>();
  while (!signal.aborted) {
    const one = work().finally(() => running.delete(one));
    running.add(one);
    await delay(1000 / REQUESTS_PER_SECOND);
  }
  await Promise.all(running);
}

/** Waits for the signal. */
async function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

const LOADS: readonly Load[] = [
  {
    what: `${CRASH_LOOPS} crash loops of one org`,
    async run(client, { shell }, signal) {
      const command = ['/bin/sh', '-c', 'exit 3'];
      for (let index = 0; index < CRASH_LOOPS; index += 1) {
        await create(client, { image: shell, command });
      }
      await aborted(signal);
    },
  },
  {
    what: `creating and deleting ${REQUESTS_PER_SECOND} containers a second`,
    run: (client, { web }, signal) =>
      atRate(signal, async () => {
        const { id } = await create(client, { image: web });
        await containersDelete(client, [id]);
      }),
  },
  {
    what: `${REQUESTS_PER_SECOND} changes a second`,
    async run(client, { web }, signal) {
      const ids: number[] = [];
      for (let index = 0; index < PATCHED; index += 1) {
        ids.push((await create(client, { image: web })).id);
      }
      let count = 0;
      await atRate(signal, () => {
        count += 1;
        const path = { id: ids[count % ids.length] ?? 0 };
        const body = { env: { COUNT: String(count) } };
        return unwrap(client.PATCH('/containers/{id}/', { params: { path }, body }));
      });
    },
  },
  {
    what: `pulls for ${PULLED} containers, again and again`,
    async run(client, { remote }, signal) {
      while (!signal.aborted) {
        const ids: number[] = [];
        for (let index = 0; index < PULLED; index += 1) {
          const body = { name: nameNew(), image: remote, pull_policy: 'always' as const };
          ids.push((await unwrap(client.POST('/containers/', { body }))).id);
        }
        await Promise.race([delay(2000), aborted(signal)]);
        await containersDelete(client, ids);
      }
    },
  },
];

/** @returns the milliseconds from each POST of the quiet org until its container runs. */
async function quietCreates(client: DollarboxClient, image: string): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    let id = 0;
    latenciesMs.push(
      await timed(async () => {
        ({ id } = await containerMake(client, image));
        await containerRunning(client, id);
      }),
    );
    await containersDelete(client, [id]);
    await delay(PAUSE_MS);
  }
  return latenciesMs;
}

async function containersOf(client: DollarboxClient): Promise<number[]> {
  const { results } = await unwrap(
    client.GET('/containers/', { params: { query: { limit: 100 } } }),
  );
  return results.map(({ id }) => id);
}

/** Every org starts each round with an empty engine. */
async function leftoversDelete(server: BenchServer, client: DollarboxClient): Promise<void> {
  for (let ids = await containersOf(client); ids.length > 0; ids = await containersOf(client)) {
    await containersDelete(client, ids);
  }
  await engineEmpty(server);
}

/** S8b: the time from a POST until the container runs, beside another org's load, against the same without it. */
export async function fairnessBench(): Promise<Result[]> {
  const { web, shell } = await imagesBuild(docker);
  const registry = await registryStart();
  const remote = `${registry.host}/small:1`;
  const layers = [await busyboxLayer(), await layerAssemble([])];
  await registryPut(registry.host, 'small', ['1'], imageAssemble(layers, {}));
  const server = await serverOpen({
    ENGINE: 'docker',
    ALLOWED_LOCAL_IMAGES: `${web} ${shell}`,
    ALLOWED_REGISTRIES: registry.host,
  });
  try {
    const [quiet, noisy] = await orgsCreate(server, 2, 60);
    if (quiet === undefined || noisy === undefined) throw new Error('no orgs were made');
    const alone: number[] = [];
    const beside = LOADS.map((): number[] => []);
    for (let round = 0; round < ROUNDS; round += 1) {
      alone.push(...(await quietCreates(quiet.client, web)));
      for (const [index, load] of LOADS.entries()) {
        const end = new AbortController();
        const running = load.run(noisy.client, { web, shell, remote }, end.signal);
        try {
          // Not measured: the load is only beginning.
          await Promise.race([delay(2000), running]);
          beside[index]?.push(...(await quietCreates(quiet.client, web)));
        } finally {
          end.abort();
          await running;
        }
        await leftoversDelete(server, noisy.client);
      }
    }
    return LOADS.map(({ what }, index) =>
      compare({
        id: 'S8b',
        what: `POST → running beside ${what} ÷ without, p99`,
        ours: p99(beside[index] ?? []),
        raw: p99(alone),
        unit: 'ms',
        goal: { atMost: 1.5 },
      }),
    );
  } finally {
    await server.close();
    await installationRemove(server);
    await registry.close();
  }
}
