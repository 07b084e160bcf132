/** The environment of the suite that all engines share: a real cluster. */
import { randomBytes } from 'node:crypto';
import http from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { clusterStart } from '@dollarbox/testbed/cluster';
import type { TestKubernetes } from '@dollarbox/testbed/cluster';
import { clusterAccountCreate } from '@dollarbox/testbed/cluster-account';
import { clusterRegistryStart } from '@dollarbox/testbed/cluster-registry';
import { imagePush, imagesPush } from '@dollarbox/testbed/images';
import type { ContainerSpec, VolumeKey } from '../../contract.ts';
import type { SuiteSetup } from '../../suite/setup.ts';
import { kubeApiCreate } from '../api/client.ts';
import {
  claimName,
  containerObjectName,
  LABELS,
  ownSelector,
  tenantNamespace,
} from '../base/names.ts';
import type { TenantLimits } from '../base/options.ts';
import { pathOf } from '../containers/container-objects.ts';
import { deploymentRender } from '../containers/render.ts';
import { imageStoreCreate } from '../images/image-store.ts';
import { kubernetesEngineCreate } from '../engine.ts';
import type { KubernetesEngine, KubernetesEngineOptions } from '../engine.ts';
import { podProcessKill, podScriptRun } from './pod-process.ts';

const ANSWER_MS = 10_000;
/** How long a verb may take: what is tested by direct calls has nobody who would try it again. */
const VERB_MS = 120_000;
/** More than any test of the suite needs. */
const SUITE_LIMITS: TenantLimits = { containers: 30, volumeGb: 200 };

function installationIdCreate(): string {
  return randomBytes(6).toString('hex');
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
    verbDeadlineMs: VERB_MS,
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
  /** Path of a kubeconfig with DollarBox's rights. */
  kubeconfig: string;
  /** An engine of this installation that is not started. */
  engineCreate(changes: Partial<KubernetesEngineOptions>): KubernetesEngine;
  /** As `worker`, with options of its own. */
  workerWith(changes: Partial<KubernetesEngineOptions>): Promise<KubernetesEngine>;
};

/** What was started is ended if the rest can't be: its sockets would keep the test file from ending. */
export async function kubernetesSuiteSetup(): Promise<KubernetesSetup> {
  const started = new AsyncDisposableStack();
  try {
    return await setupOn(started);
  } catch (error) {
    await started.disposeAsync();
    throw error;
  }
}

/** @param stack ends what was started, the last first. */
async function setupOn(stack: AsyncDisposableStack): Promise<KubernetesSetup> {
  const cluster = await clusterStart();
  stack.defer(() => cluster.close());
  const { registry, gate, close: registryClose } = await clusterRegistryStart(cluster);
  stack.defer(registryClose);
  const images = await imagesPush(registry.host);
  gate.fail('denied', 403, '{"errors": [{"code": "DENIED", "message": "a word of the registry"}]}');
  gate.fail('broken', 500);
  const [installationId, strangersId] = [installationIdCreate(), installationIdCreate()];
  const limits = { ...SUITE_LIMITS };
  const options = {
    tenantLimits: async (ids: readonly number[]) => new Map(ids.map((id) => [id, { ...limits }])),
    probeImage: images.web,
    kubeconfig: await clusterAccountCreate(cluster),
    installationId,
    allowedRegistries: [registry.host, gate.host],
  };
  async function started(engineOptions: Parameters<typeof testEngineCreate>[0]) {
    const engine = testEngineCreate(engineOptions);
    try {
      await engine.host.start();
    } catch (error) {
      await engine.close();
      throw error;
    }
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

  /** As `apply` leaves it if it dies before it has looked who else holds the volumes. */
  async function makeHalf(spec: ContainerSpec): Promise<void> {
    const signal = AbortSignal.timeout(ANSWER_MS);
    const api = kubeApiCreate(options.kubeconfig);
    try {
      const store = imageStoreCreate(installationId, api);
      const image = await store.findById(spec.tenantId, spec.imageId, signal);
      if (image === undefined) throw new Error(`no image ${spec.imageId}`);
      const path = pathOf('deployments', namespace, containerObjectName(spec));
      await api.apply(path, deploymentRender(installationId, spec, image, 0, true, 1), signal);
    } finally {
      api.close();
    }
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
      makeHalf,
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
    kubeconfig: options.kubeconfig,
    engineCreate: (changes) => testEngineCreate({ ...options, ...changes }),
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
      await stack.disposeAsync();
    },
  };
}
