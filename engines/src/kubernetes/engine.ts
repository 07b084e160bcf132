/** The Kubernetes engine: a cluster, reached through its API server. */
import { EngineError, VERB_DEADLINE_MS } from '../contract.ts';
import type { Engine, EngineHost, LogPart } from '../contract.ts';
import { hintHubCreate, hintsFollow } from '../hints.ts';
import { nameWaitersCreate } from '../name-waiters.ts';
import { imageReferenceParse } from '../registry/image-reference.ts';
import { verbRunAs } from '../verb-run.ts';
import { ISSUE_DEADLINE_MS } from '../credentials.ts';
import type { EngineCredentials } from '../credentials.ts';
import type { EngineWorkloads } from '../workloads.ts';
import { accessCreate } from './containers/access.ts';
import { kubeApiCreate } from './api/client.ts';
import { objectCacheCreate } from './api/object-cache.ts';
import type { Deployment } from './api/objects.ts';
import { engineErrorFrom } from './api/errors.ts';
import type { KubernetesEngineOptions } from './base/options.ts';
import { changesFollow } from './changes.ts';
import { credentialsCreate } from './credentials/credentials.ts';
import { containerStoreCreate } from './containers/container-objects.ts';
import { containersCreate } from './containers/containers.ts';
import { seenContainersCreate } from './containers/seen.ts';
import { imageStoreCreate } from './images/image-store.ts';
import { imagesCreate } from './images/images.ts';
import { pullCreate } from './images/pull.ts';
import { pullSecretRender } from './images/pull-secret.ts';
import { clusterNetworksCreate } from './tenants/cluster-networks.ts';
import { addressesProbe } from './tenants/address-probe.ts';
import { isolationProbeCreate } from './tenants/isolation-probe.ts';
import { userNamespacesCreate } from './tenants/user-namespaces.ts';
import { tenantsCreate } from './tenants/tenants.ts';
import { workloadsCreate } from './tenants/workloads.ts';
import { transferPodsCreate } from './volumes/transfer-pods.ts';
import { volumeTransferCreate } from './volumes/volume-transfer.ts';
import { volumesCreate } from './volumes/volumes.ts';

export type { KubernetesEngineOptions } from './base/options.ts';

/** A Kubernetes engine always has something to check at its start, and credentials to give. */
export type KubernetesEngine = Engine & {
  host: EngineHost;
  credentials: EngineCredentials;
  workloads: EngineWorkloads;
};

/** It has all that the isolation probe needs, and what reads and writes volumes. */
const PROBE_IMAGE = 'docker.io/library/busybox:1.37';
const PULL_TIMEOUT_MS = 300_000;
const TIDY_EVERY_MS = 3_600_000;
const INSTALLATION_ID = /^[a-z0-9]{12}$/;
/** Server-side apply of everything that is used here, and user namespaces of pods. */
const VERSION_MIN = 33;

const WATCH_TIMING = {
  watchSeconds: 300,
  // The API server sends a bookmark about once a minute.
  silenceMs: 150_000,
  pauseFirstMs: 200,
  pauseLastMs: 10_000,
  resyncMs: 1_800_000,
};

/**
 * Creates an engine for a cluster. Nothing is contacted before `start`.
 * @throws Error with a sentence if there is no kubeconfig, or the installation id is invalid.
 */
export function kubernetesEngineCreate(options: KubernetesEngineOptions): KubernetesEngine {
  const { installationId, log, now } = options;
  if (!INSTALLATION_ID.test(installationId)) {
    throw new Error(
      `The installation id must be 12 characters of a-z and 0-9, not "${installationId}".`,
    );
  }
  const context = { installationId, log, now };
  const api = kubeApiCreate(options.kubeconfig);
  const cache = objectCacheCreate(api);
  const hub = hintHubCreate();
  const nameWaiters = nameWaitersCreate();
  const seen = seenContainersCreate(installationId);
  const networks = clusterNetworksCreate(installationId, api, cache, now);
  const userNamespaces = userNamespacesCreate(context, api);
  const imageStore = imageStoreCreate(installationId, api);
  const store = containerStoreCreate(installationId, api, cache);
  const image = options.probeImage ?? PROBE_IMAGE;
  const transferPods = transferPodsCreate(installationId, api, {
    image,
    hasUserNamespaces: userNamespaces.isPossible,
  });
  const volumes = volumesCreate(context, api, cache, {
    storageClass: options.storageClass,
    tenantEnsure: (id, signal) => tenants.ensure(id, signal),
    transferClear: transferPods.clear,
  });
  const tenants = tenantsCreate(context, api, cache, {
    limits: options.tenantLimits,
    networks,
    storageClass: volumes.storageClass,
    offeredClasses: volumes.offeredClasses,
  });
  const probeIsolation = isolationProbeCreate({
    ...{ context, api, networks, userNamespaces, image },
  });
  const images = imagesCreate(
    context,
    {
      store: imageStore,
      pull: pullCreate(options, api, userNamespaces.isPossible),
      async usedIds(signal) {
        const deployments = await store.listKind<Deployment>('deployments', null, signal);
        return new Set(
          deployments.flatMap(({ spec }) => spec.template.spec.containers[0]?.image ?? []),
        );
      },
      pullTimeoutMs: options.pullTimeoutMs ?? PULL_TIMEOUT_MS,
    },
    hub,
  );
  const containers = containersCreate(context, {
    ...{ api, store, nameWaiters, seen, images: imageStore },
    async pullSecret({ tenantId, ref }, name) {
      const reference = imageReferenceParse(ref);
      // Where people read the namespace, nodes have to sign in by themselves.
      if (reference === null || (await tenants.hasKubectl(tenantId))) return null;
      const credential = await options.registryCredential?.(tenantId, reference);
      if (credential === null || credential === undefined) return null;
      return pullSecretRender(installationId, name, reference.registry, credential);
    },
    tenantEnsure: tenants.ensure,
    hasUserNamespaces: userNamespaces.isPossible,
    volumesRequire: volumes.require,
  });
  const access = accessCreate(api, store);
  const credentials = credentialsCreate({
    ...{ installationId, api, now, publicUrl: options.publicUrl ?? null },
    tenantOpen: (id, signal) => tenants.open(id, signal),
  });
  const workloads = workloadsCreate(installationId, api);
  const closing = new AbortController();
  const transfer = volumeTransferCreate({
    ...{ api, volumes, pods: transferPods, closing: closing.signal },
  });
  const verbDeadlineMs = options.verbDeadlineMs ?? VERB_DEADLINE_MS;
  const verb = <T>(act: (signal: AbortSignal) => Promise<T>, deadlineMs = verbDeadlineMs) =>
    verbRunAs(engineErrorFrom, deadlineMs, (signal) =>
      act(AbortSignal.any([signal, closing.signal])),
    );

  let tidiedAtMs = -Infinity;
  const untilClosed = (signal: AbortSignal) => AbortSignal.any([signal, closing.signal]);

  /** A process that was killed may have left pods. A cluster at rest is not asked each time. */
  async function tidy(signal: AbortSignal): Promise<void> {
    const at = options.now();
    if (at.getTime() < tidiedAtMs + TIDY_EVERY_MS) return;
    await transferPods.tidy(at, signal);
    tidiedAtMs = at.getTime();
  }

  async function* linesRun(parts: AsyncIterable<LogPart>): AsyncGenerator<LogPart> {
    try {
      yield* parts;
    } catch (error) {
      throw engineErrorFrom(error);
    }
  }

  async function versionCheck(signal: AbortSignal): Promise<void> {
    const found = await api.call<{ major: string; minor: string; gitVersion: string }>({
      ...{ method: 'GET', path: '/version', signal },
    });
    if (Number(found.major) > 1 || Number.parseInt(found.minor, 10) >= VERSION_MIN) return;
    throw new EngineError(
      'permanent',
      'engine_too_old',
      `Kubernetes ${found.gitVersion} is too old: version 1.${VERSION_MIN} or newer is needed.`,
    );
  }

  return {
    kind: 'kubernetes',
    restarts: 'engine',
    addressing: 'assigned',

    async close() {
      closing.abort();
      await images.close();
      api.close();
    },

    ping: () =>
      verb(async (signal) => void (await api.call({ method: 'GET', path: '/version', signal }))),

    host: {
      start: () =>
        verb(async (signal) => {
          await versionCheck(signal);
          await tenants.ensureSystem(signal);
        }),
      probeIsolation: () => probeIsolation(closing.signal),
      probeAddresses: () =>
        addressesProbe(installationId, api, closing.signal).catch((error: unknown) => {
          throw engineErrorFrom(error);
        }),
      capacity: async () => ({
        ...{ storageFreeBytes: null, isolationFault: null },
        eventsSilentMs: cache.silentMs(),
      }),
    },

    access: {
      logs: (ref, wanted) => verb((signal) => access.logs(ref, wanted, signal)),
      lines: (ref, range, signal) => linesRun(access.lines(ref, range, untilClosed(signal))),
      follow: (ref, from, signal) => linesRun(access.follow(ref, from, untilClosed(signal))),
      usage: (ref) => verb((signal) => access.usage(ref, signal)),
    },

    credentials: {
      issue: (spec) =>
        verb(
          (signal) => credentials.issue(spec, signal),
          options.verbDeadlineMs ?? ISSUE_DEADLINE_MS,
        ),
      revoke: (key) => verb((signal) => credentials.revoke(key, signal)),
      list: () => verb((signal) => credentials.list(signal)),
    },

    workloads: { list: (tenantId) => verb((signal) => workloads(tenantId, signal)) },

    tenants: {
      ensure: ({ id }) => verb((signal) => tenants.ensure(id, signal)),
      remove: (id) => verb((signal) => tenants.remove(id, signal)),
      list: () => verb((signal) => tenants.list(signal)),
    },

    images: {
      ensure: (request) => verb((signal) => images.ensure(request, signal)),
      observe: (request) => verb((signal) => images.observe(request, signal)),
      abandon: async (containerId) => images.abandon(containerId),
      collect: (keep) => verb((signal) => images.collect(keep, signal)),
    },

    containers: {
      apply: (spec) => verb((signal) => containers.apply(spec, signal)),
      observe: (id) => verb((signal) => containers.observe(id, signal)),
      end: (ref, graceMs) => verb((signal) => containers.end(ref, graceMs, signal)),
      list: () => verb((signal) => containers.list(signal)),
      release: (id) => verb((signal) => containers.release(id, signal)),
    },

    volumes: {
      storage: () => verb((signal) => volumes.storage(signal)),
      apply: (spec) => verb((signal) => volumes.apply(spec, signal)),
      observe: (key) => verb((signal) => volumes.observe(key, signal)),
      remove: (ref) => verb((signal) => volumes.remove(ref, signal)),
      list: () => verb((signal) => volumes.list(signal)),
      tidy: () => verb(tidy),
      usedBytes: async () => null,
      exportTar: transfer.exportTar,
      importTar: transfer.importTar,
    },

    changes: (signal, onGap = () => {}) =>
      hintsFollow(
        hub,
        (done) =>
          changesFollow(
            ...([context, api, cache, hub, nameWaiters, seen] as const),
            { ...WATCH_TIMING, random: options.random },
            onGap,
            done,
          ),
        AbortSignal.any([signal, closing.signal]),
      ),
  };
}
