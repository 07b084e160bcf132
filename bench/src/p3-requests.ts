import { type Container, unwrap } from '@dollarbox/client';
import { type Load, type LoadPlan, loadOpen } from './load.ts';
import { type BenchOrg, orgsMake } from './orgs.ts';
import { rawOpen } from './raw.ts';
import { type Result, compare, limit } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { median } from './statistics.ts';

const CONNECTIONS = 32;
const ROUNDS = 5;
const ROUND_MS = 3000;
const WARM_UP_MS = 2000;
const CONTAINER_LIMIT = 10_000_000;
const STATEMENTS = 'dollarbox_database_statements_total';

/**
 * P3: what a request costs beside bare Fastify and one statement on the same PostgreSQL, under the same
 * load. The API alone: what a request asks of the reconciler is not part of the request.
 */
export async function requestsBench(): Promise<Result[]> {
  const server = await serverOpen({ ENGINE: 'fake', ROLE: 'api' });
  const load = loadOpen();
  try {
    const orgs = await orgsMake(server, CONNECTIONS, CONTAINER_LIMIT);
    const [org] = orgs;
    if (org === undefined) throw new Error('no org was made');
    const container = await containerMake(org, 'read');
    const raw = await rawOpen(server);
    try {
      const results = await ratesCompare(load, raw.url, server, orgs, container);
      return [...results, ...(await statementsCount(server, org, container))];
    } finally {
      raw.close();
    }
  } finally {
    load.close();
    await server.close();
  }
}

function containerMake(org: BenchOrg, name: string): Promise<Container> {
  return unwrap(org.client.POST('/containers/', { body: { name, image: 'nginx:1.27' } }));
}

/** Requests per second of each, one after the other in every round. */
async function ratesCompare(
  load: Load,
  rawUrl: string,
  server: BenchServer,
  orgs: readonly BenchOrg[],
  container: Container,
): Promise<Result[]> {
  const headersOf = ({ token }: BenchOrg) => ({ Authorization: `Bearer ${token}` });
  const body = '{"name": "web-{n}", "image": "nginx:1.27"}';
  const create = (org: BenchOrg) => ({
    path: '/api/v1/containers/',
    headers: headersOf(org),
    body,
  });
  const first = orgs.slice(0, 1);
  const plans = {
    read: plan(
      server.url,
      'GET',
      first.map((org) => ({
        path: `/api/v1/containers/${container.id}/`,
        headers: headersOf(org),
      })),
    ),
    rawRead: plan(rawUrl, 'GET', [{ path: '/items/1', headers: {} }]),
    create: plan(server.url, 'POST', orgs.map(create)),
    createInOneOrg: plan(server.url, 'POST', first.map(create)),
    rawCreate: plan(rawUrl, 'POST', [{ path: '/items', headers: {}, body }]),
  };
  type Name = keyof typeof plans;
  const names = Object.keys(plans) as Name[];
  const rates: Record<Name, number[]> = {
    read: [],
    rawRead: [],
    create: [],
    createInOneOrg: [],
    rawCreate: [],
  };
  for (const name of names) await load.run({ ...plans[name], durationMs: WARM_UP_MS });
  for (let round = 0; round < ROUNDS; round += 1) {
    for (const name of names) rates[name].push((await load.run(plans[name])).requestsPerSecond);
  }
  const against = (ours: Name, raw: Name, what: string, atLeast: number): Result =>
    compare({
      id: 'P3',
      what,
      ours: median(rates[ours]),
      raw: median(rates[raw]),
      unit: '/s',
      goal: { atLeast },
    });
  return [
    against('read', 'rawRead', 'GET one container', 0.6),
    against('create', 'rawCreate', `POST container, ${CONNECTIONS} orgs`, 0.45),
    against('createInOneOrg', 'rawCreate', 'POST container, one org', 0.45),
  ];
}

function plan(url: string, method: 'GET' | 'POST', requests: LoadPlan['requests']): LoadPlan {
  return { url, connections: CONNECTIONS, durationMs: ROUND_MS, method, requests };
}

/** SQL statements of one request of each kind, transaction control apart. */
async function statementsCount(
  server: BenchServer,
  org: BenchOrg,
  { id }: Container,
): Promise<Result[]> {
  async function statementsOf(request: () => Promise<unknown>): Promise<number> {
    const before = await server.metric(STATEMENTS);
    // Each look at the metrics asks the database for the queue's depth.
    const own = (await server.metric(STATEMENTS)) - before;
    await request();
    return (await server.metric(STATEMENTS)) - before - 2 * own;
  }
  const path = { params: { path: { id } } };
  const body = { name: 'counted', image: 'nginx:1.27' };
  const counts: [string, number, number][] = [
    [
      'GET one container',
      await statementsOf(() => unwrap(org.client.GET('/containers/{id}/', path))),
      2,
    ],
    ['GET a page', await statementsOf(() => unwrap(org.client.GET('/containers/'))), 2],
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
