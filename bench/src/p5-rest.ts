import { setTimeout as delay } from 'node:timers/promises';
import { unwrap } from '@dollarbox/client';
import { type BenchOrg, orgsCreate } from './orgs.ts';
import { cpuSeconds, descendantsCpuSeconds, rssBytes } from './process-usage.ts';
import { type Result, limit } from './result.ts';
import { type BenchServer, serverOpen } from './server.ts';
import { inParallel, until } from './wait.ts';

const CONTAINERS = 10_000;
const ORGS = 200;
const POSTS_AT_A_TIME = 16;
/** The goal says ten minutes; this is long enough for four sweeps. */
const REST_MS = 120_000;
const MIB = 1024 ** 2;

/** P5: the cost of ten thousand containers while nothing happens to them. */
export async function restBench(): Promise<Result[]> {
  const server = await serverOpen({ ENGINE: 'fake' });
  try {
    await containersSettle(server, await orgsCreate(server, ORGS, CONTAINERS));
    // Cleaning up after the creation does not count as rest.
    await server.db.query('vacuum analyze');
    await delay(35_000);
    const before = {
      cpu: cpuSeconds(server.pid),
      databaseCpu: descendantsCpuSeconds(server.pid),
      writes: await rowWrites(server),
    };
    await delay(REST_MS);
    const seconds = REST_MS / 1000;
    const share = ((cpuSeconds(server.pid) - before.cpu) / seconds) * 100;
    const databaseShare =
      ((descendantsCpuSeconds(server.pid) - before.databaseCpu) / seconds) * 100;
    const allowedMib = 250 + (CONTAINERS * 2) / 1024;
    const what = `${CONTAINERS} containers at rest for ${seconds} s`;
    return [
      limit('P5', `${what}: CPU of a core`, share, '%', 1),
      limit('P5', `${what}: CPU of a core, with PostgreSQL`, share + databaseShare, '%', 1),
      limit('P5', `${what}: row writes`, (await rowWrites(server)) - before.writes, '', 0),
      limit('P5', `${what}: RSS`, rssBytes(server.pid) / MIB, 'MiB', allowedMib),
    ];
  } finally {
    await server.close();
  }
}

async function containersSettle(server: BenchServer, orgs: readonly BenchOrg[]): Promise<void> {
  const turns = Array.from({ length: CONTAINERS }, (_, index) => index);
  await inParallel(turns, POSTS_AT_A_TIME, async (index) => {
    const org = orgs[index % orgs.length];
    const body = { name: `web-${index}`, image: 'nginx:1.27', env: { GREETING: 'hello' } };
    await unwrap((org as BenchOrg).client.POST('/containers/', { body }));
  });
  await until(
    'all containers at rest',
    async () => {
      const { rows } = await server.db.query<{ left: string; failed: string }>(
        `select count(*) as left, count(*) filter (where c.status = 'failed') as failed
         from containers c join work w on w.kind = 'container' and w.object_id = c.id
         where c.status <> 'running' or w.due_at is not null`,
      );
      if (Number(rows[0]?.failed) > 0) throw new Error(`${rows[0]?.failed} containers failed`);
      return Number(rows[0]?.left) === 0;
    },
    { timeoutMs: 600_000, pollMs: 500 },
  );
}

/** Rows inserted, updated and deleted so far, in all of our tables. */
async function rowWrites({ db }: BenchServer): Promise<number> {
  // A backend reports its statistics when it has been idle for a while, after a minute at the latest.
  const { rows } = await db.query<{ writes: string }>(
    'select sum(n_tup_ins + n_tup_upd + n_tup_del) as writes from pg_stat_user_tables',
  );
  return Number(rows[0]?.writes);
}
