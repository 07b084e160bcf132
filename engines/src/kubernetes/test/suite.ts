/** The environment of the suite that all engines share: a real cluster. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { CLUSTER_HOST, clusterStart } from '@dollarbox/testbed/cluster';
import type { TestKubernetes } from '@dollarbox/testbed/cluster';
import { imagePush, imagesPush } from '@dollarbox/testbed/images';
import { registryStart } from '@dollarbox/testbed/registry';
import { registryGateStart } from '@dollarbox/testbed/registry-gate';
import type { VolumeKey } from '../../contract.ts';
import type { SuiteSetup } from '../../suite/setup.ts';
import { claimName, LABELS, ownSelector, tenantNamespace } from '../base/names.ts';
import type { TenantLimits } from '../base/options.ts';
import { kubernetesEngineCreate } from '../engine.ts';
import type { KubernetesEngine, KubernetesEngineOptions } from '../engine.ts';
import { serviceAccountCreate } from './service-account.ts';
import { podProcessKill, podScriptRun } from './pod-process.ts';

const ANSWER_MS = 10_000;
/** More than any test of the suite needs. */
const SUITE_LIMITS: TenantLimits = { containers: 30, volumeGb: 200 };

function installationIdCreate(): string {
  return randomBytes(6).toString('hex');
}

/** Lets pods and nodes reach a server on loopback. */
async function forwardStart(host: string) {
  const [, port = ''] = host.split(':');
  const server = createServer((incoming) => {
    const outgoing = connect(Number(port), '127.0.0.1');
    incoming.pipe(outgoing).pipe(incoming);
    incoming.on('error', () => outgoing.destroy());
    outgoing.on('error', () => incoming.destroy());
    incoming.on('close', () => outgoing.destroy());
  });
  server.listen(0, CLUSTER_HOST);
  await once(server, 'listening');
  const { port: own } = server.address() as AddressInfo;
  return {
    url: `http://[${CLUSTER_HOST}]:${own}`,
    close: () => server.close(),
  };
}

/** HTTP GET. Rejects if there is no answer. */
function httpGet(host: string, port: number, path: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { host, port, path, timeout: ANSWER_MS, agent: false };
    const request = http.get(options, (reply) => {
      const chunks: Buffer[] = [];
      reply.on('data', (chunk: Buffer) => chunks.push(chunk));
      reply.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
      reply.on('error', reject);
    });
    request.on('timeout', () => request.destroy(new Error('silent')));
    request.on('error', reject);
  });
}

/** A registry that both this process and the cluster's nodes pull from by the same references. */
async function clusterRegistryStart(cluster: TestKubernetes) {
  const registry = await registryStart();
  const gate = await registryGateStart(registry.host);
  const forwards: { close(): void }[] = [];
  for (const { host } of [registry, gate]) {
    const forward = await forwardStart(host);
    forwards.push(forward);
    await cluster.registryAllow(host, forward.url);
  }
  return {
    registry,
    gate,
    async close() {
      for (const forward of forwards) forward.close();
      await gate.close();
      await registry.close();
    },
  };
}

const silent = { info() {}, warn() {}, error() {} };

function testEngineCreate(
  options: Pick<KubernetesEngineOptions, 'kubeconfig' | 'tenantLimits'> &
    Partial<KubernetesEngineOptions>,
) {
  return kubernetesEngineCreate({
    installationId: installationIdCreate(),
    allowedRegistries: [],
    log: silent,
    now: () => new Date(),
    random: () => 0.5,
    ...options,
  });
}

/** With what tests of this engine alone need. */
export type KubernetesSetup = SuiteSetup & {
  cluster: TestKubernetes;
  installationId: string;
  /** Of the first tenant. */
  namespace: string;
  /** The limits of all tenants; a test may change them. */
  limits: TenantLimits;
  podUid(containerId: number): Promise<string>;
  /** As `worker`, with options of its own. */
  workerWith(changes: Partial<KubernetesEngineOptions>): Promise<KubernetesEngine>;
};

export async function kubernetesSuiteSetup(): Promise<KubernetesSetup> {
  const cluster = await clusterStart();
  const { registry, gate, close: registryClose } = await clusterRegistryStart(cluster);
  const images = await imagesPush(registry.host);
  gate.fail('denied', 403, '{"errors": [{"code": "DENIED", "message": "a word of the registry"}]}');
  gate.fail('broken', 500);
  const [installationId, strangersId] = [installationIdCreate(), installationIdCreate()];
  const limits = { ...SUITE_LIMITS };
  const options = {
    tenantLimits: async (ids: readonly number[]) => new Map(ids.map((id) => [id, { ...limits }])),
    probeImage: images.web,
    kubeconfig: await serviceAccountCreate(cluster),
    installationId,
    allowedRegistries: [registry.host, gate.host],
  };
  async function started(engineOptions: Parameters<typeof testEngineCreate>[0]) {
    const engine = testEngineCreate(engineOptions);
    await engine.host.start();
    return engine;
  }
  const tenants = [{ id: 1 }, { id: 2 }] as const;
  const namespace = tenantNamespace(installationId, tenants[0].id);
  const { kubectl } = cluster;
  const selectorOf = (id: number) =>
    ownSelector(installationId, { [LABELS.container]: String(id) });
  const named = async (kind: string, id: number) =>
    (await kubectl('-n', namespace, 'get', kind, '-l', selectorOf(id), '-o', 'name')).trim();
  const podUid = (id: number) =>
    kubectl(
      ...['-n', namespace, 'get', 'pod', '-l', selectorOf(id)],
      ...['-o', 'jsonpath={.items[0].metadata.uid}'],
    );
  const inside = async (id: number, script: string, ...words: string[]) =>
    podScriptRun(await podUid(id), script, ...words);

  async function volumeVanish(key: VolumeKey): Promise<boolean> {
    const pods = await kubectl('-n', namespace, 'get', 'pods', '-o', 'json');
    if (pods.includes(claimName(key))) return false;
    await kubectl('-n', namespace, 'delete', 'pvc', claimName(key));
    return true;
  }

  async function volumeForeign(key: VolumeKey) {
    const manifest = {
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name: claimName(key), namespace },
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
    };
    await cluster.manifestApply(manifest);
    return {
      remove: async () => void (await kubectl('-n', namespace, 'delete', 'pvc', claimName(key))),
    };
  }

  let slowImages = 0;
  let versions = 0;
  return {
    engine: await started(options),
    images: {
      ...images,
      webDigest: await imagePush('web', `${registry.host}/pinned:1`),
      webLatest: images.web.replace(/:1$/, ':latest'),
      missing: `${registry.host}/missing:1`,
      denied: `${gate.host}/denied:1`,
      broken: `${gate.host}/broken:1`,
    },
    tamper: {
      volumeVanish,
      volumeForeign,
      kill: async (id) => podProcessKill(await podUid(id)),
      async remove(id) {
        await kubectl(
          ...['-n', namespace, 'delete', await named('deployment', id)],
          ...['--cascade=foreground', '--grace-period=1'],
        );
      },
      async disconnect(id) {
        const patch = '{"spec": {"selector": {"nobody": "this"}}}';
        await kubectl('-n', namespace, 'patch', await named('service', id), '-p', patch);
      },
    },
    tenants,
    cluster,
    installationId,
    namespace,
    limits,
    podUid,
    tenantHoldsObjects: true,
    addressIn: () => '',
    worker: () => started(options),
    workerWith: (changes) => started({ ...options, ...changes }),
    stranger: () => started({ ...options, installationId: strangersId }),
    read: httpGet,
    volumeWrite: async (id, mountPath, text) =>
      void (await inside(id, 'printf %s "$1" >> "$0/text"', mountPath, text)),
    volumeRead: (id, mountPath) => inside(id, 'cat "$0/text"', mountPath),
    linesWrite: async (id, lines) =>
      void (await inside(id, 'printf "%s\\n" "$0" "$@" > /proc/1/fd/1', ...lines)),
    async republish(ref) {
      await imagePush('web', ref, { version: String((versions += 1)) });
    },
    slowImage() {
      const repository = `slow-${(slowImages += 1)}`;
      return { ref: `${gate.host}/${repository}:1`, release: gate.hold(repository, 'web') };
    },
    now: () => new Date(),
    tick: () => delay(20),
    async close() {
      for (const id of [installationId, strangersId]) {
        await kubectl('delete', 'namespace', '-l', ownSelector(id), '--wait=false');
      }
      await registryClose();
      await cluster.close();
    },
  };
}
