/** An in-memory engine for tests and benches. It fulfills the contract, with scripted faults and delays. */
import type { ContainerSpec, Engine, LogRun } from '../contract.ts';
import { containerSpecHash, EngineError } from '../contract.ts';
import { fakeCredentialsCreate } from './credentials.ts';
import { containerListing, containerLogs, containerObservation } from './containers.ts';
import type { FakeContainer } from './containers.ts';
import type { FakeVerb } from './faults.ts';
import { subnetsTry } from '../subnets.ts';
import type { SubnetStore, TenantSubnets } from '../subnets.ts';
import { hintStream } from './hints.ts';
import { linesFollow, linesRead, usageOf } from './lines.ts';
import { pullsCreate } from './pulls.ts';
import { startSchedule } from './restarter.ts';
import { tenantEnsure, tenantList, tenantRemove } from './tenants.ts';
import {
  imageVolumesRequire,
  volumesConsume,
  volumesRequire,
  volumeApply,
  volumeExport,
  volumeFind,
  volumeImport,
  volumeObservation,
  volumeOwn,
  volumeRemove,
} from './volumes.ts';
import { imagesCollect } from './world.ts';
import type { FakeWorld } from './world.ts';

export interface FakeEngineOptions {
  installationId: string;
  /** The subnets of tenants' networks. If omitted, networks have none and never conflict. */
  subnets?: SubnetStore;
}

/**
 * Opens a handle on a world. The handles of one installation are its workers: they share its containers, networks and
 * images, and each has its own pulls.
 */
export function fakeEngineCreate(
  world: FakeWorld,
  { installationId, subnets }: FakeEngineOptions,
): Engine {
  // Only this handle receives the ends of its own pulls.
  const ownHints = Symbol(installationId);
  const closing = new AbortController();
  const pulls = pullsCreate(world, installationId, (id) =>
    world.hints.emit(ownHints, { kind: 'container', id }),
  );

  function verb<T>(
    name: FakeVerb,
    subject: number | string | null,
    effect: (halfway: () => void) => T,
  ): Promise<T> {
    return world.faults.run(name, subject, (halfway) => {
      if (world.up) return effect(halfway);
      throw new EngineError('retryable', 'engine_unreachable', 'The engine can not be reached.');
    });
  }

  /** This installation's object with exactly that identity. */
  function own(ref: string): FakeContainer | undefined {
    const container = world.containers.get(ref);
    return container?.installationId === installationId ? container : undefined;
  }

  /** An engine that does not restart processes keeps the lines of all runs of an object together. */
  function ofRun<T extends { run?: LogRun }>(range: T): T {
    if (world.restarts === 'engine') return range;
    const { run: _run, ...rest } = range;
    return rest as T;
  }

  /** Runs a verb that needs the tenant's network. */
  function networkVerb<T>(
    tenantId: number,
    run: (given: TenantSubnets | null) => Promise<T>,
  ): Promise<T> {
    return subnets === undefined ? run(null) : subnetsTry(subnets, tenantId, run);
  }

  function apply(
    spec: ContainerSpec,
    given: TenantSubnets | null,
    halfway: () => void,
  ): FakeContainer {
    const found = world.containerFind(installationId, spec.id);
    const isOfSpec =
      found?.specHash === containerSpecHash(spec) && found.spec.imageId === spec.imageId;
    if (found !== undefined && !isOfSpec) {
      throw new EngineError('conflict', 'differs', 'The engine runs another version of this.');
    }
    tenantEnsure(world, installationId, spec.tenantId, given);
    if (found === undefined) {
      imageVolumesRequire(world, spec);
      volumesRequire(world, installationId, spec);
      // What the engine starts by itself must be free to start before it is there.
      if (world.restarts === 'engine') requireFree(spec);
    }
    const container = found ?? world.containerAdd(installationId, spec);
    const startsItself = world.restarts === 'engine';
    if (startsItself && container.state === 'created') startSchedule(world, container);
    if (found === undefined) halfway();
    if (container.state === 'paused') world.processes.unpause(container);
    container.connected = true;
    if (container.state !== 'running' && startsItself) {
      requireHeld(container);
      if (container.state === 'created') requireFree(spec);
    } else if (container.state !== 'running') {
      requireHeld(container);
      requireFree(spec);
      volumesConsume(world, installationId, spec);
      world.processes.start(container);
    }
    return container;
  }

  /** A container that never ran holds nothing once another has one of its volumes, so it is removed again. */
  function requireHeld(container: FakeContainer): void {
    try {
      volumesRequire(world, installationId, container.spec);
    } catch (error) {
      if (container.state === 'created') world.containerDrop(container);
      throw error;
    }
  }

  /** @throws EngineError while another container runs under this one's name or address. */
  function requireFree(spec: ContainerSpec): void {
    for (const other of world.tenantContainers(installationId, spec.tenantId)) {
      if (other.spec.id === spec.id) continue;
      if (other.state !== 'running' && other.state !== 'paused') continue;
      if (other.spec.name === spec.name) {
        other.nameWaiters = (other.nameWaiters ?? new Set()).add(spec.id);
        const message = `The container that was called "${spec.name}" before is still ending.`;
        throw new EngineError('retryable', 'name_busy', message);
      }
      if (spec.ipv6Address !== null && other.address === spec.ipv6Address) {
        const message = "Another container still has this container's address.";
        throw new EngineError('retryable', 'address_in_use', message);
      }
    }
  }

  return {
    kind: 'fake',
    restarts: world.restarts,
    addressing: world.addressing,
    async close() {
      closing.abort();
      pulls.close();
    },
    ping: () => verb('ping', null, () => {}),
    host: {
      start: () => verb('start', null, () => {}),
      probeIsolation: () =>
        verb('probeIsolation', null, () => ({ state: 'isolated', findings: [], remedies: [] })),
      capacity: () =>
        verb('capacity', null, () => ({
          storageFreeBytes: world.storageFreeBytes,
          isolationFault: null,
        })),
    },
    access: {
      logs: (ref, options) =>
        verb('access.logs', ref, () => {
          const container = own(ref);
          return container === undefined ? '' : containerLogs(container, options);
        }),
      lines: (ref, range) =>
        linesRead((effect) => verb('access.lines', ref, effect), own, ref, ofRun(range)),
      follow: (ref, from, signal) =>
        linesFollow(
          (effect) => verb('access.follow', ref, effect),
          own,
          ...([ref, ofRun(from), AbortSignal.any([signal, closing.signal])] as const),
        ),
      usage: (ref) => verb('access.usage', ref, () => usageOf(own(ref))),
    },
    credentials: fakeCredentialsCreate(world, installationId, verb),
    workloads: {
      list: (id) => verb('workloads.list', id, () => world.workloads.get(id) ?? []),
    },
    tenants: {
      ensure: ({ id }) =>
        networkVerb(id, (given) =>
          verb('tenants.ensure', id, () => tenantEnsure(world, installationId, id, given)),
        ),
      remove: (id) => verb('tenants.remove', id, () => tenantRemove(world, installationId, id)),
      list: () => verb('tenants.list', null, () => tenantList(world, installationId)),
    },
    images: {
      ensure: (request) => verb('images.ensure', request.ref, () => pulls.ensure(request)),
      observe: (request) => verb('images.observe', request.ref, () => pulls.observe(request)),
      abandon: async (containerId) => pulls.release(containerId, []),
      async collect(keep) {
        const kept = await keep();
        return verb('images.collect', null, () => imagesCollect(world, installationId, kept));
      },
    },
    containers: {
      apply: (spec) =>
        networkVerb(spec.tenantId, (given) =>
          verb('containers.apply', spec.id, (halfway) =>
            containerObservation(apply(spec, given, halfway), world.restarts),
          ),
        ),
      observe: (id) =>
        verb('containers.observe', id, () => {
          const container = world.containerFind(installationId, id);
          return container === undefined ? null : containerObservation(container, world.restarts);
        }),
      end: (ref, graceMs) =>
        verb('containers.end', ref, () => {
          const container = own(ref);
          if (container === undefined) return;
          const isUp = container.state === 'running' || container.state === 'paused';
          const isKept = isUp || world.restarts === 'reconciler';
          if (graceMs <= 0 || !isKept) return world.containerDrop(container);
          container.isEnding = world.restarts === 'engine';
          if (isUp) world.processes.stop(container);
        }),
      ...(world.restarts === 'reconciler' && {
        kill: (ref) =>
          verb('containers.kill', ref, () => {
            const container = own(ref);
            if (container !== undefined) world.processes.end(container, 137);
          }),
      }),
      list: () =>
        verb('containers.list', null, () =>
          Array.from(world.containersOf(installationId), (container) =>
            containerListing(container, world.restarts),
          ),
        ),
    },
    volumes: {
      storage: () => verb('volumes.storage', null, () => world.volumeStorage),
      apply: (spec) =>
        verb('volumes.apply', spec.id, () =>
          volumeObservation(world, volumeApply(world, installationId, spec)),
        ),
      observe: (key) =>
        verb('volumes.observe', key.id, () => {
          const volume = volumeFind(world, installationId, key);
          return volume === undefined ? null : volumeObservation(world, volume);
        }),
      remove: (ref) => verb('volumes.remove', ref, () => volumeRemove(world, installationId, ref)),
      list: () =>
        verb('volumes.list', null, () =>
          [...world.volumes.values()]
            .filter((volume) => volume.installationId === installationId)
            .map(({ ref, phase, spec: { id, uid, tenantId } }) => ({
              ref,
              id,
              uid,
              tenantId,
              phase,
            })),
        ),
      tidy: () => verb('volumes.tidy', null, () => {}),
      usedBytes: (ref) =>
        verb('volumes.usedBytes', ref, () => {
          const volume = volumeOwn(world, installationId, ref);
          return volume === undefined ? null : Buffer.byteLength(volume.data);
        }),
      exportTar: (ref) =>
        verb('volumes.exportTar', ref, () => volumeExport(world, installationId, ref)),
      importTar: async (ref, tar) =>
        verb('volumes.importTar', ref, () => volumeImport(world, installationId, ref, tar)),
    },
    changes: (signal) =>
      hintStream(
        (listener) => {
          const unlisten = [installationId, ownHints].map((group) =>
            world.hints.listen(group, listener),
          );
          return () => unlisten.forEach((each) => each());
        },
        AbortSignal.any([signal, closing.signal]),
      ),
  };
}
