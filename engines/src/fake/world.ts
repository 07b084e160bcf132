/** A simulated machine with a container engine, shared by all its fake engine handles. */
import type { ContainerSpec, Engine, VolumeStorage } from '../contract.ts';
import { EngineError } from '../contract.ts';
import type { CredentialKey } from '../credentials.ts';
import type { FakeClock } from './clock.ts';
import { containerCreate, processesCreate } from './containers.ts';
import type { FakeContainer, Processes } from './containers.ts';
import { faultsCreate } from './faults.ts';
import type { Faults } from './faults.ts';
import { hintBusCreate } from './hints.ts';
import type { HintBus } from './hints.ts';
import { imageIdOf } from './image.ts';
import type { FakeImage } from './image.ts';
import { seededRandom } from './random.ts';
import { restartSchedule } from './restarter.ts';
import type { TenantSubnets } from '../subnets.ts';
import type { FakeVolume, VolumeBinding } from './volume.ts';
import type { Workload } from '../workloads.ts';

/** How long an engine that assigns addresses needs for that. */
const ASSIGN_MS = 80;
/** How long an object stays after its process was asked to end and has ended. */
const REMOVAL_MS = 20;

export interface FakeWorldOptions {
  clock: FakeClock;
  /** The seed of all randomness in this world. */
  seed: number;
  /** Who restarts processes; default: the reconciler. */
  restarts?: Engine['restarts'];
  /** Who chooses addresses; default: they are given. */
  addressing?: Engine['addressing'];
  /** The image for a reference that was not published; default: `image_not_found`. */
  unknownImage?: FakeImage;
  /** Makes this world's identities differ from those of all others; default: they count from 1. */
  name?: string;
  /** Makes the tokens of kubeconfigs; default: they are counted. */
  tokenCreate?: () => string;
}

export interface FakeTenant {
  ref: string;
  /** Null for a network that DollarBox did not create. */
  installationId: string | null;
  id: number;
  /** Null for a network without subnets that others could want. */
  subnets: TenantSubnets | null;
}

/** What gives a person access to a tenant's place. */
export interface FakeCredential extends CredentialKey {
  installationId: string;
  token: string;
}

/** What a reference on the engine stands for. */
export interface HeldReference {
  imageId: string;
  /** The installations that pulled it. */
  pulledBy: Set<string>;
}

export interface FakeWorld {
  clock: FakeClock;
  /** Uniform in [0, 1), derived from the seed. */
  random(): number;
  faults: Faults;
  hints: HintBus;
  restarts: Engine['restarts'];
  addressing: Engine['addressing'];
  storageFreeBytes: number | null;
  /** The largest volume that can be created; by default there is no limit. */
  volumeMaxGb: number;
  /** Takes effect for volumes created later. Default: a volume is bound at once. */
  volumeBinding: VolumeBinding;
  /** How new volumes are stored: as `fake`, or `fake-loose`. */
  volumeStorage: VolumeStorage;
  /** Makes `reference` pullable or gives it another image; null removes it. */
  publish(reference: string, image: FakeImage | null): void;
  /** The image that the registry has under `reference`. */
  published(reference: string): FakeImage | null;
  /** Images on the engine by id, with the references to them. */
  images: Map<string, FakeImage>;
  references: Map<string, HeldReference>;
  /** Containers of all installations by ref, oldest first. */
  containers: Map<string, FakeContainer>;
  tenants: Map<string, FakeTenant>;
  /** Of all installations, by account. */
  credentials: Map<string, FakeCredential>;
  /** What people run with tools of their own, by tenant. */
  workloads: Map<number, Workload[]>;
  /** Volumes of all installations by ref. */
  volumes: Map<string, FakeVolume>;
  processes: Processes;
  /** False between `tamper.engineStop()` and `engineStart()`, when every verb fails. */
  up: boolean;
  /** Called at each engine stop, when work in progress is lost. */
  onStop: Set<() => void>;
  containerFind(installationId: string, id: number): FakeContainer | undefined;
  /** The containers of one installation. */
  containersOf(installationId: string): Iterable<FakeContainer>;
  /** The containers on one tenant's network, running or not. */
  tenantContainers(installationId: string, tenantId: number): Iterable<FakeContainer>;
  /** Creates a container without starting it. @throws EngineError `image_missing`. */
  containerAdd(installationId: string, spec: ContainerSpec): FakeContainer;
  containerDrop(container: FakeContainer): void;
  /** Somebody runs a second object with the same marks on it: it is listed, and not what `containerFind` finds. */
  containerCopy(container: FakeContainer): FakeContainer;
  /** Returns an identity that was never used before. */
  nextRef(kind: string): string;
  /** Returns the token of a new kubeconfig. */
  tokenCreate(): string;
}

/** Creates an empty world: no images published, nothing running, no faults. */
export function fakeWorldCreate(options: FakeWorldOptions): FakeWorld {
  const { clock, unknownImage = null, restarts = 'reconciler' } = options;
  const { addressing = 'given' } = options;
  const random = seededRandom(options.seed);
  const hints = hintBusCreate(clock, random);
  const published = new Map<string, FakeImage | null>();
  const byInstallation = new Map<string, Map<number, FakeContainer>>();
  const byTenant = new Map<string, Set<FakeContainer>>();
  /** By installation and container. */
  const assigned = new Map<string, string>();
  const copies = new Set<FakeContainer>();
  const prefix = options.name === undefined ? '' : `${options.name}-`;
  let refs = 0;

  function tenantKey(installationId: string, tenantId: number): string {
    return `${installationId} ${tenantId}`;
  }

  /** A container's address is assigned once, a moment after its first object was created. */
  function addressAssign(container: FakeContainer): void {
    const { installationId, spec } = container;
    const key = `${installationId} ${spec.id}`;
    container.address = assigned.get(key) ?? null;
    if (container.address !== null) return;
    clock.schedule(ASSIGN_MS, () => {
      const address = assigned.get(key) ?? `fdaa::${(assigned.size + 1).toString(16)}`;
      assigned.set(key, address);
      const present = world.containerFind(installationId, spec.id);
      if (present === undefined) return;
      present.address = address;
      hints.emit(installationId, { kind: 'container', id: spec.id });
    });
  }

  /** As Kubernetes does: a moment after its end the pod goes with its log, and another moment later the Deployment. */
  function endedRemove(container: FakeContainer): void {
    clock.schedule(REMOVAL_MS, () => {
      container.hasLog = false;
      clock.schedule(REMOVAL_MS, () => {
        if (world.containers.has(container.ref)) world.containerDrop(container);
      });
    });
  }

  function containerChanged(container: FakeContainer): void {
    const { installationId, spec, state, nameWaiters, ref } = container;
    const exitCode = container.lastExit?.code ?? null;
    const ended = state === 'exited' ? { ended: { ref, exitCode } } : {};
    hints.emit(installationId, { kind: 'container', id: spec.id, ...ended });
    if (state !== 'exited') return;
    if (restarts === 'engine') {
      if (!container.isEnding) restartSchedule(world, container);
      else endedRemove(container);
    }
    if (nameWaiters === null) return;
    container.nameWaiters = null;
    for (const id of nameWaiters) hints.emit(installationId, { kind: 'container', id });
  }

  const world: FakeWorld = {
    clock,
    random,
    hints,
    faults: faultsCreate(clock, random),
    restarts,
    addressing,
    storageFreeBytes: null,
    volumeMaxGb: Infinity,
    volumeBinding: { mode: 'immediate', takesMs: 0 },
    volumeStorage: { storageClass: 'fake', isSizeEnforced: true },
    images: new Map(),
    references: new Map(),
    containers: new Map(),
    tenants: new Map(),
    credentials: new Map(),
    workloads: new Map(),
    volumes: new Map(),
    up: true,
    onStop: new Set(),
    processes: processesCreate(clock, containerChanged),
    publish(reference, image) {
      published.set(reference, image);
    },
    published(reference) {
      const image = published.get(reference);
      return image === undefined ? unknownImage : image;
    },
    containerFind: (installationId, id) => byInstallation.get(installationId)?.get(id),
    containersOf: (installationId) => [
      ...(byInstallation.get(installationId)?.values() ?? []),
      ...[...copies].filter((copy) => copy.installationId === installationId),
    ],
    tenantContainers: (installationId, tenantId) =>
      byTenant.get(tenantKey(installationId, tenantId)) ?? [],
    containerAdd(installationId, spec) {
      const image = world.images.get(spec.imageId);
      if (image === undefined) {
        throw new EngineError('not_found', 'image_missing', `The image ${spec.image} is gone.`);
      }
      const ref = world.nextRef('container');
      const atMs = clock.now().getTime();
      const container = containerCreate(ref, installationId, spec, image, atMs);
      const siblings = byInstallation.get(installationId) ?? new Map<number, FakeContainer>();
      byInstallation.set(installationId, siblings.set(spec.id, container));
      const key = tenantKey(installationId, spec.tenantId);
      byTenant.set(key, (byTenant.get(key) ?? new Set()).add(container));
      world.containers.set(container.ref, container);
      if (addressing === 'assigned') addressAssign(container);
      return container;
    },
    containerCopy({ installationId, spec, specHash, image }) {
      const ref = world.nextRef('container');
      const copy = containerCreate(ref, installationId, spec, image, clock.now().getTime());
      copy.specHash = specHash;
      copies.add(copy);
      world.containers.set(ref, copy);
      world.processes.start(copy);
      return copy;
    },
    containerDrop(container) {
      container.isEnding = true;
      world.processes.end(container, 137);
      if (!world.containers.delete(container.ref)) return;
      container.cancelStart?.();
      const { installationId, spec } = container;
      const siblingsById = byInstallation.get(installationId);
      if (siblingsById?.get(spec.id) === container) siblingsById.delete(spec.id);
      copies.delete(container);
      const siblings = byTenant.get(tenantKey(installationId, spec.tenantId));
      siblings?.delete(container);
      if (siblings?.size === 0) byTenant.delete(tenantKey(installationId, spec.tenantId));
      hints.emit(installationId, { kind: 'container', id: spec.id });
      for (const { volume } of spec.volumes) {
        hints.emit(installationId, { kind: 'volume', id: volume.id });
      }
    },
    nextRef: (kind) => `${kind}-${prefix}${(refs += 1)}`,
    tokenCreate: options.tokenCreate ?? (() => world.nextRef('token')),
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
