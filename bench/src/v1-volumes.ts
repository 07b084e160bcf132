import { setTimeout as delay } from 'node:timers/promises';
import { type DollarboxClient, unwrap } from '@dollarbox/client';
import { containerMake, containerRunning, containersDelete, webImage } from './containers.ts';
import {
  BENCH_MOUNT_PATH,
  docker,
  engineContainer,
  engineEmpty,
  installationRemove,
  rawContainers,
} from './docker.ts';
import { orgsCreate } from './orgs.ts';
import { type Result, compare, measured } from './result.ts';
import { serverOpen } from './server.ts';
import { median, p99, timed } from './statistics.ts';
import { until } from './wait.ts';

const ROUNDS = 5;
const PAIRS = 10;

/**
 * V1: like P1, with containers that each mount an existing volume; the raw side mounts a plain Docker volume. Also the
 * time from the POST of a volume until the API reports `bound`.
 */
export async function volumesBench(): Promise<Result[]> {
  const image = await webImage(docker);
  const server = await serverOpen({ ENGINE: 'docker' });
  try {
    const [org] = await orgsCreate(server, 1, 1000);
    if (org === undefined) throw new Error('no org was made');
    await server.db.query('update orgs set volume_gb_limit = 100000');
    const { client } = org;
    const first = await containerRunning(client, (await containerMake(client, image)).id);
    const raw = rawContainers(await engineContainer(server, first.id));
    await containersDelete(client, [first.id]);
    const samples = { ours: [] as number[], raw: [] as number[], bound: [] as number[] };
    let serial = 0;
    for (let round = 0; round < ROUNDS; round += 1) {
      await engineEmpty(server);
      const containers: number[] = [];
      const volumes: number[] = [];
      const names: string[] = [];
      for (let pair = 0; pair < PAIRS; pair += 1) {
        serial += 1;
        const name = `bench-${process.pid}-${serial}`;
        await docker.createVolume({ Name: name });
        names.push(name);
        samples.raw.push(await timed(() => raw.run(name)));
        await delay(100);
        let volume = 0;
        samples.bound.push(
          await timed(async () => {
            volume = await volumeBound(client, `bench-${serial}`);
          }),
        );
        volumes.push(volume);
        await delay(100);
        samples.ours.push(
          await timed(async () => {
            const mounts = [{ volume, mount_path: BENCH_MOUNT_PATH }];
            const { id } = await containerMake(client, image, mounts);
            containers.push(id);
            await containerRunning(client, id);
          }),
        );
        await delay(100);
      }
      await raw.removeAll();
      for (const name of names) await docker.getVolume(name).remove();
      await containersDelete(client, containers);
      for (const id of volumes) {
        await unwrap(client.DELETE('/volumes/{id}/', { params: { path: { id } } }));
      }
      await until('the volumes gone', async () => {
        const { rows } = await server.db.query<{ left: string }>(
          'select count(*) as left from volumes',
        );
        return Number(rows[0]?.left) === 0;
      });
    }
    const common = { id: 'V1', unit: 'ms' as const };
    const bound = (what: string, value: number): Result => ({
      id: 'V1',
      what: `POST of a volume → bound, ${what}`,
      ours: measured(value, 'ms'),
      raw: '',
      ratio: '',
      goal: '',
      isReached: true,
    });
    return [
      compare({
        ...common,
        what: 'with a volume: POST → running, p50',
        ours: median(samples.ours),
        raw: median(samples.raw),
        goal: { atMost: 1.25 },
      }),
      bound('p50', median(samples.bound)),
      bound('p99', p99(samples.bound)),
    ];
  } finally {
    await server.close();
    await installationRemove(server);
  }
}

async function volumeBound(client: DollarboxClient, name: string): Promise<number> {
  const { id } = await unwrap(client.POST('/volumes/', { body: { name, size_gb: 1 } }));
  await until(
    `volume ${id} bound`,
    async () => {
      const volume = await unwrap(client.GET('/volumes/{id}/', { params: { path: { id } } }));
      if (volume.status === 'failed') throw new Error(volume.status_message ?? 'failed');
      return volume.status === 'bound';
    },
    { pollMs: 4 },
  );
  return id;
}
