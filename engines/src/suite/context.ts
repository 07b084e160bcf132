/** What the suite's tests share: one setup, ids, images at hand, waiting, and cleaning up. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TestContext } from 'node:test';
import { EngineError } from '../contract.ts';
import type {
  ContainerObservation,
  ContainerSpec,
  Engine,
  EngineErrorKind,
  ImageRequest,
  ImageState,
  TenantSpec,
  VolumeKey,
  VolumeMount,
  VolumeObservation,
  VolumeSpec,
} from '../contract.ts';
import type { SuiteSetup } from './setup.ts';

const WAIT_MS = 60_000;
const TEST_TIMEOUT_MS = 120_000;
export const LONG_AGO = new Date(0);

/** A test that fails when it hangs, so that what it made is still cleaned up. */
export function engineTest(name: string, work: (t: TestContext) => Promise<void> | void): void {
  test(name, { timeout: TEST_TIMEOUT_MS }, work);
}

export interface SuiteContext extends SuiteSetup {
  tenant: TenantSpec;
  nextId(): number;
  /** Waits until `probe` gives something. */
  waitFor<T>(what: string, probe: () => Promise<T | null | undefined | false>): Promise<T>;
  request(ref: string, options?: Partial<ImageRequest>): ImageRequest;
  /** Waits for the end of the pull that `request` is about. */
  pulled(request: ImageRequest): Promise<ImageState>;
  /** A spec of an image that is there, with an id of its own. */
  spec(ref: string, changes?: Partial<ContainerSpec>): Promise<ContainerSpec>;
  /** Makes a volume of 1 GB. */
  volume(changes?: Partial<VolumeSpec>): Promise<VolumeObservation>;
  /** A spec of a volume, with an id and an uid of its own. */
  volumeSpec(changes?: Partial<VolumeSpec>): VolumeSpec;
  apply(spec: ContainerSpec): Promise<ContainerObservation>;
  observed(id: number): Promise<ContainerObservation>;
  inState(id: number, state: ContainerObservation['state']): Promise<ContainerObservation>;
  /** Waits until the clock shows a later time than now: what happens then can be told from before. */
  later(): Promise<Date>;
  /** Removes what a test left, the first tenant's network excepted. */
  clean(): Promise<void>;
}

export function createSuiteContext(setup: SuiteSetup): SuiteContext {
  const { engine } = setup;
  const [tenant] = setup.tenants;
  let lastId = 0;

  async function waitFor<T>(
    what: string,
    probe: () => Promise<T | null | undefined | false>,
  ): Promise<T> {
    const endMs = setup.now().getTime() + WAIT_MS;
    for (;;) {
      const found = await probe();
      if (found !== null && found !== undefined && found !== false) return found;
      if (setup.now().getTime() > endMs) assert.fail(`${what}: not within ${WAIT_MS / 1000} s`);
      await setup.tick();
    }
  }

  async function pulled(request: ImageRequest): Promise<ImageState> {
    return waitFor(`end of the pull of ${request.ref}`, async () => {
      const state = await engine.images.observe(request);
      return state.state !== 'queued' && state.state !== 'pulling' && state;
    });
  }

  function request(ref: string, options: Partial<ImageRequest> = {}): ImageRequest {
    return { ref, tenantId: tenant.id, since: LONG_AGO, containerId: 0, ...options };
  }

  async function observed(id: number): Promise<ContainerObservation> {
    const found = await engine.containers.observe(id);
    assert.ok(found !== null, `the engine holds nothing for container ${id}`);
    return found;
  }

  function volumeSpec(changes: Partial<VolumeSpec> = {}): VolumeSpec {
    const id = changes.id ?? (lastId += 1);
    const uid = `suite${id}`.padEnd(16, '0');
    return { id, uid, tenantId: tenant.id, name: `disk-${id}`, sizeGb: 1, ...changes };
  }

  return {
    ...setup,
    tenant,
    volumeSpec,
    volume: (changes) => engine.volumes.apply(volumeSpec(changes)),
    nextId: () => (lastId += 1),
    waitFor,
    request,
    pulled,
    observed,
    async spec(ref, changes = {}) {
      await engine.images.ensure(request(ref));
      const image = await pulled(request(ref));
      assert.equal(image.state, 'present', JSON.stringify(image));
      const id = changes.id ?? (lastId += 1);
      return {
        id,
        tenantId: tenant.id,
        name: `box-${id}`,
        image: ref,
        imageId: image.state === 'present' ? image.imageId : '',
        env: {},
        command: [],
        ports: [],
        ipv6Address: addressIn(tenant, id),
        volumes: [],
        ...changes,
      };
    },
    async later() {
      const before = setup.now();
      while (setup.now() <= before) await setup.tick();
      return setup.now();
    },
    apply: (spec) => engine.containers.apply(spec, tenant),
    inState: (id, state) =>
      waitFor(`container ${id} ${state}`, async () => {
        const found = await engine.containers.observe(id);
        return found?.state === state && found;
      }),
    async clean() {
      for (const { ref } of await engine.containers.list()) await engine.containers.remove(ref);
      for (const { ref } of await engine.volumes.list()) await engine.volumes.remove(ref);
      for (const { id } of await engine.tenants.list()) {
        if (id !== tenant.id) await engine.tenants.remove(id);
      }
    },
  };
}

/** An address of the tenant's, for container `id`. */
export function addressIn(tenant: TenantSpec, id: number): string {
  return tenant.ipv6Subnet.replace(/::\/64$/, `::${(0x100 + id).toString(16)}`);
}

/** A container's mount of that volume. */
export function mountOf({ id, uid }: VolumeKey, mountPath = '/data'): VolumeMount {
  return { volume: { id, uid }, mountPath };
}

/** The work fails with an EngineError of that kind and reason, and a sentence. */
export async function rejectsWith(
  work: Promise<unknown>,
  kind: EngineErrorKind,
  reason?: string,
): Promise<void> {
  await assert.rejects(work, (error: unknown) => {
    assert.ok(error instanceof EngineError, `not an EngineError: ${String(error)}`);
    assert.equal(error.kind, kind, error.message);
    if (reason !== undefined) assert.equal(error.reason, reason);
    assert.match(error.message, /\w/);
    return true;
  });
}

/** Runs `work` with a second engine, and closes that. */
export async function withEngine(
  open: () => Promise<Engine>,
  work: (engine: Engine) => Promise<void>,
): Promise<void> {
  const engine = await open();
  try {
    await work(engine);
  } finally {
    await engine.close();
  }
}
