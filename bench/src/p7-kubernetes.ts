import { setTimeout as delay } from 'node:timers/promises';
import { type DollarboxClient, unwrap } from '@dollarbox/client';
import { clusterSkip } from '@dollarbox/testbed/cluster';
import { containerRunning, containersDelete } from './containers.ts';
import { benchClusterOpen, containerObjects, podsGone, rawKubernetes } from './kubernetes.ts';
import { orgsCreate } from './orgs.ts';
import { type Result, compare } from './result.ts';
import { serverOpen } from './server.ts';
import { median, p99, timed } from './statistics.ts';

const ROUNDS = 5;
/** Pairs of a container of ours and a raw one in each round. */
const PAIRS = 8;
/** The API is first polled after this share of the time of a raw start, because polling takes CPU from the cluster. */
const FIRST_LOOK = 0.85;

/**
 * P7: on Kubernetes, the time from a POST until the API reports `running`, compared with creating the same Deployment,
 * Service and Secret by plain calls and watching the pod until its process runs.
 */
export async function kubernetesBench(): Promise<Result[]> {
  const skip = clusterSkip();
  if (skip !== false) {
    process.stderr.write(`P7 is left out: ${skip}.\n`);
    return [];
  }
  const bench = await benchClusterOpen();
  const { api, image, environment } = bench;
  try {
    const server = await serverOpen(environment);
    try {
      const [org] = await orgsCreate(server, 1, 1000);
      if (org === undefined) throw new Error('no org was made');
      let serial = 0;
      const make = async (client: DollarboxClient) => {
        serial += 1;
        const body = { name: `bench-${serial}`, image, env: { GREETING: 'good day' } };
        return (await unwrap(client.POST('/containers/', { body }))).id;
      };
      const { client } = org;
      // Its image is pulled for the first one.
      const first = await make(client);
      await containerRunning(client, first);
      const templates = await containerObjects(api, server.installationId, first);
      const raw = rawKubernetes(api, templates);
      const pods = `/api/v1/namespaces/${templates[0]?.object.metadata.namespace}/pods`;
      await containersDelete(client, [first]);
      await podsGone(api, pods);
      const oursMs: number[] = [];
      const rawMs: number[] = [];
      for (let round = 0; round < ROUNDS; round += 1) {
        const ids: number[] = [];
        for (let pair = 0; pair < PAIRS; pair += 1) {
          rawMs.push(await timed(() => raw.run()));
          await delay(100);
          oursMs.push(
            await timed(async () => {
              const id = await make(client);
              ids.push(id);
              await delay(FIRST_LOOK * median(rawMs));
              await containerRunning(client, id);
            }),
          );
          await delay(100);
        }
        await containersDelete(client, ids);
        await raw.removeAll();
      }
      const [common, rawMedian] = [{ id: 'P7', unit: 'ms' as const }, median(rawMs)];
      return [
        compare({
          ...{ ...common, what: 'Kubernetes: POST → running, p50', ours: median(oursMs) },
          ...{ raw: rawMedian, goal: { atMost: 1.1 } },
        }),
        compare({
          ...{ ...common, what: 'Kubernetes: POST → running, p99', ours: p99(oursMs) },
          ...{ raw: p99(rawMs), goal: { atMost: 1.25 } },
        }),
      ];
    } finally {
      await server.close();
    }
  } finally {
    await bench.close();
  }
}
