import { kubeApiCreate } from '@dollarbox/engines/kubernetes/client';
import type { KubeApi } from '@dollarbox/engines/kubernetes/client';
import { LABELS, ownSelector } from '@dollarbox/engines/kubernetes/names';
import type { KubeList, KubeObject, Pod } from '@dollarbox/engines/kubernetes/objects';
import { type TestKubernetes, clusterStart } from '@dollarbox/testbed/cluster';
import { clusterAccountCreate } from '@dollarbox/testbed/cluster-account';
import { clusterRegistryStart } from '@dollarbox/testbed/cluster-registry';
import { imagesPush } from '@dollarbox/testbed/images';
import { createInterface } from 'node:readline';
import { until } from './wait.ts';

/** A label of every object that the raw baseline creates. */
const LABEL = 'dollarbox-bench';
/** Only what will never run takes longer. */
const RAW_START_MS = 120_000;

export interface BenchCluster {
  cluster: TestKubernetes;
  api: KubeApi;
  /** The tiny web image, as the cluster pulls it. */
  image: string;
  /** What a server needs to use it, with the rights that it is given in a cluster. */
  environment: Record<string, string>;
  close(): Promise<void>;
}

/** A cluster with what an administrator installs, and a registry with the image. */
export async function benchClusterOpen(): Promise<BenchCluster> {
  const cluster = await clusterStart();
  const { registry, close: registryClose } = await clusterRegistryStart(cluster);
  const { web: image } = await imagesPush(registry.host);
  const account = await clusterAccountCreate(cluster);
  const api = kubeApiCreate(cluster.kubeconfig);
  return {
    cluster,
    api,
    image,
    environment: {
      ENGINE: 'kubernetes',
      KUBECONFIG: account,
      ALLOWED_REGISTRIES: registry.host,
      PROBE_IMAGE: image,
    },
    async close() {
      api.close();
      await registryClose();
      await cluster.close();
    },
  };
}

interface Template {
  path: string;
  object: KubeObject & { spec?: Record<string, unknown> };
}

/** The objects that the product made for one of its containers. */
export async function containerObjects(
  api: KubeApi,
  installationId: string,
  id: number,
): Promise<Template[]> {
  const query = { labelSelector: ownSelector(installationId, { [LABELS.container]: String(id) }) };
  const folders = ['/api/v1', '/api/v1', '/apis/apps/v1'];
  const found = await Promise.all(
    ['services', 'secrets', 'deployments'].map(async (kind, index) => {
      const path = `${folders[index]}/${kind}`;
      const { items } = await api.call<KubeList<Template['object']>>({
        ...{ method: 'GET', path, query },
      });
      return items.map((object) => ({
        path: `${folders[index]}/namespaces/${object.metadata.namespace}/${kind}`,
        object,
      }));
    }),
  );
  return found.flat();
}

/** Creates the same objects without the product. */
export interface RawKubernetes {
  /** Creates one more of each, and watches until its process runs. */
  run(): Promise<void>;
  removeAll(): Promise<void>;
}

export function rawKubernetes(api: KubeApi, templates: readonly Template[]): RawKubernetes {
  let serial = 0;
  const namespace = templates[0]?.object.metadata.namespace ?? '';
  const pods = `/api/v1/namespaces/${namespace}/pods`;

  /** As the template is, with a name and labels of its own, and nothing that the cluster added. */
  function copyOf({ object }: Template, name: string): object {
    // As one of the panel's: policies hold what people create to more. The product has no id of it, and leaves it alone.
    const own = { [LABEL]: name };
    const labels = { ...own, [LABELS.managedBy]: 'control-panel' };
    const { metadata, spec, ...rest } = structuredClone(object) as Template['object'] &
      Record<string, unknown>;
    delete rest['status'];
    if (spec === undefined) return { ...rest, metadata: { name, labels } };
    const { clusterIP: _ip, clusterIPs: _ips, selector: _selector, template, ...others } = spec;
    if (template === undefined) {
      return { ...rest, metadata: { name, labels }, spec: { ...others, selector: own } };
    }
    const text = JSON.stringify(template).replaceAll(metadata.name, name);
    const pod = { ...(JSON.parse(text) as object), metadata: { labels } };
    const selector = { matchLabels: own };
    return { ...rest, metadata: { name, labels }, spec: { ...others, selector, template: pod } };
  }

  async function running(name: string): Promise<void> {
    const query = { watch: 'true', labelSelector: `${LABEL}=${name}` };
    const signal = AbortSignal.timeout(RAW_START_MS);
    const stream = await api.stream({ method: 'GET', path: pods, query, signal });
    try {
      for await (const line of createInterface({ input: stream })) {
        const { object } = JSON.parse(line) as { object: Pod };
        if (object.status?.containerStatuses?.[0]?.state?.running !== undefined) return;
      }
    } finally {
      stream.destroy();
    }
    throw new Error(`the watch of ${name} ended`);
  }

  return {
    async run() {
      serial += 1;
      const name = `raw-${process.pid}-${serial}`;
      for (const template of templates) {
        await api.call({ method: 'POST', path: template.path, body: copyOf(template, name) });
      }
      await running(name);
    },
    async removeAll() {
      const query = { labelSelector: LABEL };
      for (const { path } of templates) {
        const { items } = await api.call<KubeList<KubeObject>>({ method: 'GET', path, query });
        for (const { metadata } of items) {
          await api.call({ method: 'DELETE', path: `${path}/${metadata.name}` });
        }
      }
      await podsGone(api, pods);
    },
  };
}

/** Waits until no pod is left. @param path of a namespace's pods. */
export async function podsGone(api: KubeApi, path: string): Promise<void> {
  await until('a namespace without pods', async () => {
    const { items } = await api.call<KubeList<Pod>>({ method: 'GET', path });
    return items.length === 0;
  });
}
