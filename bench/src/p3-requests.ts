import { type Container, unwrap } from '@dollarbox/client';
import { type Load, type LoadPlan, loadOpen } from './load.ts';
import { type BenchOrg, orgsCreate } from './orgs.ts';
import { RAW_ROWS, rawOpen } from './raw.ts';
import { type Result, compare, limit } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { median } from './statistics.ts';

const CONNECTIONS = 32;
const ROUNDS = 5;
const ROUND_MS = 3000;
const WARM_UP_MS = 2000;
const CONTAINER_LIMIT = 10_000_000;
const STATEMENTS = 'dollarbox_database_statements_total';

/** Each with a token and containers of its own. */
const ORGS = 100;
const CONTAINERS_PER_ORG = RAW_ROWS / ORGS;
const CREATE_BODY = '{"name": "web-{n}", "image": "nginx:1.27"}';

/**
 * P3: what a request costs beside bare Fastify and one statement on the same PostgreSQL, under the same
 * load. The API alone: what a request asks of the reconciler is not part of the request.
 *
 * Reads are measured in two ways: with one token and one id, where requests under way at a time ask the database the
 * same and share an answer, and with a container of 1,000 and its org's token of 100, both drawn at random.
 */
export async function requestsBench(): Promise<Result[]> {
  const server = await serverOpen({ ENGINE: 'fake', ROLE: 'api' });
  const load = loadOpen();
  try {
    const orgs = await orgsCreate(server, ORGS, CONTAINER_LIMIT);
    const filled = await Promise.all(orgs.map(orgFill));
    const [first] = filled;
    const [container] = first?.containers ?? [];
    if (first === undefined || container === undefined) throw new Error('no container was made');
    const raw = await rawOpen(server);
    try {
      const results = await ratesCompare(load, plansMake(server.url, raw.url, filled));
      return [...results, ...(await statementsCount(server, first.org, container))];
    } finally {
      raw.close();
    }
  } finally {
    load.close();
    await server.close();
  }
}

interface FilledOrg {
  org: BenchOrg;
  containers: Container[];
}

async function orgFill(org: BenchOrg): Promise<FilledOrg> {
  const containers: Container[] = [];
  for (let index = 0; index < CONTAINERS_PER_ORG; index += 1) {
    const body = { name: `read-${index}`, image: 'nginx:1.27' };
    containers.push(await unwrap(org.client.POST('/containers/', { body })));
  }
  return { org, containers };
}

type PlanName =
  | 'readOne'
  | 'rawReadOne'
  | 'readVaried'
  | 'rawReadVaried'
  | 'create'
  | 'createInOneOrg'
  | 'rawCreate';

function plansMake(
  url: string,
  rawUrl: string,
  filled: readonly FilledOrg[],
): Record<PlanName, LoadPlan> {
  const headersOf = ({ token }: BenchOrg) => ({ Authorization: `Bearer ${token}` });
  const reads = filled.flatMap(({ org, containers }) =>
    containers.map(({ id }) => ({
      path: `/api/v1/containers/${id}/`,
      headers: headersOf(org),
    })),
  );
  const rawReads = Array.from({ length: RAW_ROWS }, (_, index) => ({
    path: `/items/${index + 1}`,
    headers: {},
  }));
  const creates = filled.slice(0, CONNECTIONS).map(({ org }) => ({
    path: '/api/v1/containers/',
    headers: headersOf(org),
    body: CREATE_BODY,
  }));
  const common = { connections: CONNECTIONS, durationMs: ROUND_MS };
  const one = { ...common, order: 'own' } as const;
  const varied = { ...common, order: 'random', method: 'GET' } as const;
  const rawCreates = [{ path: '/items', headers: {}, body: CREATE_BODY }];
  return {
    readOne: { ...one, url, method: 'GET', requests: reads.slice(0, 1) },
    rawReadOne: { ...one, url: rawUrl, method: 'GET', requests: rawReads.slice(0, 1) },
    readVaried: { ...varied, url, requests: reads },
    rawReadVaried: { ...varied, url: rawUrl, requests: rawReads },
    create: { ...one, url, method: 'POST', requests: creates },
    createInOneOrg: { ...one, url, method: 'POST', requests: creates.slice(0, 1) },
    rawCreate: { ...one, url: rawUrl, method: 'POST', requests: rawCreates },
  };
}

/** Requests per second of each, one after the other in every round. */
async function ratesCompare(load: Load, plans: Record<PlanName, LoadPlan>): Promise<Result[]> {
  const names = Object.keys(plans) as PlanName[];
  const rates = new Map<PlanName, number[]>(names.map((name) => [name, []]));
  for (const name of names) await load.run({ ...plans[name], durationMs: WARM_UP_MS });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) {
      rates.get(name)?.push((await load.run(plans[name])).requestsPerSecond);
    }
  }
  const against = (ours: PlanName, raw: PlanName, what: string, atLeast: number): Result =>
    compare({
      id: 'P3',
      what,
      ours: median(rates.get(ours) ?? []),
      raw: median(rates.get(raw) ?? []),
      unit: '/s',
      goal: { atLeast },
    });
  return [
    against(
      'readVaried',
      'rawReadVaried',
      `GET one of ${RAW_ROWS} containers, ${ORGS} tokens`,
      0.6,
    ),
    against('readOne', 'rawReadOne', 'GET the same container, one token', 0.6),
    against('create', 'rawCreate', `POST container, ${CONNECTIONS} orgs`, 0.45),
    against('createInOneOrg', 'rawCreate', 'POST container, one org', 0.45),
  ];
}

/** SQL statements of one request of each kind, transaction control apart. */
async function statementsCount(
  server: BenchServer,
  org: BenchOrg,
  { id }: Container,
): Promise<Result[]> {
  async function statementsOf(request: () => Promise<unknown>): Promise<number> {
    const before = await server.metric(STATEMENTS);
    // Each read of the metrics asks the database for the depth of the queue.
    const own = (await server.metric(STATEMENTS)) - before;
    await request();
    return (await server.metric(STATEMENTS)) - before - 2 * own;
  }
  /** The fewest of some: now and then the server records in between which tokens were used. */
  async function readStatementsOf(request: () => Promise<unknown>): Promise<number> {
    const counts = [];
    for (let times = 0; times < 3; times += 1) counts.push(await statementsOf(request));
    return Math.min(...counts);
  }
  const path = { params: { path: { id } } };
  const body = { name: 'counted', image: 'nginx:1.27' };
  const counts: [string, number, number][] = [
    [
      'GET one container',
      await readStatementsOf(() => unwrap(org.client.GET('/containers/{id}/', path))),
      2,
    ],
    ['GET a page', await readStatementsOf(() => unwrap(org.client.GET('/containers/'))), 2],
    [
      'POST container',
      await statementsOf(() => unwrap(org.client.POST('/containers/', { body }))),
      8,
    ],
    [
      'PATCH container',
      await statementsOf(() =>
        unwrap(org.client.PATCH('/containers/{id}/', { ...path, body: { image: 'nginx:1.28' } })),
      ),
      8,
    ],
    [
      'DELETE container',
      await statementsOf(() => unwrap(org.client.DELETE('/containers/{id}/', path))),
      8,
    ],
  ];
  return counts.map(([what, count, atMost]) =>
    limit('P3', `${what}: statements`, count, '', atMost),
  );
}
