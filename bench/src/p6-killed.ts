import type { Readable } from 'node:stream';
import type { Container } from '@dollarbox/client';
import {
  containerGet,
  containerMake,
  containerRunning,
  containersDelete,
  webImage,
} from './containers.ts';
import { docker, engineContainer, engineEmpty, installationRemove } from './docker.ts';
import { orgsCreate } from './orgs.ts';
import { type Result, measured } from './result.ts';
import { serverOpen } from './server.ts';
import { median, p99 } from './statistics.ts';
import { inParallel, until } from './wait.ts';

const CONTAINERS = 20;
/** Each container is killed once per round: after the third exit within ten minutes its restart is delayed longer. */
const ROUNDS = 5;
const ALLOWED_MS = 50;

/** P6: a process is killed behind our back: when the engine's own event reports it, and when the API does. */
export async function killedBench(): Promise<Result[]> {
  const image = await webImage(docker);
  const server = await serverOpen({ ENGINE: 'docker' });
  try {
    const [org] = await orgsCreate(server, 1, 1000);
    if (org === undefined) throw new Error('no org was made');
    const { client } = org;
    const events = await deathsFollow();
    const lateMs: number[] = [];
    const eventMs: number[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const made: Container[] = await inParallel(Array(CONTAINERS).fill(image), 4, async () =>
        containerRunning(client, (await containerMake(client, image)).id),
      );
      for (const { id } of made) {
        const found = await engineContainer(server, id);
        const killedAt = performance.now();
        process.kill(found.State.Pid, 'SIGKILL');
        const toldAt = await until(
          `container ${id} not running`,
          async () => (await containerGet(client, id)).status !== 'running' && performance.now(),
          { pollMs: 1 },
        );
        const diedAt = await events.diedAt(found.Id);
        eventMs.push(diedAt - killedAt);
        lateMs.push(toldAt - diedAt);
      }
      await containersDelete(
        client,
        made.map(({ id }) => id),
      );
      await engineEmpty(server);
    }
    events.close();
    const result = (what: string, quantile: (samples: readonly number[]) => number): Result => ({
      id: 'P6',
      what: `killed process: status in the API after the engine's event, ${what}`,
      ours: measured(quantile(lateMs), 'ms'),
      raw: measured(quantile(eventMs), 'ms'),
      ratio: '',
      goal: `≤ ${ALLOWED_MS} ms`,
      isReached: quantile(lateMs) <= ALLOWED_MS,
    });
    return [result('p50', median), result('p99', p99)];
  } finally {
    await server.close();
    await installationRemove(server);
  }
}

/** When the engine reported that a container's process has ended. */
async function deathsFollow(): Promise<{ diedAt(ref: string): Promise<number>; close(): void }> {
  const deaths = new Map<string, number>();
  const filters = JSON.stringify({ type: ['container'], event: ['die'] });
  const stream = (await docker.getEvents({ filters })) as Readable;
  let rest = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => {
    const lines = `${rest}${chunk}`.split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const { id } = JSON.parse(line) as { id: string };
      deaths.set(id, performance.now());
    }
  });
  return {
    diedAt: (ref) => until(`the death of ${ref}`, async () => deaths.get(ref), { pollMs: 1 }),
    close: () => stream.destroy(),
  };
}
