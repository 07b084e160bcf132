import { setTimeout as delay } from 'node:timers/promises';
import { type DollarboxClient, unwrap } from '@dollarbox/client';
import { containerMake, containersDelete, webImage } from './containers.ts';
import { docker, engineEmpty, installationRemove } from './docker.ts';
import { orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { serverOpen } from './server.ts';
import { median, timed } from './statistics.ts';
import { inParallel, until } from './wait.ts';

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const BURST = 20;
/** Every three seconds the other org creates a container, or deletes it. */
const OTHER_EVERY_MS = 3000;
/** Longer than a worker remembers that the other org has done something. */
const FORGOTTEN_MS = 6000;

/** @returns the milliseconds until all containers of a burst run, and their ids. */
async function burst(client: DollarboxClient, image: string) {
  let ids: number[] = [];
  const tookMs = await timed(async () => {
    const made = await inParallel([...Array(BURST).keys()], BURST, () =>
      containerMake(client, image),
    );
    ids = made.map(({ id }) => id);
    await until(
      'a burst that runs',
      async () => {
        const query = { status: 'running' as const, limit: 100 };
        const { results } = await unwrap(client.GET('/containers/', { params: { query } }));
        return results.length === BURST;
      },
      { timeoutMs: 300_000 },
    );
  });
  return { tookMs, ids };
}

/** Creates and deletes one container, one step every few seconds, until the signal is aborted. */
async function otherWork(client: DollarboxClient, image: string, signal: AbortSignal) {
  while (!signal.aborted) {
    const { id } = await containerMake(client, image);
    await delay(OTHER_EVERY_MS, undefined, { signal }).catch(() => undefined);
    await containersDelete(client, [id]);
    await delay(OTHER_EVERY_MS, undefined, { signal }).catch(() => undefined);
  }
}

/** S8c: what a burst of one org costs beside another org that does one thing at a time. */
export async function burstBesideBench(): Promise<Result[]> {
  const image = await webImage(docker);
  const server = await serverOpen({ ENGINE: 'docker' });
  try {
    const [org, other] = await orgsCreate(server, 2, 60);
    if (org === undefined || other === undefined) throw new Error('no orgs were made');
    async function measured(client: DollarboxClient): Promise<number> {
      const { tookMs, ids } = await burst(client, image);
      await containersDelete(client, ids);
      return tookMs;
    }
    const alone: number[] = [];
    const beside: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      alone.push(await measured(org.client));
      await engineEmpty(server);
      const end = new AbortController();
      const working = otherWork(other.client, image, end.signal);
      try {
        await delay(OTHER_EVERY_MS / 2);
        beside.push(await measured(org.client));
      } finally {
        end.abort();
        await working;
      }
      await engineEmpty(server);
      await delay(FORGOTTEN_MS);
      process.stderr.write(
        `  a burst alone ${alone.at(-1)?.toFixed(0)} ms, beside another org ${beside.at(-1)?.toFixed(0)} ms\n`,
      );
    }
    return [
      compare({
        id: 'S8c',
        what: `${BURST} creates at once until all run, beside an org that does one thing every 3 s ÷ alone, p50`,
        ours: median(beside),
        raw: median(alone),
        unit: 'ms',
        goal: { atMost: 2 },
      }),
    ];
  } finally {
    await server.close();
    await installationRemove(server);
  }
}
