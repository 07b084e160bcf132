import { unwrap } from '@dollarbox/client';
import { type LoadPlan, loadOpen } from './load.ts';
import { type BenchOrg, orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { serverOpen } from './server.ts';
import { p99 } from './statistics.ts';

const PER_MINUTE = 600;
/** How many times its limit the one client sends. */
const EXCESS = 10;
const ROUNDS = 10;
const ROUND_MS = 4000;
const CONTAINER_LIMIT = 100;
/** Of the others, who together stay below their limits. */
const TOKENS = 100;
const CONNECTIONS = 4;
const PAUSE_MS = 5;

/** S8: the p99 of other orgs' reads while one token sends ten times what it may, against the same without it. */
export async function limitsBench(): Promise<Result[]> {
  const server = await serverOpen({
    ENGINE: 'fake',
    ROLE: 'api',
    RATE_LIMIT_PER_MINUTE: String(PER_MINUTE),
  });
  const [load, flood] = [loadOpen(), loadOpen()];
  try {
    const [greedy, ...others] = await orgsCreate(server, TOKENS + 1, CONTAINER_LIMIT);
    if (greedy === undefined) throw new Error('no org was made');
    for (const org of others) {
      await unwrap(org.client.POST('/containers/', { body: { name: 'a', image: 'nginx:1.27' } }));
    }
    const common = { url: server.url, method: 'GET', durationMs: ROUND_MS } as const;
    const reads: LoadPlan = {
      ...common,
      ...{ connections: CONNECTIONS, pauseMs: PAUSE_MS },
      ...{ order: 'random', requests: others.map(readOf) },
    };
    const flooding: LoadPlan = {
      ...common,
      ...{ connections: 1, pauseMs: 60_000 / (PER_MINUTE * EXCESS), isLimited: true },
      ...{ order: 'own', requests: [readOf(greedy)] },
    };
    await Promise.all([load.run(reads), flood.run(flooding)]);
    const [beside, alone]: [number[], number[]] = [[], []];
    for (let round = 0; round < ROUNDS; round += 1) {
      alone.push(...(await load.run(reads)).latenciesMs);
      const [own] = await Promise.all([load.run(reads), flood.run(flooding)]);
      beside.push(...own.latenciesMs);
    }
    return [
      compare({
        id: 'S8',
        what: `GET of other orgs beside a token at ${EXCESS} times its limit ÷ without it, p99`,
        ours: p99(beside),
        raw: p99(alone),
        unit: 'ms',
        goal: { atMost: 1.2 },
      }),
    ];
  } finally {
    load.close();
    flood.close();
    await server.close();
  }
}

function readOf({ token }: BenchOrg) {
  return { path: '/api/v1/containers/', headers: { Authorization: `Bearer ${token}` } };
}
