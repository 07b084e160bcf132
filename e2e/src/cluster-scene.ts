import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { get } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { type DollarboxClient, dollarboxClientCreate } from '@dollarbox/client';
import { canaryOf } from '@dollarbox/testbed/canary';
import { type TestKubernetes, clusterStart } from '@dollarbox/testbed/cluster';
import { clusterAccountCreate } from '@dollarbox/testbed/cluster-account';
import { clusterRegistryStart } from '@dollarbox/testbed/cluster-registry';
import { type TestImages, imagesPush } from '@dollarbox/testbed/images';
import { type ServerProcess, serverStart } from './server-process.ts';
import { until } from './wait.ts';

const ANSWER_MS = 10_000;

/** A server on a Kubernetes of its own, with the rights of the committed ServiceAccount. */
export interface ClusterScene {
  server: ServerProcess;
  /** With the owner's token. */
  client: DollarboxClient;
  cluster: TestKubernetes;
  images: TestImages;
  /** A reference that the registry does not have. */
  missing: string;
  /** A new account in an org. @returns a client with its token, and its e-mail address. */
  personAdd(
    org: string,
    role: 'member' | 'owner',
  ): Promise<{ client: DollarboxClient; email: string }>;
  close(): Promise<void>;
}

export async function clusterSceneOpen(): Promise<ClusterScene> {
  const started = new AsyncDisposableStack();
  try {
    const cluster = await clusterStart();
    started.defer(() => cluster.close());
    const { registry, close } = await clusterRegistryStart(cluster);
    started.defer(close);
    const images = await imagesPush(registry.host);
    const server = await serverStart({
      ENGINE: 'kubernetes',
      KUBECONFIG: await clusterAccountCreate(cluster),
      ALLOWED_REGISTRIES: registry.host,
      PROBE_IMAGE: images.web,
    });
    started.defer(() => server.remove());
    const clientOf = (token: string) =>
      dollarboxClientCreate({ baseUrl: server.url, token, retries: 0 });
    let people = 0;
    return {
      ...{ server, cluster, images, client: clientOf(server.token) },
      missing: `${registry.host}/missing:1`,
      async personAdd(org, role) {
        const email = `person${(people += 1)}@example.invalid`;
        const password = canaryOf('a pass phrase of a test');
        await server.admin('user-create', '--email', email, '--password', password);
        if (role === 'owner') {
          const flags = ['--slug', org, '--name', org, '--owner', email];
          // Not before it is known whether the cluster keeps orgs apart.
          await until('the org', () => server.admin('org-create', ...flags));
        } else {
          await server.admin('member-add', '--org', org, '--user', email, '--role', role);
        }
        const flags = ['--user', email, '--name', 'test', '--scope', 'write'];
        const { token } = await server.admin('token-create', ...flags);
        return { client: clientOf(String(token)), email };
      },
      close: () => started.disposeAsync(),
    };
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

/** HTTP GET of a container's address. Rejects if there is no answer. */
export async function addressRead(
  address: string | null,
  port: number,
  path = '/',
): Promise<string> {
  if (address === null) throw new Error('The container has no address yet.');
  return new Promise((resolve, reject) => {
    const options = { host: address, port, path, timeout: ANSWER_MS, agent: false };
    const request = get(options, (reply) => void text(reply).then(resolve, reject));
    request.on('timeout', () => request.destroy(new Error('silent')));
    request.on('error', reject);
  });
}

/** The real kubectl with an issued kubeconfig. It throws with what it said. */
export async function kubectlOf(
  { kube, folder }: TestKubernetes,
  name: string,
  kubeconfig: string,
) {
  const path = join(folder, `${name}.kubeconfig`);
  await writeFile(path, kubeconfig);
  return async (...args: string[]): Promise<string> => {
    const env = { ...process.env, KUBECONFIG: path, HOME: folder };
    return (await promisify(execFile)(kube, ['kubectl', ...args], { env })).stdout;
  };
}
