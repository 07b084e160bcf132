import { setTimeout as delay } from 'node:timers/promises';
import { type DollarboxClient, DollarboxError, unwrap } from '@dollarbox/client';
import { imageAssemble, layerAssemble } from '@dollarbox/testbed/image-assemble';
import { busyboxLayer, imagesBuild } from '@dollarbox/testbed/images';
import { registryStart } from '@dollarbox/testbed/registry';
import { registryPut } from '@dollarbox/testbed/registry-put';
import { containerMake, containerRunning, containersDelete } from './containers.ts';
import {
  type RawContainers,
  docker,
  engineContainer,
  engineEmpty,
  installationRemove,
  rawContainers,
} from './docker.ts';
import { type BenchOrg, orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { median, p99, timed } from './statistics.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
/** The names of the loads to measure, separated by commas; all if unset. */
const LOADS_WANTED = process.env['BENCH_LOADS']?.split(',');
/** Containers that the quiet org creates in each round, one after the other. */
const SAMPLES = 8;
/** A reply that says "try again" on a busy machine must not end the measurement; the time of the retry counts. */
const RETRIES = 5;
const PAUSE_MS = 200;
/** The goal. What Docker alone does to a neighbor is measured for comparison, and has none. */
const RATIO_MOST = 1.5;
const CRASH_LOOPS = 35;
const CRASH_COMMAND = ['/bin/sh', '-c', 'exit 3'];
/** Not measured: a load is only beginning. */
const LOAD_BEGINS_MS = 2000;
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
  name: string;
  what: string;
  /** Goes on until the signal is aborted. The containers that it leaves are deleted by the caller. */
  run(client: DollarboxClient, images: Images, signal: AbortSignal): Promise<void>;
}

let serial = 0;
const nameNew = () => `load-${(serial += 1)}`;

async function create(client: DollarboxClient, body: { image: string; command?: string[] }) {
  return unwrap(client.POST('/containers/', { body: { name: nameNew(), ...body } }));
}

/** A load goes on if it is refused, as at the limit of its plan while the machine is slow to delete. */
async function refusalIgnore(work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    if (!(error instanceof DollarboxError)) throw error;
  }
}

/** Calls `work` ten times a second, without waiting for the one before. */
async function atRate(signal: AbortSignal, work: () => Promise<unknown>): Promise<void> {
  const running = new Set<Promise<unknown>>();
  while (!signal.aborted) {
    const one = refusalIgnore(work()).finally(() => running.delete(one));
    running.add(one);
    await delay(1000 / REQUESTS_PER_SECOND);
  }
  await Promise.all(running);
}

async function pullsBegin(client: DollarboxClient, image: string): Promise<void> {
  for (let index = 0; index < PULLED; index += 1) {
    const body = { name: nameNew(), image, pull_policy: 'always' as const };
    await unwrap(client.POST('/containers/', { body }));
  }
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
    name: 'crash',
    what: `${CRASH_LOOPS} crash loops of one org`,
    async run(client, { shell }, signal) {
      for (let index = 0; index < CRASH_LOOPS; index += 1) {
        await create(client, { image: shell, command: CRASH_COMMAND });
      }
      await aborted(signal);
    },
  },
  {
    name: 'delete',
    what: `creating and deleting ${REQUESTS_PER_SECOND} containers a second`,
    run: (client, { web }, signal) =>
      atRate(signal, async () => {
        const { id } = await create(client, { image: web });
        await containersDelete(client, [id]);
      }),
  },
  {
    name: 'patch',
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
    name: 'pull',
    what: `pulls for ${PULLED} containers, again and again`,
    async run(client, { remote }, signal) {
      while (!signal.aborted) {
        await refusalIgnore(pullsBegin(client, remote));
        await Promise.race([delay(2000), aborted(signal)]);
        await containersDelete(client, await containersOf(client));
      }
    },
  },
];

/**
 * @returns the milliseconds from each POST of the quiet org until its container runs. One more is made before, and not
 * measured: the first container of an org makes its network.
 */
async function quietCreates(client: DollarboxClient, image: string): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (let sample = 0; sample <= SAMPLES; sample += 1) {
    let id = 0;
    const tookMs = await timed(async () => {
      ({ id } = await containerMake(client, image));
      await containerRunning(client, id);
    });
    if (sample > 0) latenciesMs.push(tookMs);
    await containersDelete(client, [id]);
    await delay(PAUSE_MS);
  }
  return latenciesMs;
}

/** A raw quiet org and a raw noisy one, in networks of the product's making. */
interface RawOrgs {
  quiet: RawContainers;
  crashing: RawContainers;
}

async function rawOrgs(
  server: BenchServer,
  clients: readonly DollarboxClient[],
  { web, shell }: Images,
): Promise<RawOrgs> {
  const models = [];
  for (const client of clients) {
    const { id } = await containerRunning(client, (await containerMake(client, web)).id);
    models.push(await engineContainer(server, id));
  }
  const [quiet, crashing] = models;
  if (quiet === undefined || crashing === undefined) throw new Error('no models were made');
  const loop = { image: shell, command: CRASH_COMMAND, isRestarted: true };
  return { quiet: rawContainers(quiet), crashing: rawContainers(crashing, loop) };
}

/** As `quietCreates`, with a raw create and start. */
async function rawCreates(raw: RawContainers): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (let sample = 0; sample <= SAMPLES; sample += 1) {
    const tookMs = await timed(() => raw.run());
    if (sample > 0) latenciesMs.push(tookMs);
    await raw.removeAll();
    await delay(PAUSE_MS);
  }
  return latenciesMs;
}

/** Raw creates without a load, and beside as many crash loops, which Docker's own restart policy makes. */
async function rawCrashMeasure({ quiet, crashing }: RawOrgs, samples: Samples): Promise<void> {
  const alone = await rawCreates(quiet);
  process.stderr.write(`  raw, alone: ${shown(alone)} ms\n`);
  samples.alone.push(...alone);
  const end = new AbortController();
  const running = (async () => {
    for (let index = 0; index < CRASH_LOOPS && !end.signal.aborted; index += 1) {
      await crashing.run();
    }
  })();
  try {
    await delay(LOAD_BEGINS_MS);
    const beside = await rawCreates(quiet);
    samples.beside.push(...beside);
    end.abort();
    await running;
    process.stderr.write(
      `  raw, beside crash loops: ${shown(beside)} ms; Docker restarted ${await crashing.restarts()} times\n`,
    );
  } finally {
    end.abort();
    await Promise.allSettled([running]);
    await crashing.removeAll();
  }
}

interface Samples {
  alone: number[];
  beside: number[];
}

const samplesNew = (): Samples => ({ alone: [], beside: [] });

const shown = (latenciesMs: readonly number[]) =>
  latenciesMs.map((each) => each.toFixed(0)).join(' ');

async function containersOf(client: DollarboxClient): Promise<number[]> {
  const { results } = await unwrap(
    client.GET('/containers/', { params: { query: { limit: 100 } } }),
  );
  return results.map(({ id }) => id);
}

/** The load starts each round without containers on the engine. */
async function leftoversDelete(server: BenchServer, org: BenchOrg): Promise<void> {
  const { client } = org;
  for (let ids = await containersOf(client); ids.length > 0; ids = await containersOf(client)) {
    await containersDelete(client, ids);
  }
  await engineEmpty(server, org);
}

function ratios(what: string, { alone, beside }: Samples, atMost?: number): Result[] {
  return Object.entries({ p50: median, p99 }).map(([name, quantile]) =>
    compare({
      id: 'S8b',
      what: `${what}, ${name}`,
      ours: quantile(beside),
      raw: quantile(alone),
      unit: 'ms',
      ...(atMost !== undefined && { goal: { atMost } }),
    }),
  );
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
    const [quiet, noisy, ...others] = await orgsCreate(server, 4, 60, RETRIES);
    if (quiet === undefined || noisy === undefined) throw new Error('no orgs were made');
    const images = { web, shell, remote };
    const loads = LOADS.filter(({ name }) => LOADS_WANTED?.includes(name) ?? true);
    const samples = loads.map(samplesNew);
    const rawSamples = samplesNew();
    const isRawWanted = loads.some(({ name }) => name === 'crash');
    const raw = isRawWanted
      ? await rawOrgs(
          server,
          others.map(({ client }) => client),
          images,
        )
      : null;
    for (let round = 0; round < ROUNDS; round += 1) {
      for (const [index, load] of loads.entries()) {
        const alone = await quietCreates(quiet.client, web);
        process.stderr.write(`  alone: ${shown(alone)} ms\n`);
        samples[index]?.alone.push(...alone);
        const end = new AbortController();
        const running = load.run(noisy.client, images, end.signal);
        try {
          await Promise.race([delay(LOAD_BEGINS_MS), running]);
          const beside = await quietCreates(quiet.client, web);
          process.stderr.write(`  beside ${load.what}: ${shown(beside)} ms\n`);
          samples[index]?.beside.push(...beside);
        } finally {
          end.abort();
          await running;
        }
        await leftoversDelete(server, noisy);
        if (load.name === 'crash' && raw !== null) await rawCrashMeasure(raw, rawSamples);
      }
    }
    return loads.flatMap(({ name, what }, index) => {
      const ours = ratios(
        `POST → running beside ${what} ÷ without`,
        samples[index] ?? samplesNew(),
        RATIO_MOST,
      );
      if (name !== 'crash') return ours;
      return ours.concat(
        ratios("… raw create and start beside Docker's own restarts ÷ without", rawSamples),
      );
    });
  } finally {
    await server.close();
    await installationRemove(server);
    await registry.close();
  }
}
