/** The Docker engine: one machine, one daemon. */
import { VERB_DEADLINE_MS } from '../contract.ts';
import type { Engine, IsolationReport } from '../contract.ts';
import { createDockerApi, dockerSocketPath } from './api.ts';
import { createAttended } from './attended.ts';
import { createHintHub, watchChanges } from './changes.ts';
import { createBringUp } from './container-bring-up.ts';
import { createContainers } from './containers.ts';
import { checkDaemon, readRegistryOptions, readStorageFree } from './daemon.ts';
import { runVerb } from './errors.ts';
import { createFirewall } from './firewall.ts';
import { createImageStore } from './image-store.ts';
import { createImages } from './images.ts';
import { createIsolationProbe } from './isolation-probe.ts';
import { createNameWaiters } from './name-waiters.ts';
import { createNetworks, listBridges } from './networks.ts';
import { ensureProbeImage } from './probe-image.ts';
import type { DockerEngineOptions } from './options.ts';
import { ALL_IPV6 } from './reach.ts';
import { createVolumeVerbs } from './volume-verbs.ts';

export type { DockerEngineOptions, EngineLog, PulledImageStore } from './options.ts';

const PULL_TIMEOUT_MS = 300_000;
const IMAGE_MAX_BYTES = 10 * 1024 ** 3;
const STORAGE_RESERVE_BYTES = 2 * 1024 ** 3;
const INSTALLATION_ID = /^[a-z0-9]{12}$/;

/**
 * Makes an engine of a Docker daemon; nothing is contacted before `start`.
 * @throws Error with a sentence when the daemon's address or the installation id can't be used.
 */
export function createDockerEngine(options: DockerEngineOptions): Engine {
  const { installationId, allowedRegistries, pulledImages, log, now } = options;
  if (!INSTALLATION_ID.test(installationId)) {
    throw new Error(
      `The installation id must be 12 characters of a-z and 0-9, not "${installationId}".`,
    );
  }
  const closedIpv6 = options.closedIpv6 ?? (() => ALL_IPV6);
  const context = { installationId, log, now, closedIpv6 };
  const api = createDockerApi(options);
  const isLocal = dockerSocketPath(options) !== null;
  const nameWaiters = createNameWaiters();
  const hub = createHintHub();
  const attended = createAttended();
  const firewall = createFirewall(context, isLocal, (signal) =>
    listBridges(installationId, api, signal),
  );
  const networks = createNetworks(context, api, firewall, isLocal);
  const onStep = options.onStep ?? (() => {});
  const store = createImageStore(installationId, api);
  const platform = async (signal: AbortSignal) =>
    (await readRegistryOptions(api, [], signal)).platform;
  const verbDeadlineMs = options.verbDeadlineMs ?? VERB_DEADLINE_MS;
  const storageReserveBytes = options.storageReserveBytes ?? STORAGE_RESERVE_BYTES;
  const storageFree = (signal: AbortSignal) => readStorageFree(api, isLocal, signal);
  const volumes = createVolumeVerbs({
    context,
    api,
    isLocal,
    volumesDir: options.volumesDir ?? null,
    isReserved: options.reservesVolumes ?? false,
    storageFree,
    storageReserveBytes,
    anyImage: async (signal) => ensureProbeImage(store, await platform(signal), signal),
    verbDeadlineMs: options.verbDeadlineMs,
    onStep,
  });
  const bringUp = createBringUp({
    ...{ installationId, api, networks, nameWaiters, onStep },
    ...{ mounting: volumes.mounting, ownership: volumes.ownership },
  });
  const containers = createContainers(context, api, bringUp);
  const images = createImages(
    context,
    api,
    store,
    {
      installationId,
      allowedRegistries,
      store,
      pulledImages,
      registries: (signal) => readRegistryOptions(api, allowedRegistries, signal),
      imageMaxBytes: options.imageMaxBytes ?? IMAGE_MAX_BYTES,
      storageReserveBytes,
      storageFree,
      onStep,
    },
    hub,
    options.pullTimeoutMs ?? PULL_TIMEOUT_MS,
  );
  const probe = createIsolationProbe({
    context,
    api,
    store,
    firewall,
    isLocal,
    platform,
  });
  const closing = new AbortController();
  const probes = new Set<Promise<IsolationReport>>();

  const verb = <T>(act: (signal: AbortSignal) => Promise<T>) => runVerb(verbDeadlineMs, act);

  return {
    kind: 'docker',

    async start() {
      await verb(async (signal) => {
        await checkDaemon(options, api, signal);
        await firewall.assert();
      });
      await volumes.start();
    },

    async close() {
      closing.abort();
      await images.close();
      // They remove what they made.
      await Promise.allSettled(probes);
      api.close();
    },

    ping: () =>
      verb(async (signal) => {
        await api.call({ method: 'GET', path: '/_ping', signal });
        await firewall.assertRecent();
      }),

    probeIsolation() {
      const probing = probe(closing.signal);
      probes.add(probing);
      return probing.finally(() => probes.delete(probing));
    },

    capacity: () =>
      verb(async (signal) => {
        await firewall.assertRecent();
        return {
          storageFreeBytes: await readStorageFree(api, isLocal, signal),
          isolationFault: firewall.lossFault(),
        };
      }),

    tenants: {
      ensure: (tenant) => verb((signal) => networks.ensure(tenant, signal)),
      remove: (id) => verb((signal) => networks.remove(id, signal)),
      list: () => verb((signal) => networks.list(signal)),
    },

    images: {
      ensure: (request) => verb((signal) => images.ensure(request, signal)),
      observe: (request) => verb((signal) => images.observe(request, signal)),
      abandon: async (containerId) => images.abandon(containerId),
      collect: (keep) => verb((signal) => images.collect(keep, signal)),
    },

    containers: {
      apply: (spec, tenant) =>
        attended.during(
          spec.id,
          () => verb((signal) => containers.apply(spec, tenant, signal)),
          () => hub.tell('container', spec.id),
        ),
      observe: (id) => verb((signal) => containers.observe(id, signal)),
      stop: (ref) => verb((signal) => containers.stop(ref, signal)),
      remove: (ref) => verb((signal) => containers.remove(ref, signal)),
      list: () => verb((signal) => containers.list(signal)),
      logs: (ref, limits) => verb((signal) => containers.logs(ref, limits, signal)),
    },

    volumes: volumes.verbs,

    changes: (signal, onGap = () => {}) =>
      watchChanges(
        ...([context, api, hub, nameWaiters, attended, onGap] as const),
        AbortSignal.any([signal, closing.signal]),
      ),
  };
}
