/** One pretended machine with a container engine on it, shared by all its fake engine handles. */
import type { ContainerSpec, TenantSpec } from '../contract.ts';
import { EngineError } from '../contract.ts';
import type { FakeClock } from './clock.ts';
import { containerCreate, createProcesses } from './containers.ts';
import type { FakeContainer, Processes } from './containers.ts';
import { createFaults } from './faults.ts';
import type { Faults } from './faults.ts';
import { createHintBus } from './hints.ts';
import type { HintBus } from './hints.ts';
import { imageIdOf } from './image.ts';
import type { FakeImage } from './image.ts';
import { seededRandom } from './random.ts';
import type { FakeVolume } from './volumes.ts';

export interface FakeWorldOptions {
  clock: FakeClock;
  /** Of all chance in this world. */
  seed: number;
  /** What a reference that was not published gives; default: `image_not_found`. */
  unknownImage?: FakeImage;
}

export interface FakeTenant {
  ref: string;
  /** Null: a network that no DollarBox made. */
  installationId: string | null;
  spec: TenantSpec;
}

/** What a reference on the engine stands for. */
export interface HeldReference {
  imageId: string;
  /** The installations that pulled it. */
  pulledBy: Set<string>;
}

export interface FakeWorld {
  clock: FakeClock;
  /** Uniform in [0, 1), from the seed. */
  random(): number;
  faults: Faults;
  hints: HintBus;
  storageFreeBytes: number | null;
  /** No volume larger than this can be made; default: any can. */
  volumeMaxGb: number;
  /** Makes `reference` pullable, or what it gives another image; null takes it away. */
  publish(reference: string, image: FakeImage | null): void;
  /** What the registry has under `reference`. */
  published(reference: string): FakeImage | null;
  /** Images on the engine by id, and what refers to them. */
  images: Map<string, FakeImage>;
  references: Map<string, HeldReference>;
  /** Containers of all installations by ref, oldest first. */
  containers: Map<string, FakeContainer>;
  tenants: Map<string, FakeTenant>;
  /** Volumes of all installations by ref. */
  volumes: Map<string, FakeVolume>;
  processes: Processes;
  /** False between `tamper.engineStop()` and `engineStart()`: every verb fails. */
  up: boolean;
  /** Called at each engine stop: what was under way is lost. */
  onStop: Set<() => void>;
  containerFind(installationId: string, id: number): FakeContainer | undefined;
  /** The containers of one installation. */
  containersOf(installationId: string): Iterable<FakeContainer>;
  /** Those on one tenant's network, running or not. */
  tenantContainers(installationId: string, tenantId: number): Iterable<FakeContainer>;
  /** Makes it, not started. @throws EngineError `image_missing`. */
  containerAdd(installationId: string, spec: ContainerSpec): FakeContainer;
  containerDrop(container: FakeContainer): void;
  /** An identity never used before. */
  nextRef(kind: string): string;
}

/** Makes an empty world: no images published, nothing running, no faults. */
export function createFakeWorld(options: FakeWorldOptions): FakeWorld {
  const { clock, unknownImage = null } = options;
  const random = seededRandom(options.seed);
  const hints = createHintBus(clock, random);
  const published = new Map<string, FakeImage | null>();
  const byInstallation = new Map<string, Map<number, FakeContainer>>();
  const byTenant = new Map<string, Set<FakeContainer>>();
  let refs = 0;

  function tenantKey(installationId: string, tenantId: number): string {
    return `${installationId} ${tenantId}`;
  }

  function containerChanged(container: FakeContainer): void {
    const { installationId, spec, state, nameWaiters, ref, exitCode } = container;
    const ended = state === 'exited' ? { ended: { ref, exitCode } } : {};
    hints.emit(installationId, { kind: 'container', id: spec.id, ...ended });
    if (state !== 'exited' || nameWaiters === null) return;
    container.nameWaiters = null;
    for (const id of nameWaiters) hints.emit(installationId, { kind: 'container', id });
  }

  const world: FakeWorld = {
    clock,
    random,
    hints,
    faults: createFaults(clock, random),
    storageFreeBytes: null,
    volumeMaxGb: Infinity,
    images: new Map(),
    references: new Map(),
    containers: new Map(),
    tenants: new Map(),
    volumes: new Map(),
    up: true,
    onStop: new Set(),
    processes: createProcesses(clock, containerChanged),
    publish(reference, image) {
      published.set(reference, image);
    },
    published(reference) {
      const image = published.get(reference);
      return image === undefined ? unknownImage : image;
    },
    containerFind: (installationId, id) => byInstallation.get(installationId)?.get(id),
    containersOf: (installationId) => byInstallation.get(installationId)?.values() ?? [],
    tenantContainers: (installationId, tenantId) =>
      byTenant.get(tenantKey(installationId, tenantId)) ?? [],
    containerAdd(installationId, spec) {
      const image = world.images.get(spec.imageId);
      if (image === undefined) {
        throw new EngineError('not_found', 'image_missing', `The image ${spec.image} is gone.`);
      }
      const container = containerCreate(world.nextRef('container'), installationId, spec, image);
      const siblings = byInstallation.get(installationId) ?? new Map<number, FakeContainer>();
      byInstallation.set(installationId, siblings.set(spec.id, container));
      const key = tenantKey(installationId, spec.tenantId);
      byTenant.set(key, (byTenant.get(key) ?? new Set()).add(container));
      world.containers.set(container.ref, container);
      return container;
    },
    containerDrop(container) {
      world.processes.end(container, 137);
      if (!world.containers.delete(container.ref)) return;
      const { installationId, spec } = container;
      byInstallation.get(installationId)?.delete(spec.id);
      const siblings = byTenant.get(tenantKey(installationId, spec.tenantId));
      siblings?.delete(container);
      if (siblings?.size === 0) byTenant.delete(tenantKey(installationId, spec.tenantId));
      hints.emit(installationId, { kind: 'container', id: spec.id });
      for (const { volume } of spec.volumes) {
        hints.emit(installationId, { kind: 'volume', id: volume.id });
      }
    },
    nextRef: (kind) => `${kind}-${(refs += 1)}`,
  };
  return world;
}

/** Puts `image` on the engine under `reference`, as the end of a pull does. */
export function imageHold(
  world: FakeWorld,
  reference: string,
  image: FakeImage,
  installationId: string,
): void {
  const imageId = imageIdOf(reference, image);
  const before = world.references.get(reference);
  const pulledBy = before?.imageId === imageId ? before.pulledBy : new Set<string>();
  world.references.set(reference, { imageId, pulledBy: pulledBy.add(installationId) });
  world.images.set(imageId, image);
}

/** Removes what this installation pulled and nothing needs. Returns the references removed. */
export function imagesCollect(
  world: FakeWorld,
  installationId: string,
  keep: ReadonlySet<string>,
): string[] {
  const used = new Set<string>();
  for (const { spec } of world.containers.values()) used.add(spec.imageId);
  const removed: string[] = [];
  for (const [reference, { imageId, pulledBy }] of world.references) {
    if (!pulledBy.has(installationId) || used.has(imageId)) continue;
    if (keep.has(reference) || keep.has(imageId)) continue;
    pulledBy.delete(installationId);
    if (pulledBy.size > 0) continue;
    world.references.delete(reference);
    removed.push(reference);
  }
  const referred = new Set([...world.references.values()].map(({ imageId }) => imageId));
  for (const imageId of world.images.keys()) {
    if (!used.has(imageId) && !referred.has(imageId) && !keep.has(imageId)) {
      world.images.delete(imageId);
    }
  }
  return removed;
}
