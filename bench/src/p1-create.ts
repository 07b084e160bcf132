import { setTimeout as delay } from 'node:timers/promises';
import { containerMake, containerRunning, containersDelete, webImage } from './containers.ts';
import {
  docker,
  engineContainer,
  engineEmpty,
  installationRemove,
  rawContainers,
} from './docker.ts';
import { orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { serverOpen } from './server.ts';
import { median, p99, timed } from './statistics.ts';

const ROUNDS = 6;
/** Pairs of a container of ours and a raw one in each round: together they fit into an org's network. */
const PAIRS = 20;
/** The API is first polled after this share of the time of a raw start, because polling takes CPU from the engine. */
const FIRST_LOOK = 0.85;

/** P1: the time from a POST until the API reports `running`, compared with a raw create and start of the same. */
export async function createBench(): Promise<Result[]> {
  const image = await webImage(docker);
  const server = await serverOpen({ ENGINE: 'docker' });
  try {
    const [org] = await orgsCreate(server, 1, 1000);
    if (org === undefined) throw new Error('no org was made');
    const { client } = org;
    const first = await containerRunning(client, (await containerMake(client, image)).id);
    const raw = rawContainers(await engineContainer(server, first.id));
    await containersDelete(client, [first.id]);
    const oursMs: number[] = [];
    const rawMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      await engineEmpty(server);
      const ids: number[] = [];
      try {
        for (let pair = 0; pair < PAIRS; pair += 1) {
          rawMs.push(await timed(() => raw.run()));
          await delay(100);
          oursMs.push(
            await timed(async () => {
              const { id } = await containerMake(client, image);
              ids.push(id);
              await delay(FIRST_LOOK * median(rawMs));
              await containerRunning(client, id);
            }),
          );
          await delay(100);
        }
      } finally {
        await raw.removeAll();
        await containersDelete(client, ids);
      }
    }
    await engineEmpty(server);
    const common = { id: 'P1', unit: 'ms' as const };
    return [
      compare({
        ...common,
        what: 'POST → running, p50',
        ours: median(oursMs),
        raw: median(rawMs),
        goal: { atMost: 1.1 },
      }),
      compare({
        ...common,
        what: 'POST → running, p99',
        ours: p99(oursMs),
        raw: p99(rawMs),
        goal: { atMost: 1.25 },
      }),
    ];
  } finally {
    await server.close();
    await installationRemove(server);
  }
}
