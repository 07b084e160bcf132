import { Agent, get } from 'node:http';
import { containerMake } from './containers.ts';
import { type BenchOrg, orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { median, p99 } from './statistics.ts';

const MANY = 1_000_000;
const FEW = 1000;
/** How often each page is read in a round, alternating between a million rows and a thousand. */
const ROUNDS = 5;
const READS = 500;
const WARM_UP_READS = 50;

type Kind = 'containers' | 'volumes';

/** A server whose only org has this many containers, and as many volumes. */
interface Filled {
  server: BenchServer;
  org: BenchOrg;
  ids: Record<Kind, Ids>;
  /** Keeps one connection open. */
  agent: Agent;
}

/** The org's oldest and newest object of a kind. */
interface Ids {
  first: number;
  last: number;
}

/** P4: a page of 50 of a million containers, and of volumes, compared with the same page of a thousand. */
export async function pagesBench(): Promise<Result[]> {
  const opened: Filled[] = [];
  try {
    for (const count of [MANY, FEW]) opened.push(await filledOpen(count));
    const [many, few] = opened;
    if (many === undefined || few === undefined) throw new Error('no server was opened');
    const results: Result[] = [];
    for (const { kind, what, queryOf } of pagesOf()) {
      const p99s = { many: [] as number[], few: [] as number[] };
      for (let round = 0; round < ROUNDS; round += 1) {
        const tookMs = { many: [] as number[], few: [] as number[] };
        for (let read = -WARM_UP_READS; read < READS; read += 1) {
          const pair = {
            many: await readTime(many, kind, queryOf),
            few: await readTime(few, kind, queryOf),
          };
          if (read < 0) continue;
          tookMs.many.push(pair.many);
          tookMs.few.push(pair.few);
        }
        p99s.many.push(p99(tookMs.many));
        p99s.few.push(p99(tookMs.few));
      }
      results.push(
        compare({
          id: 'P4',
          what: `${kind}, ${what}: p99 at ${MANY} rows ÷ at ${FEW}`,
          // A single moment of noise affects only one round.
          ours: median(p99s.many),
          raw: median(p99s.few),
          unit: 'ms',
          goal: { atMost: 1.3 },
        }),
      );
    }
    return results;
  } finally {
    for (const { agent, server } of opened) {
      agent.destroy();
      await server.close();
    }
  }
}

/** The status of most objects of a kind, and one that none has. */
const STATUSES: Record<Kind, { usual: string; absent: string }> = {
  containers: { usual: 'running', absent: 'stopped' },
  volumes: { usual: 'bound', absent: 'provisioning' },
};

/** The pages. One object in ten has failed, one in ten is pending, the others have the usual status. */
function pagesOf() {
  const kinds = Object.keys(STATUSES) as Kind[];
  return kinds.flatMap((kind) => {
    const { usual, absent } = STATUSES[kind];
    const middle = ({ first, last }: Ids): number => Math.floor((first + last) / 2);
    const queries: Record<string, (ids: Ids) => string> = {
      'first page': () => '',
      'middle page': (ids) => cursor(middle(ids)),
      'last page': (ids) => cursor(ids.first + 50),
      'first page by status': () => `status=${usual}`,
      'middle page by status': (ids) => `status=${usual}&${cursor(middle(ids))}`,
      'last page by status': (ids) => `status=${usual}&${cursor(ids.first + 60)}`,
      'page by rarer status': () => 'status=failed',
      'page by absent status': () => `status=${absent}`,
      'page by name': (ids) => `name=web-${middle(ids)}`,
      'page by absent name': () => 'name=none-such',
    };
    return Object.entries(queries).map(([what, queryOf]) => ({ kind, what, queryOf }));
  });
}

function cursor(position: number): string {
  return `cursor=${encodeURIComponent(Buffer.from(`p=${Math.floor(position)}`).toString('base64'))}`;
}

/** Only the API runs: a sweep of a million rows would distort the measurement. */
async function filledOpen(count: number): Promise<Filled> {
  const server = await serverOpen({ ENGINE: 'fake', ROLE: 'api' });
  const [org] = await orgsCreate(server, 1, 2 * MANY);
  if (org === undefined) throw new Error('no org was made');
  const { id } = await containerMake(org.client, 'nginx:1.27');
  await server.db.query(
    `insert into containers (id, org_id, name, image, env_sealed, command, ports, ipv6_address, created_at,
       updated_at, attempt_at, status, observed_generation)
     select id + n, org_id, 'web-' || id + n, image, env_sealed, command, ports, ipv6_address + n, created_at,
       updated_at, attempt_at,
       case when n % 10 = 0 then 'failed' when n % 5 = 0 then 'pending' else 'running' end, 1
     from containers, generate_series(1, $2::bigint - 1) as n where id = $1`,
    [id, count],
  );
  await server.db.query(
    `insert into volumes (uid, org_id, name, size_gb, created_at, updated_at, attempt_at, status, ref)
     select lpad(n::text, 16, '0'), org_id, 'web-' || n, 1, created_at, updated_at, attempt_at,
       case when n % 10 = 0 then 'failed' when n % 5 = 0 then 'pending' else 'bound' end, 'ref'
     from containers, generate_series(1, $2::bigint) as n where id = $1`,
    [id, count],
  );
  await server.db.query('vacuum analyze containers, volumes');
  // The writes of so many rows would otherwise reach the disk during the reads.
  await server.db.query('checkpoint');
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  const ids = {
    containers: { first: id, last: id + count - 1 },
    volumes: { first: 1, last: count },
  };
  return { server, org, agent, ids };
}

/** The milliseconds that one read takes. */
async function readTime(
  { server, org, agent, ids }: Filled,
  kind: Kind,
  queryOf: (ids: Ids) => string,
): Promise<number> {
  const url = `${server.url}/api/v1/${kind}/?${queryOf(ids[kind])}`;
  const headers = { authorization: `Bearer ${org.token}` };
  const start = performance.now();
  await new Promise<void>((resolve, reject) => {
    const request = get(url, { agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`${url}: ${response.statusCode}`));
      response.resume().on('end', resolve);
    });
    request.on('error', reject);
  });
  return performance.now() - start;
}
