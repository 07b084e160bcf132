import { setTimeout as delay } from 'node:timers/promises';
import { type Container, unwrap } from '@dollarbox/client';
import {
  containerGet,
  containerMake,
  containerRunning,
  containersDelete,
  webImage,
} from './containers.ts';
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
import { median, p99 } from './statistics.ts';
import { inParallel, until } from './wait.ts';

const BURST = 200;
/** An org's network has some 60 addresses. */
const ORGS = 4;
const ROUNDS = 5;
/** Requests in flight at once. */
const POSTS_AT_A_TIME = 16;
const PARALLELISMS = [1, 2, 4, 8, 16];
/** How many containers each parallelism is tried with. */
const TRIAL = 40;
const READ_EVERY_MS = 20;
const IDLE_MS = 6000;

/**
 * P2: a burst of creates compared with the best raw loop, and the latency of API reads meanwhile. The same reads run
 * during both, because they take their share of the machine; their latency beside the raw loop is the baseline.
 */
export async function burstBench(): Promise<Result[]> {
  const image = await webImage(docker);
  const server = await serverOpen({ ENGINE: 'docker' });
  try {
    const orgs = await orgsCreate(server, ORGS, 1000);
    const kept: Container[] = [];
    for (const { client } of orgs) {
      kept.push(await containerRunning(client, (await containerMake(client, image)).id));
    }
    const models = await Promise.all(kept.map(({ id }) => engineContainer(server, id)));
    const raws = models.map((model) => rawContainers(model));
    const [reader, read] = [orgs[0], kept[0]];
    if (reader === undefined || read === undefined) throw new Error('no org was made');

    const parallelism = await bestParallelism(raws);
    process.stderr.write(`  the best raw loop runs ${parallelism} at a time\n`);
    const samples = { ours: [] as number[], raw: [] as number[] };
    const reads = { idle: [] as number[], beside: [] as number[], busy: [] as number[] };
    for (let round = 0; round < ROUNDS; round += 1) {
      const loop = rawRate(raws, BURST, parallelism);
      reads.beside.push(...(await readsDuring(reader, read.id, loop)));
      samples.raw.push(await loop);
      await rawRemove(raws);
      reads.idle.push(...(await readsDuring(reader, read.id, delay(IDLE_MS))));
      const burst = burstRate(server, orgs, image);
      reads.busy.push(...(await readsDuring(reader, read.id, burst)));
      samples.ours.push(await burst);
      await containersRemove(server, orgs, kept);
    }
    const ids = new Map(orgs.map((org, index) => [org, kept[index]?.id ?? 0]));
    for (const [org, id] of ids) await containersDelete(org.client, [id]);
    await engineEmpty(server);
    return [
      compare({
        id: 'P2',
        what: `burst of ${BURST}: running per second`,
        ours: median(samples.ours),
        raw: median(samples.raw),
        unit: '/s',
        goal: { atLeast: 0.95 },
      }),
      compare({
        id: 'P2',
        what: 'GET during the burst ÷ idle, p99',
        ours: p99(reads.busy),
        raw: p99(reads.idle),
        unit: 'ms',
        goal: { atMost: 3 },
      }),
      compare({
        id: 'P2',
        what: '… ÷ while the raw loop runs beside an idle server, p99',
        ours: p99(reads.busy),
        raw: p99(reads.beside),
        unit: 'ms',
        goal: { atMost: 1.25 },
      }),
    ];
  } finally {
    await server.close();
    await installationRemove(server);
  }
}

async function bestParallelism(raws: readonly RawContainers[]): Promise<number> {
  let best = { parallelism: 1, rate: 0 };
  for (const parallelism of PARALLELISMS) {
    const rate = await rawRate(raws, TRIAL, parallelism);
    await rawRemove(raws);
    if (rate > best.rate) best = { parallelism, rate };
  }
  return best.parallelism;
}

/** Containers per second that a plain loop starts, spread over the same networks. They are kept. */
async function rawRate(
  raws: readonly RawContainers[],
  count: number,
  parallelism: number,
): Promise<number> {
  const turns = Array.from({ length: count }, (_, index) => raws[index % raws.length]);
  const start = performance.now();
  try {
    await inParallel(turns, parallelism, async (raw) => raw?.run());
  } catch (error) {
    await rawRemove(raws);
    throw error;
  }
  return count / ((performance.now() - start) / 1000);
}

async function rawRemove(raws: readonly RawContainers[]): Promise<void> {
  for (const raw of raws) await raw.removeAll();
}

/** Containers per second from the first POST until none is pending. */
async function burstRate(
  server: BenchServer,
  orgs: readonly BenchOrg[],
  image: string,
): Promise<number> {
  const turns = Array.from({ length: BURST }, (_, index) => orgs[index % orgs.length]);
  const start = performance.now();
  await inParallel(turns, POSTS_AT_A_TIME, async (org) => {
    if (org !== undefined) await containerMake(org.client, image);
  });
  for (const { client } of orgs) {
    await until(
      'the burst running',
      async () => {
        const query = { status: 'pending', limit: 1 } as const;
        const page = await unwrap(client.GET('/containers/', { params: { query } }));
        return page.results.length === 0;
      },
      { pollMs: 50 },
    );
  }
  const seconds = (performance.now() - start) / 1000;
  const { rows } = await server.db.query<{ count: string }>(
    `select count(*) from containers where status <> 'running' and deleted_at is null`,
  );
  if (Number(rows[0]?.count) > 0) throw new Error('not all of the burst runs');
  return BURST / seconds;
}

/** The milliseconds of each GET, one after the other, until `work` is done. */
async function readsDuring(
  { client }: BenchOrg,
  id: number,
  work: Promise<unknown>,
): Promise<number[]> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  const tookMs: number[] = [];
  while (!isDone) {
    const start = performance.now();
    await containerGet(client, id);
    tookMs.push(performance.now() - start);
    await delay(READ_EVERY_MS);
  }
  await done;
  return tookMs;
}

/** Deletes all containers except those to keep, and waits until they are gone. */
async function containersRemove(
  server: BenchServer,
  orgs: readonly BenchOrg[],
  kept: readonly Container[],
): Promise<void> {
  for (const [index, { client, id }] of orgs.entries()) {
    const { rows } = await server.db.query<{ id: string }>(
      'select id from containers where org_id = $1 and deleted_at is null and id <> $2',
      [id, kept[index]?.id],
    );
    await containersDelete(
      client,
      rows.map((row) => Number(row.id)),
    );
  }
  await until('the burst gone', async () => {
    const { rows } = await server.db.query<{ count: string }>('select count(*) from containers');
    return Number(rows[0]?.count) === kept.length;
  });
}
