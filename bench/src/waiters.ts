import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { unwrap } from '@dollarbox/client';
import { orgsCreate } from './orgs.ts';
import { cpuSeconds, descendantsCpuSeconds } from './process-usage.ts';
import { type Result, limit } from './result.ts';
import { serverOpen } from './server.ts';

const ORGS = 50;
/** As many as a token may have. */
const WAITS_PER_TOKEN = 20;
const WAITERS = ORGS * WAITS_PER_TOKEN;
const WAIT_SECONDS = 60;
/** Until all of them wait, and what sending them cost is over. */
const SETTLE_MS = 12_000;
const REST_MS = 25_000;
/** The process looks once a second for events and for access, however many wait, and here at its metrics. */
const STATEMENTS_PER_SECOND = 3;

/** A thousand requests that wait for a change of a container which does not come. */
export async function waitersBench(): Promise<Result[]> {
  const server = await serverOpen({ ENGINE: 'fake', ROLE: 'api' });
  const giveUp = new AbortController();
  try {
    const waits: { path: string; headers: Record<string, string> }[] = [];
    for (const org of await orgsCreate(server, ORGS, 10)) {
      const body = { name: 'web', image: 'nginx:1.27' };
      const { id } = await unwrap(org.client.POST('/containers/', { body }));
      const { response } = await org.client.GET('/containers/{id}/', { params: { path: { id } } });
      const headers = {
        authorization: `Bearer ${org.token}`,
        'if-none-match': response.headers.get('etag') ?? '',
        prefer: `wait=${WAIT_SECONDS}`,
      };
      const wait = { path: `/api/v1/containers/${id}/`, headers };
      waits.push(...Array.from({ length: WAITS_PER_TOKEN }, () => wait));
    }
    let answered = 0;
    for (const { path, headers } of waits) {
      const options = { headers, agent: false, signal: giveUp.signal };
      const sent = request(`${server.url}${path}`, options, () => (answered += 1));
      sent.on('error', () => undefined).end();
    }
    await delay(SETTLE_MS);
    const before = {
      cpu: cpuSeconds(server.pid),
      databaseCpu: descendantsCpuSeconds(server.pid),
      statements: await server.metric('dollarbox_database_statements_total'),
    };
    await delay(REST_MS);
    const seconds = REST_MS / 1000;
    const share = ((cpuSeconds(server.pid) - before.cpu) / seconds) * 100;
    const databaseShare =
      ((descendantsCpuSeconds(server.pid) - before.databaseCpu) / seconds) * 100;
    const statements =
      (await server.metric('dollarbox_database_statements_total')) - before.statements;
    if (answered > 0) throw new Error(`${answered} requests did not wait`);
    const what = `${WAITERS} requests that wait`;
    return [
      limit('P11', `${what}: CPU of a core`, share, '%', 5),
      limit('P11', `${what}: CPU of a core, with PostgreSQL`, share + databaseShare, '%', 5),
      limit('P11', `${what}: statements in all`, statements / seconds, '/s', STATEMENTS_PER_SECOND),
    ];
  } finally {
    giveUp.abort();
    await server.close();
  }
}
