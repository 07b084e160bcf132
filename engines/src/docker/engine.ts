/** The Docker engine: one machine, one daemon. */
import { VERB_DEADLINE_MS } from '../contract.ts';
import type { Engine, EngineHost, IsolationReport } from '../contract.ts';
import { dockerApiCreate, dockerSocketPath } from './daemon/api.ts';
import { attendedCreate } from './daemon/attended.ts';
import { dockerAccessCreate } from './containers/access.ts';
import { changesWatch } from './containers/changes.ts';
import { hintHubCreate } from '../hints.ts';
import { imageVolumesCreate } from './containers/image-volumes.ts';
import { startCheckCreate } from './containers/start-check.ts';
import { bringUpCreate } from './containers/container-bring-up.ts';
import { dockerContainersCreate } from './containers/containers.ts';
import { ownContainersCreate } from './containers/own-containers.ts';
import { daemonCheck, registryOptionsRead, storageFreeRead } from './daemon/daemon.ts';
import { verbRun } from './daemon/errors.ts';
import { firewallCreate } from './network/firewall.ts';
import { imageStoreCreate } from './images/image-store.ts';
import { dockerImagesCreate } from './images/images.ts';
import { layerReuseCreate } from './images/layer-reuse.ts';
import { layerShelfCreate } from './images/layer-shelf.ts';
import { isolationProbeCreate } from './network/isolation-probe.ts';
import { nameWaitersCreate } from '../name-waiters.ts';
import { networksCreate, bridgesList } from './network/networks.ts';
import { probeImageEnsure } from './network/probe-image.ts';
import type { DockerEngineOptions } from './base/options.ts';
import { ALL_IPV6 } from './network/reach.ts';
import { volumeVerbsCreate } from './volumes/volume-verbs.ts';

export type { DockerEngineOptions, EngineLog, PulledImageStore } from './base/options.ts';

/** A Docker engine always has a host to manage. */
export type DockerEngine = Engine & { host: EngineHost };

const PULL_TIMEOUT_MS = 300_000;
const IMAGE_MAX_BYTES = 10 * 1024 ** 3;
const STORAGE_RESERVE_BYTES = 2 * 1024 ** 3;
const PROBE_END_MS = { creation: 1000, removal: 2000 };
const INSTALLATION_ID = /^[a-z0-9]{12}$/;

/**
 * Creates an engine for a Docker daemon. Nothing is contacted before `start`.
 * @throws Error with a sentence if the daemon's address or the installation id is invalid.
 */
export function dockerEngineCreate(options: DockerEngineOptions): DockerEngine {
  const { installationId, allowedRegistries, pulledImages, imageRights, log, now } = options;
  if (!INSTALLATION_ID.test(installationId)) {
    throw new Error(
      `The installation id must be 12 characters of a-z and 0-9, not "${installationId}".`,
    );
  }
  const closedIpv6 = options.closedIpv6 ?? (() => ALL_IPV6);
  const { isLocalImageAllowed } = options;
  const context = {
    ...{ installationId, log, now, closedIpv6 },
    ...(isLocalImageAllowed !== undefined && { isLocalImageAllowed }),
  };
  const api = dockerApiCreate(options);
  const isLocal = dockerSocketPath(options) !== null;
  const nameWaiters = nameWaitersCreate();
  const hub = hintHubCreate();
  const attended = attendedCreate();
  const firewall = firewallCreate(
    context,
    isLocal,
    (signal) => bridgesList(installationId, api, signal),
    options.connectionsMax,
  );
  const networks = networksCreate(context, options.subnets, api, firewall, isLocal);
  const onStep = options.onStep ?? (() => {});
  const store = imageStoreCreate(installationId, api);
  const platform = async (signal: AbortSignal) =>
    (await registryOptionsRead(api, [], signal)).platform;
  const verbDeadlineMs = options.verbDeadlineMs ?? VERB_DEADLINE_MS;
  const storageReserveBytes = options.storageReserveBytes ?? STORAGE_RESERVE_BYTES;
  const storageFree = (signal: AbortSignal) => storageFreeRead(api, isLocal, signal);
  const volumes = volumeVerbsCreate({
    context,
    api,
    isLocal,
    volumesDir: options.volumesDir ?? null,
    isReserved: options.reservesVolumes ?? false,
    storageFree,
    storageReserveBytes,
    anyImage: async (signal) => probeImageEnsure(store, await platform(signal), signal),
    verbDeadlineMs: options.verbDeadlineMs,
    onStep,
  });
  const imageVolumes = imageVolumesCreate(api);
  const bringUp = bringUpCreate({
    ...{ installationId, api, networks, nameWaiters, onStep, imageVolumes },
    startCheck: startCheckCreate(installationId, api, imageVolumes, isLocal),
    ...{ mounting: volumes.mounting, ownership: volumes.ownership },
  });
  const own = ownContainersCreate();
  const containers = dockerContainersCreate(context, api, bringUp, own, isLocal);
  const access = dockerAccessCreate(context, api, own, verbDeadlineMs);
  const images = dockerImagesCreate(
    context,
    api,
    store,
    {
      installationId,
      allowedRegistries,
      store,
      pulledImages,
      imageRights,
      reuse: layerReuseCreate(store, imageRights),
      shelf: layerShelfCreate({ folder: options.layersDir ?? null, now, storageReserveBytes }),
      credentialOf: options.registryCredential ?? (async () => null),
      registries: async (signal) => ({
        ...(await registryOptionsRead(api, allowedRegistries, signal)),
        proxyEnvironment: options.proxyEnvironment ?? {},
      }),
      imageMaxBytes: options.imageMaxBytes ?? IMAGE_MAX_BYTES,
      storageReserveBytes,
      storageFree,
      onStep,
    },
    hub,
    options.pullTimeoutMs ?? PULL_TIMEOUT_MS,
  );
  const probe = isolationProbeCreate({
    context,
    api,
    store,
    firewall,
    isLocal,
    platform,
    endMs: options.probeEndMs ?? PROBE_END_MS,
    onStep: options.onProbeStep ?? (() => {}),
  });
  const closing = new AbortController();
  const probes = new Set<Promise<IsolationReport>>();

  const untilClosed = (signal: AbortSignal) => AbortSignal.any([signal, closing.signal]);
  const verb = <T>(act: (signal: AbortSignal) => Promise<T>) => verbRun(verbDeadlineMs, act);

  return {
    kind: 'docker',
    restarts: 'reconciler',
    addressing: 'given',

    async close() {
      closing.abort();
      await images.close();
      // They remove the objects that they created.
      await Promise.allSettled(probes);
      api.close();
    },

    ping: () =>
      verb(async (signal) => {
        await api.call({ method: 'GET', path: '/_ping', signal });
        await firewall.assertRecent();
      }),

    host: {
      async start() {
        await verb(async (signal) => {
          await daemonCheck(options, api, signal);
          await firewall.assert();
        });
        await volumes.start();
      },

      probeIsolation() {
        const probing = probe(closing.signal);
        probes.add(probing);
        return probing.finally(() => probes.delete(probing));
      },

      capacity: () =>
        verb(async (signal) => {
          await firewall.assertRecent();
          return {
            storageFreeBytes: await storageFreeRead(api, isLocal, signal),
            isolationFault: firewall.lossFault(),
          };
        }),
    },

    access: {
      logs: (ref, options) => verb((signal) => access.logs(ref, options, signal)),
      lines: (ref, range, signal) => access.lines(ref, range, untilClosed(signal)),
      follow: (ref, from, signal) => access.follow(ref, from, untilClosed(signal)),
      usage: (ref, wanted = {}) => verb((signal) => access.usage(ref, wanted, signal)),
    },

    tenants: {
      ensure: (tenant) => verb((signal) => networks.ensure(tenant.id, signal)),
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
      apply: (spec) =>
        attended.during(
          spec.id,
          () => verb((signal) => containers.apply(spec, signal)),
          () => hub.tell('container', spec.id),
        ),
      observe: (id) => verb((signal) => containers.observe(id, signal)),
      end: (ref, graceMs) => verb((signal) => containers.end(ref, graceMs, signal)),
      kill: (ref) => verb((signal) => containers.kill(ref, signal)),
      list: () => verb((signal) => containers.list(signal)),
    },

    volumes: volumes.verbs,

    changes: (signal, onGap = () => {}) =>
      changesWatch(
        ...([context, api, hub, nameWaiters, attended, onGap] as const),
        untilClosed(signal),
      ),
  };
}
