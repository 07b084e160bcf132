/** An engine in memory, for tests and benches: the contract, with faults and delays as scripted. */
import type { ContainerSpec, Engine, TenantSpec } from '../contract.ts';
import { containerSpecHash, EngineError } from '../contract.ts';
import { containerListing, containerLogs, containerObservation } from './containers.ts';
import type { FakeContainer } from './containers.ts';
import type { FakeVerb } from './faults.ts';
import { hintStream } from './hints.ts';
import { createPulls } from './pulls.ts';
import { tenantEnsure, tenantList, tenantRemove } from './tenants.ts';
import {
  requireVolumes,
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

/**
 * Opens a handle on a world. Handles of one installation are its workers: they share its containers,
 * networks and images, and each has pulls of its own.
 */
export function createFakeEngine(
  world: FakeWorld,
  { installationId }: { installationId: string },
): Engine {
  // What only this handle hears of: the ends of its own pulls.
  const ownHints = Symbol(installationId);
  const closing = new AbortController();
  const pulls = createPulls(world, installationId, (id) =>
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

  /** This installation's object with that very identity. */
  function own(ref: string): FakeContainer | undefined {
    const container = world.containers.get(ref);
    return container?.installationId === installationId ? container : undefined;
  }

  function apply(spec: ContainerSpec, tenant: TenantSpec, halfway: () => void): FakeContainer {
    const found = world.containerFind(installationId, spec.id);
    if (found !== undefined && found.specHash !== containerSpecHash(spec)) {
      throw new EngineError('conflict', 'differs', 'The engine runs another version of this.');
    }
    tenantEnsure(world, installationId, tenant);
    if (found === undefined) requireVolumes(world, installationId, spec);
    const container = found ?? world.containerAdd(installationId, spec);
    if (found === undefined) halfway();
    if (container.state === 'paused') world.processes.unpause(container);
    container.connected = true;
    if (container.state !== 'running') {
      requireHeld(container);
      requireFree(spec);
      world.processes.start(container);
    }
    return container;
  }

  /** What never ran is removed again when another has one of its volumes: it holds nothing then. */
  function requireHeld(container: FakeContainer): void {
    try {
      requireVolumes(world, installationId, container.spec);
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
      if (other.spec.ipv6Address === spec.ipv6Address) {
        const message = "Another container still has this container's address.";
        throw new EngineError('retryable', 'address_in_use', message);
      }
    }
  }

  return {
    kind: 'fake',
    start: () => verb('start', null, () => {}),
    async close() {
      closing.abort();
      pulls.close();
    },
    ping: () => verb('ping', null, () => {}),
    probeIsolation: () =>
      verb('probeIsolation', null, () => ({ state: 'isolated', findings: [], remedies: [] })),
    capacity: () =>
      verb('capacity', null, () => ({
        storageFreeBytes: world.storageFreeBytes,
        isolationFault: null,
      })),
    tenants: {
      ensure: (tenant) =>
        verb('tenants.ensure', tenant.id, () => tenantEnsure(world, installationId, tenant)),
      remove: (id) => verb('tenants.remove', id, () => tenantRemove(world, installationId, id)),
      list: () => verb('tenants.list', null, () => tenantList(world, installationId)),
    },
    images: {
      ensure: (request) => verb('images.ensure', request.ref, () => pulls.ensure(request)),
      observe: (request) => verb('images.observe', request.ref, () => pulls.observe(request)),
      abandon: async (containerId) => pulls.release(containerId, []),
      collect: (keep) =>
        verb('images.collect', null, () => imagesCollect(world, installationId, keep)),
    },
    containers: {
      apply: (spec, tenant) =>
        verb('containers.apply', spec.id, (halfway) =>
          containerObservation(apply(spec, tenant, halfway)),
        ),
      observe: (id) =>
        verb('containers.observe', id, () => {
          const container = world.containerFind(installationId, id);
          return container === undefined ? null : containerObservation(container);
        }),
      stop: (ref) =>
        verb('containers.stop', ref, () => {
          const container = own(ref);
          if (container !== undefined) world.processes.stop(container);
        }),
      remove: (ref) =>
        verb('containers.remove', ref, () => {
          const container = own(ref);
          if (container !== undefined) world.containerDrop(container);
        }),
      list: () =>
        verb('containers.list', null, () =>
          Array.from(world.containersOf(installationId), containerListing),
        ),
      logs: (ref, options) =>
        verb('containers.logs', ref, () => {
          const container = own(ref);
          return container === undefined ? '' : containerLogs(container, options);
        }),
    },
    volumes: {
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
            .map(({ ref, spec: { id, uid, tenantId } }) => ({ ref, id, uid, tenantId })),
        ),
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
