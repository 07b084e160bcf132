import { setTimeout as delay } from 'node:timers/promises';
import { loadavg } from 'node:os';
import { unwrap } from '@dollarbox/client';
import { clusterSkip } from '@dollarbox/testbed/cluster';
import { type Component, componentPid } from '@dollarbox/testbed/cluster-component';
import { clusterNodesAdd, clusterNodesSkip } from '@dollarbox/testbed/cluster-nodes';
import { countingSchemas, requestCounts, requestsBetween } from './api-server-load.ts';
import { containerMake, containerRunning, containersDelete } from './containers.ts';
import { type BenchCluster, benchClusterOpen } from './kubernetes.ts';
import { type BenchOrg, orgsCreate } from './orgs.ts';
import { cpuSeconds, descendantsCpuSeconds, rssBytes, rssPeakBytes } from './process-usage.ts';
import { type Result, limit, measured } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { inParallel, until } from './wait.ts';

const CONTAINERS = Number(process.env['BENCH_CONTAINERS'] ?? 1000);
const ORGS = Math.ceil(CONTAINERS / 10);
const POSTS_AT_A_TIME = 16;
/** Long enough for four sweeps. */
const REST_MS = 120_000;
/** How long the cluster and the product may be busy with what was created after the last container runs. */
const SETTLE_MS = 30_000;
/** What a start does is done by then. */
const START_MS = 60_000;
const SETTLED_WITHIN_MS = 3_600_000;
const MIB = 1024 ** 2;
/** The cluster's own node. */
const REAL_NODE = 'node';
/** Of the tests' cluster, as a figure: no goal. */
const COMPONENTS: readonly Component[] = ['kube-apiserver', 'etcd'];

/**
 * P14: what 1,000 containers of 100 orgs cost a cluster and the product, while they are created, at rest, and at a start.
 * The nodes run nothing: what is measured is the control plane.
 */
export async function clusterLoadBench(): Promise<Result[]> {
  const skip = clusterSkip() || clusterNodesSkip();
  if (skip !== false) {
    process.stderr.write(`P14 is left out: ${skip}.\n`);
    return [];
  }
  const bench = await benchClusterOpen();
  try {
    const server = await serverOpen(bench.environment);
    try {
      return await loadMeasure(bench, server);
    } finally {
      await server.close();
    }
  } finally {
    await bench.close();
  }
}

async function loadMeasure(bench: BenchCluster, server: BenchServer): Promise<Result[]> {
  const orgs = await orgsCreate(server, ORGS, CONTAINERS);
  await warmUp(bench, server, orgs[0] as BenchOrg);
  const nodes = await clusterNodesAdd(bench.cluster, CONTAINERS * 1.2);
  try {
    // Also those that pull an image, which is so pulled by name only.
    await bench.cluster.kubectl('cordon', REAL_NODE);
    const built = await buildUpMeasure(bench, server, orgs);
    await server.db.query('vacuum analyze');
    await delay(SETTLE_MS);
    const look = usageOf(bench, server);
    const before = await look();
    await delay(REST_MS);
    const rest = restResults(before, await look());
    await server.stop();
    // What a start tries needs pods that run.
    await nodes.cordon();
    await bench.cluster.kubectl('uncordon', REAL_NODE);
    return [...built, ...rest, ...(await startMeasure(bench, server.dataDir))];
  } finally {
    await nodes.close();
  }
}

async function buildUpMeasure(
  bench: BenchCluster,
  server: BenchServer,
  orgs: readonly BenchOrg[],
): Promise<Result[]> {
  const look = usageOf(bench, server);
  const before = await look();
  await create(bench, orgs);
  const createdMs = performance.now() - before.atMs;
  await allSettled(server);
  return buildUpResults(before, await look(), createdMs);
}

/** What a start costs where everything is as it should be. */
async function startMeasure(bench: BenchCluster, dataDir: string): Promise<Result[]> {
  const requests = await requestCounts(bench.api);
  const atMs = performance.now();
  const server = await serverOpen(bench.environment, dataDir);
  try {
    const listensMs = performance.now() - atMs;
    await delay(START_MS);
    const now = await usageOf(bench, server)();
    const what = `… the first ${START_MS / 1000} s of another start`;
    const before = { requests };
    return [
      figure('… another start: until it listens', measured(listensMs, 'ms')),
      limit('P14', `${what}: requests`, requestsSum(before, now), '', 100),
      figure('… of these', requestsTold(before, now, 1, '')),
      figure(`${what}: CPU`, measured(now.cpu, 's')),
      figure(`${what}: most memory`, measured(rssPeakBytes(server.pid) / MIB, 'MiB')),
    ];
  } finally {
    await server.stop();
  }
}

/** Has what the start tries on a real node done. */
async function warmUp(
  { cluster, image }: BenchCluster,
  { db }: BenchServer,
  { client }: BenchOrg,
): Promise<void> {
  await cluster.manifestApply(countingSchemas());
  const { id } = await containerMake(client, image);
  await containerRunning(client, id);
  await containersDelete(client, [id]);
  await until('the isolation of orgs', async () => {
    const { rows } = await db.query<{ isolation: string }>('select isolation from installation');
    return rows[0]?.isolation === 'isolated';
  });
}

async function create({ image }: BenchCluster, orgs: readonly BenchOrg[]): Promise<void> {
  const turns = Array.from({ length: CONTAINERS }, (_, index) => index);
  await inParallel(turns, POSTS_AT_A_TIME, async (index) => {
    const { client } = orgs[index % orgs.length] as BenchOrg;
    const body = { name: `web-${index}`, image, env: { GREETING: 'hello' } };
    await unwrap(client.POST('/containers/', { body }));
  });
}

/** Waits until each container runs and has its address, and none is due. */
async function allSettled({ db }: BenchServer): Promise<void> {
  await until(
    'all containers at rest',
    async () => {
      const { rows } = await db.query<{ left: number; failed: string | null }>(
        `select count(*)::int as left, min(c.status_message) filter (where c.status = 'failed') as failed
         from containers c join work w on w.kind = 'container' and w.object_id = c.id
         where c.status <> 'running' or c.ipv6_address is null or w.due_at is not null`,
      );
      if (rows[0]?.failed != null) throw new Error(rows[0].failed);
      return rows[0]?.left === 0;
    },
    { timeoutMs: SETTLED_WITHIN_MS, pollMs: 500 },
  );
}

/** Everything that is counted, up to now. */
function usageOf({ api, cluster }: BenchCluster, server: BenchServer) {
  const components = COMPONENTS.map((name) => [name, componentPid(cluster.folder, name)] as const);
  return async () => ({
    atMs: performance.now(),
    requests: await requestCounts(api),
    cpu: cpuSeconds(server.pid),
    databaseCpu: descendantsCpuSeconds(server.pid),
    rss: rssBytes(server.pid),
    components: components.map(([name, pid]) => ({
      name,
      cpu: cpuSeconds(pid),
      rss: rssBytes(pid),
    })),
  });
}

type Usage = Awaited<ReturnType<ReturnType<typeof usageOf>>>;
type Requests = Pick<Usage, 'requests'>;

function figure(what: string, ours: string): Result {
  return { id: 'P14', what, ours, raw: '', ratio: '', goal: '', isReached: true };
}

function requestsTold(before: Requests, after: Requests, per: number, unit: string): string {
  return requestsBetween(before.requests, after.requests)
    .map(([key, count]) => `${key} ${measured(count / per, unit)}`)
    .join(', ');
}

function requestsSum(before: Requests, after: Requests): number {
  const counts = requestsBetween(before.requests, after.requests).map(([, count]) => count);
  return counts.reduce((sum, count) => sum + count, 0);
}

function buildUpResults(before: Usage, after: Usage, createdMs: number): Result[] {
  const what = `${CONTAINERS} containers in ${ORGS} orgs`;
  const [cpu, databaseCpu] = [after.cpu - before.cpu, after.databaseCpu - before.databaseCpu];
  const each = (total: number) => measured((total * 1000) / CONTAINERS, 'ms');
  return [
    figure(
      `${what}: load of the machine`,
      loadavg()
        .map((load) => load.toFixed(1))
        .join(' '),
    ),
    figure(`${what}: time of the requests`, measured(createdMs / 1000, 's')),
    figure('… until all run, with addresses', measured((after.atMs - before.atMs) / 1000, 's')),
    limit('P14', `${what}: requests a container`, requestsSum(before, after) / CONTAINERS, '', 20),
    figure('… of these', requestsTold(before, after, CONTAINERS, '')),
    figure('… CPU a container: server, PostgreSQL', `${each(cpu)}, ${each(databaseCpu)}`),
    ...after.components.map(({ name, cpu: used }, index) =>
      figure(`… CPU a container: ${name}`, each(used - (before.components[index]?.cpu ?? 0))),
    ),
  ];
}

function restResults(before: Usage, after: Usage): Result[] {
  const seconds = (after.atMs - before.atMs) / 1000;
  const what = `… at rest for ${Math.round(seconds)} s`;
  const share = (used: number) => (used / seconds) * 100;
  const lists = requestsBetween(before.requests, after.requests)
    .filter(([key]) => key.startsWith('list '))
    .reduce((sum, [, count]) => sum + count, 0);
  const cpu = share(after.cpu - before.cpu);
  return [
    limit('P14', `${what}: LISTs`, lists, '', 0),
    limit('P14', `${what}: requests`, requestsSum(before, after) / seconds, '/s', 1),
    figure('… of these', requestsTold(before, after, seconds, '/s')),
    limit('P14', `${what}: CPU of a core`, cpu, '%', 1),
    figure('… of PostgreSQL', measured(share(after.databaseCpu - before.databaseCpu), '%')),
    limit('P14', `${what}: RSS`, after.rss / MIB, 'MiB', 300),
    ...after.components.map(({ name, cpu: used, rss }, index) =>
      figure(
        `… ${name}: CPU of a core, RSS`,
        `${measured(share(used - (before.components[index]?.cpu ?? 0)), '%')}, ${measured(rss / MIB, 'MiB')}`,
      ),
    ),
  ];
}
